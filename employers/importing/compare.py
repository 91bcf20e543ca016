"""What a read register would change: checks across rows and against what is kept, then old and new side by side."""

from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from accounts.models import User
from accounts.roles import Permission, Tier
from employers.importing.cells import name_key
from employers.models import BodyType, Contract, Employer

AT_ONCE = 400
NEW, CHANGED, SAME, FAULTY = "new", "changed", "same", "faulty"


@dataclass
class Change:
    """One value that would change: where, what stands now, what the file says."""

    label: str
    old: str
    new: str


@dataclass
class Plan:
    """What becomes of one row."""

    candidate: object
    employer: Employer | None = None
    worker: User | None = None
    changes: list = field(default_factory=list)
    fields: dict = field(default_factory=dict)
    new_people: list = field(default_factory=list)
    changed_people: list = field(default_factory=list)
    kept_people: list = field(default_factory=list)
    new_contract: bool = False
    changed_contract: Contract | None = None

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
        return any(person.is_main and person.left_on is None for person in self.kept_people)


def plan(candidates, by):
    """Compares the candidates with what is kept and with each other; returns a Plan for each, in order.

    Faults found on the way are added to the candidates. A fixed number of queries for each few hundred rows.
    """
    check_doubles(candidates)
    workers = workers_by_name()
    plans = []
    for start in range(0, len(candidates), AT_ONCE):
        plans += plan_some(candidates[start : start + AT_ONCE], by, workers)
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
    known = kept_employers(candidates)
    seen = set(
        Employer.objects.visible_to(by)
        .filter(pk__in=[e.pk for e in known.values()])
        .values_list("pk", flat=True)
    )
    contracts = kept_contracts(candidates)
    return [
        plan_one(found, known.get(name_key(found.name)), seen, workers, contracts, by) for found in candidates
    ]


def kept_employers(candidates):
    names = {found.name for found in candidates} | {
        found.name.replace("(", "（").replace(")", "）") for found in candidates
    }
    rows = Employer.objects.filter(name__in=names, voided_at=None).select_related("responsible")
    return {name_key(employer.name): employer for employer in rows.prefetch_related("contacts")}


def kept_contracts(candidates):
    numbers = [found.contract_number for found in candidates if found.contract_number]
    return {contract.number: contract for contract in Contract.objects.valid().filter(number__in=numbers)}


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
    moves = made.worker and made.employer and made.employer.responsible_id != made.worker.pk
    if moves and not by.may(Permission.HAND_OVER):
        now = made.employer.responsible.name if made.employer.responsible else _("未定")
        words = {"now": now, "name": made.worker.name}
        made.candidate.blame(
            "worker",
            made.candidate.worker,
            _("现在由%(now)s负责，改成%(name)s要由督导或管理层转交。请改回%(now)s，或把这一格留空。") % words,
        )


def compare_fields(made):
    """A cell that is empty says nothing: it does not erase what is kept."""
    found, employer = made.candidate, made.employer
    for name in ("body_type", "town", "address", "note"):
        value = getattr(found, name)
        old = getattr(employer, name) if employer else ""
        if value and value != old:
            made.fields[name] = value
            tell(made, name, shown(name, old), shown(name, value))
    if made.worker and employer and employer.responsible_id != made.worker.pk:
        tell(made, "worker", employer.responsible.name if employer.responsible else "", made.worker.name)


def shown(name, value):
    return str(BodyType(value).label) if name == "body_type" and value else value


def tell(made, name, old, new):
    if made.employer:
        made.changes.append(Change(name, old, new))


def compare_people(made):
    made.kept_people = list(made.employer.contacts.all()) if made.employer else []
    kept = {person.name: person for person in made.kept_people if person.left_on is None}
    for person in made.candidate.people:
        before = kept.get(person.name)
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
    if contract and (made.employer is None or contract.stakeholder_id != made.employer.pk):
        found.blame("contract_number", found.contract_number, _("这个合同编号已经登记在别的单位。"))
    elif contract is None:
        made.new_contract = True
        tell(made, "contract_number", "", found.contract_number)
    elif (contract.starts_on, contract.ends_on) != (found.starts_on, found.ends_on):
        made.changed_contract = contract
        tell(made, "starts_on", contract.starts_on.isoformat(), found.starts_on.isoformat())
        tell(made, "ends_on", contract.ends_on.isoformat(), found.ends_on.isoformat())
