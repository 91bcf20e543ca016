"""What a read register would change: checks across rows and against what is kept, then old and new side by side."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from accounts.models import User
from accounts.roles import Permission, Tier
from employers.importing import kept
from employers.importing.cells import name_key
from employers.importing.kept import Kept, KeptContract
from employers.importing.unchanged import leave_out, read_again
from employers.models import BodyType

AT_ONCE = 1000
NEW, CHANGED, SAME, FAULTY = "new", "changed", "same", "faulty"


@dataclass(slots=True)
class Change:
    """One value that would change: where, what stands now, what the file says; both as they are stored."""

    label: str
    old: str
    new: str

    @property
    def words(self):
        """(old, new) as a person reads them."""
        return shown(self.label, self.old), shown(self.label, self.new)


@dataclass(slots=True)
class Plan:
    """What becomes of one row."""

    candidate: object
    employer: Kept | None = None
    worker: User | None = None
    changes: list = ()
    fields: dict | None = None
    new_people: list = ()
    changed_people: list = ()
    new_contract: bool = False
    changed_contract: KeptContract | None = None

    @property
    def result(self):
        if self.candidate.faults:
            return FAULTY
        if self.employer is None:
            return NEW
        return CHANGED if self.changes else SAME

    @property
    def has_main(self):
        """Whether a main contact person stays; otherwise the first of the file becomes the main one."""
        return self.employer is not None and any(person.is_main for person in self.employer.people)

    @property
    def is_another_workers(self):
        """Whether the row names another responsible worker than the one who is kept."""
        return bool(self.worker and self.employer and self.employer.responsible != self.worker.pk)


def plan(candidates, by, tell=lambda done: None):
    """Compares the candidates with what is kept and with each other; returns a Plan for each, in order.

    Faults found on the way are added to the candidates. A fixed number of queries for each thousand rows; `tell`
    is called with the number of rows done. What `by` may not see plays no part in it (employers.duplicates).
    """
    doubles = Doubles()
    workers = workers_by_name()
    plans = []
    for start in range(0, len(candidates), AT_ONCE):
        plans += plan_some(candidates[start : start + AT_ONCE], by, workers, doubles)
        tell(len(plans))
    return plans


class Doubles:
    """What rows of one file must not have in common, with the first row that has it."""

    def __init__(self):
        self.first = {}

    def is_second(self, what, found):
        """The Candidate that had `what` first, or None when this is it."""
        first = self.first.setdefault(what, found)
        return None if first is found else first

    def check_employer(self, found, employer):
        """One employer has one row; a row that has no number of ours is known by its name."""
        first = employer and self.is_second(("employer", employer.pk), found)
        if first and found.number:
            found.blame("number", found.number, _("和%s是同一家单位。") % place_of(first, found))
            return
        is_named = not found.number or (employer and found.name != read_again(employer.name))
        key = name_key(found.name) if is_named else ""
        first = first or (key and self.is_second(("name", key), found))
        if first:
            found.blame("name", found.name, _("和%s同名，一家单位只能有一行。") % place_of(first, found))

    def check_contract(self, found):
        number = found.contract_number
        if number and (first := self.is_second(("contract", number), found)):
            found.blame("contract_number", number, _("这个合同编号在%s已经有了。") % place_of(first, found))


def place_of(other, found):
    if other.sheet == found.sheet:
        return _("第%s行") % other.row
    return _("工作表“%(sheet)s”第%(row)s行") % {"sheet": other.sheet, "row": other.row}


def workers_by_name():
    """{name: [active users who can carry a relationship]}."""
    found = {}
    for user in User.objects.active().of_tier(Tier.RESIDENT).select_related("department"):
        found.setdefault(user.name, []).append(user)
    return found


def plan_some(candidates, by, workers, doubles):
    numbers = {found.number for found in candidates if found.number}
    known = kept.employers(by, names_of(candidates), numbers)
    contracts = kept.contracts(by, [found.contract_number for found in candidates if found.contract_number])
    plans = []
    for found in candidates:
        made = Plan(found, employer_of(found, known))
        doubles.check_employer(found, made.employer)
        doubles.check_contract(found)
        compare(made, known, workers, contracts, by)
        plans.append(made)
    for made in plans:  # only now: two rows of one name share what is kept
        if made.result == SAME:
            made.employer.forget()
    return plans


def employer_of(found, known):
    """The Kept that a row means: by our number when it has one, else by its name; None when it is new."""
    if found.number:
        employer = known.by_number.get(found.number)
        if employer:
            leave_out(found, employer)
        else:
            problem = _("您负责的范围里没有编号是%s的单位，请检查编号；新单位请把编号留空。") % found.number
            found.blame("number", found.number, problem)
        return employer
    named = known.named(found.name)
    if len(named) > 1:
        words = {"count": len(named), "numbers": _("、").join(sorted(each.number for each in named)[:5])}
        problem = _("有%(count)s家单位叫这个名称，请加一列“编号”写明是哪一家（%(numbers)s）。") % words
        found.blame("name", found.name, problem)
    return named[0] if named else None


def names_of(candidates):
    """The names of these rows with brackets as they stand and full-width ones."""
    return {found.name for found in candidates} | {
        found.name.replace("(", "（").replace(")", "）") for found in candidates
    }


def compare(made, known, workers, contracts, by):
    made.worker = worker_of(made.candidate, workers)
    check_hand_over(made, by)
    compare_name(made, known)
    compare_fields(made)
    compare_people(made)
    compare_contract(made, contracts.get(made.candidate.contract_number, ()))


def worker_of(found, workers):
    if not found.worker:
        return None
    named = workers.get(found.worker, [])
    if not named:
        found.blame(
            "worker",
            found.worker,
            _("没有叫“%s”的在职社工。请改成系统里的姓名，或先添加账号。") % found.worker,
        )
    if len(named) > 1:
        found.blame("worker", found.worker, _("有%s位在职社工同名，请在系统里手工指定。") % len(named))
    return named[0] if len(named) == 1 else None


def check_hand_over(made, by):
    """Giving a kept employer to another worker is a hand-over, which is not open to everybody who imports."""
    if made.is_another_workers and not by.may(Permission.HAND_OVER):
        words = {"now": made.employer.worker or _("未定"), "name": made.worker.name}
        made.candidate.blame(
            "worker",
            made.candidate.worker,
            _("现在由%(now)s负责，改成%(name)s要由督导或管理层转交。请改回%(now)s，或把这一格留空。") % words,
        )


def compare_name(made, known):
    """A row that has our number may bring another name; one that another employer has is doubted."""
    found, employer = made.candidate, made.employer
    made.fields = {}
    if not (employer and found.number) or found.name == read_again(employer.name):
        return
    others = [each for each in known.named(found.name) if each.pk != employer.pk]
    if others:
        words = {"number": found.number, "name": employer.name, "other": others[0].number}
        problem = _("编号%(number)s是“%(name)s”，这个名称是%(other)s的，请检查编号和名称。") % words
        found.blame("name", found.name, problem)
    made.fields["name"] = found.name
    tell(made, "name", employer.name, found.name)


def compare_fields(made):
    """A cell that is empty says nothing: it does not erase what is kept."""
    found, employer = made.candidate, made.employer
    for name in kept.FIELDS:
        value = getattr(found, name)
        old = getattr(employer, name) if employer else ""
        if value and value != read_again(old):
            made.fields[name] = value
            tell(made, name, old, value)
    if made.is_another_workers:
        tell(made, "worker", employer.worker, made.worker.name)


def shown(name, value):
    return str(BodyType(value).label) if name == "body_type" and value else value


def tell(made, name, old, new):
    if made.employer:
        made.changes = [*made.changes, Change(name, old, new)]


def compare_people(made):
    people = made.employer.people if made.employer else ()
    titled = {(person.name, person.title): person for person in people}
    named = {person.name: person for person in people}
    made.new_people, made.changed_people = [], []
    for person in made.candidate.people:
        before = person.kept or titled.get((person.name, person.title)) or named.get(person.name)
        if before is None:
            made.new_people.append(person)
            tell(made, "contacts", "", f"{person.name} {person.title}".strip())
        elif (person.title and person.title != before.title) or (
            person.phone and person.phone != before.phone
        ):
            same = titled.get((person.name, person.title or before.title), before)
            if same is not before:
                problem = _("这家单位已经有同名同职务的对接人。")
                made.candidate.blame("titles", person.title, problem)
            made.changed_people.append((before, person))
            tell_person(made, before, person)


def tell_person(made, before, person):
    if person.title and person.title != before.title:
        tell(made, "titles", f"{before.name} {before.title}", f"{person.name} {person.title}")
    if person.phone and person.phone != before.phone:
        tell(made, "phones", before.phone, person.phone)


def compare_contract(made, contracts):
    """`contracts` are the KeptContracts under its number, as far as they lie within one's sight."""
    found = made.candidate
    if not found.contract_number or not (found.starts_on and found.ends_on):
        return
    own = [each for each in contracts if made.employer and each.employer == made.employer.pk]
    if contracts and not own:
        found.blame("contract_number", found.contract_number, _("这个合同编号已经登记在别的单位。"))
    elif not contracts:
        made.new_contract = True
        tell(made, "contract_number", "", found.contract_number)
    elif (own[0].starts_on, own[0].ends_on) != (found.starts_on, found.ends_on):
        made.changed_contract = own[0]
        tell(made, "starts_on", own[0].starts_on.isoformat(), found.starts_on.isoformat())
        tell(made, "ends_on", own[0].ends_on.isoformat(), found.ends_on.isoformat())
