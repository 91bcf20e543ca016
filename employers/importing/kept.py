"""What the system keeps of the employers of a register, no more of it than is compared: one small record for each."""

from dataclasses import dataclass
from datetime import date

from employers.importing.cells import name_key
from employers.models import Contract, Employer
from relations.models import ContactPerson

FIELDS = ("body_type", "town", "address", "note")


@dataclass(slots=True)
class KeptPerson:
    """A contact person in office; `version` is the one that was read."""

    pk: int
    version: int
    name: str
    title: str
    phone: str
    level: str
    is_main: bool


@dataclass(slots=True)
class KeptContract:
    """A contract that is not void; `employer` is the pk of its employer, `last_day` the day that counts."""

    pk: int
    version: int
    employer: int
    starts_on: date
    ends_on: date
    ended_on: date | None


@dataclass(slots=True)
class Kept:
    """An employer as it was read: `responsible` is the pk of its worker and `worker` the name."""

    pk: int
    version: int
    name: str
    responsible: int | None
    worker: str
    body_type: str
    town: str
    address: str
    note: str
    people: list

    def forget(self):
        """Nothing will be changed: what was compared is let go."""
        self.people, self.address, self.note = (), "", ""


def employers(names):
    """{name key: Kept} of the employers with one of these names, with their contact persons in office."""
    rows = Employer.objects.filter(name__in=names, voided_at=None).values_list(
        "pk", "version", "name", "responsible", "responsible__name", *FIELDS
    )
    found = {row[0]: Kept(*row[:4], row[4] or "", *row[5:], []) for row in rows}
    for person in people_of(found):
        found[person[0]].people.append(KeptPerson(*person[1:]))
    return {name_key(employer.name): employer for employer in found.values()}


def people_of(pks):
    people = ContactPerson.objects.current().filter(stakeholder__in=pks)
    return people.values_list(
        "stakeholder", "pk", "version", "name", "title", "phone", "level", "is_main"
    ).iterator()


def seen_by(user, found):
    """The pks of those of the Kept that `user` may see."""
    visible = Employer.objects.visible_to(user)
    return set(visible.filter(pk__in=[employer.pk for employer in found]).values_list("pk", flat=True))


def contracts(numbers):
    """{number: KeptContract} of the contracts in force under these numbers."""
    rows = (
        Contract.objects.valid()
        .filter(number__in=numbers)
        .values_list("number", "pk", "version", "stakeholder", "starts_on", "ends_on", "ended_on")
    )
    return {number: KeptContract(*row) for number, *row in rows}
