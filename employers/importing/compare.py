"""What a read register would change: checks across rows and against what is kept, then old and new side by side."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from accounts.models import User
from accounts.roles import Permission, Tier
from employers.importing import kept
from employers.importing.cells import name_key
from employers.importing.kept import Kept, KeptContract
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
    is called with the number of rows done.
    """
    check_doubles(candidates)
    workers = workers_by_name()
    plans = []
    for start in range(0, len(candidates), AT_ONCE):
        plans += plan_some(candidates[start : start + AT_ONCE], by, workers)
        tell(len(plans))
    return plans


def check_doubles(candidates):
    first_name, first_number = {}, {}
    for found in candidates:
        key = name_key(found.name)
        if key and first_name.setdefault(key, found) is not found:
            found.blame(
                "name", found.name, _("和%s同名，一家单位只能有一行。") % place_of(first_name[key], found)
            )
        number = found.contract_number
        if number and first_number.setdefault(number, found) is not found:
            found.blame(
                "contract_number",
                number,
                _("这个合同编号在%s已经有了。") % place_of(first_number[number], found),
            )


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


def plan_some(candidates, by, workers):
    known = kept.employers(names_of(candidates))
    seen = kept.seen_by(by, known.values())
    contracts = kept.contracts([found.contract_number for found in candidates if found.contract_number])
    plans = [
        plan_one(found, known.get(name_key(found.name)), seen, workers, contracts, by) for found in candidates
    ]
    for made in plans:  # only now: two rows of one name share what is kept
        if made.result == SAME:
            made.employer.forget()
    return plans


def names_of(candidates):
    """The names of these rows with brackets as they stand and full-width ones."""
    return {found.name for found in candidates} | {
        found.name.replace("(", "（").replace(")", "）") for found in candidates
    }


def plan_one(found, employer, seen, workers, contracts, by):
    made = Plan(found, employer)
    if employer and employer.pk not in seen:
        found.blame("name", found.name, _("已经有这家单位，但不在您负责的范围里，请联系督导或管理层。"))
        return made
    made.worker = worker_of(found, workers)
    check_hand_over(made, by)
    compare_fields(made)
    compare_people(made)
    compare_contract(made, contracts.get(found.contract_number))
    return made


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


def compare_fields(made):
    """A cell that is empty says nothing: it does not erase what is kept."""
    found, employer = made.candidate, made.employer
    made.fields = {}
    for name in kept.FIELDS:
        value = getattr(found, name)
        old = getattr(employer, name) if employer else ""
        if value and value != old:
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
        before = titled.get((person.name, person.title)) or named.get(person.name)
        if before is None:
            made.new_people.append(person)
            tell(made, "contacts", "", f"{person.name} {person.title}".strip())
        elif (person.title and person.title != before.title) or (
            person.phone and person.phone != before.phone
        ):
            made.changed_people.append((before, person))
            tell_person(made, before, person)


def tell_person(made, before, person):
    if person.title and person.title != before.title:
        tell(made, "titles", f"{before.name} {before.title}", f"{person.name} {person.title}")
    if person.phone and person.phone != before.phone:
        tell(made, "phones", before.phone, person.phone)


def compare_contract(made, contract):
    found = made.candidate
    if not found.contract_number or not (found.starts_on and found.ends_on):
        return
    if contract and (made.employer is None or contract.employer != made.employer.pk):
        found.blame("contract_number", found.contract_number, _("这个合同编号已经登记在别的单位。"))
    elif contract is None:
        made.new_contract = True
        tell(made, "contract_number", "", found.contract_number)
    elif (contract.starts_on, contract.ends_on) != (found.starts_on, found.ends_on):
        made.changed_contract = contract
        tell(made, "starts_on", contract.starts_on.isoformat(), found.starts_on.isoformat())
        tell(made, "ends_on", contract.ends_on.isoformat(), found.ends_on.isoformat())
