"""What the system keeps of the employers of a register, no more of it than is compared: one small record for each.

All of it lies within the sight of whoever imports: a record out of sight answers as one that is not there.
"""

from dataclasses import dataclass
from datetime import date

from employers.importing.cells import name_key
from employers.models import Contract, Employer
from relations.models import ContactPerson, Kind

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
    """A contract that is not void; `employer` is the pk of its employer."""

    number: str
    pk: int
    version: int
    employer: int
    starts_on: date
    ends_on: date
    ended_on: date | None


@dataclass(slots=True)
class Kept:
    """An employer as it was read: `responsible` is the pk of its worker and `worker` the name.

    `contract` is the one that runs longest, asked for only when the register names the employer by its number.
    """

    pk: int
    version: int
    number: str
    name: str
    responsible: int | None
    worker: str
    body_type: str
    town: str
    address: str
    note: str
    people: list
    contract: KeptContract | None = None

    @property
    def main(self):
        return next((person for person in self.people if person.is_main), None)

    def forget(self):
        """Nothing will be changed: what was compared is let go."""
        self.people, self.address, self.note = (), "", ""


class Known:
    """The employers that rows of a register may mean, by number and by name."""

    def __init__(self, rows):
        self.by_number = {employer.number: employer for employer in rows}
        self.by_name = {}
        for employer in rows:
            self.by_name.setdefault(name_key(employer.name), []).append(employer)

    def named(self, name):
        return self.by_name.get(name_key(name), [])


def employers(by, names, numbers):
    """Known of the employers within the sight of `by` that have one of these names or numbers."""
    visible = Employer.objects.visible_to(by).filter(kind=Kind.EMPLOYER)
    found = rows_of(visible.filter(name__in=names))
    if numbers:
        found |= rows_of(visible.filter(number__in=numbers))
        for contract in contracts_of(by, found):
            found[contract.employer].contract = contract
    for person in people_of(found):
        found[person[0]].people.append(KeptPerson(*person[1:]))
    return Known(list(found.values()))


def rows_of(employers):
    rows = employers.values_list(
        "pk", "version", "number", "name", "responsible", "responsible__name", *FIELDS
    )
    return {row[0]: Kept(*row[:5], row[5] or "", *row[6:], []) for row in rows}


def people_of(pks):
    people = ContactPerson.objects.current().filter(stakeholder__in=pks)
    return people.values_list(
        "stakeholder", "pk", "version", "name", "title", "phone", "level", "is_main"
    ).iterator()


def contracts(by, numbers):
    """{number: [KeptContract]} of the contracts within the sight of `by` under these numbers."""
    found = {}
    for contract in kept_contracts(Contract.objects.visible_to(by).filter(number__in=numbers)):
        found.setdefault(contract.number, []).append(contract)
    return found


def contracts_of(by, pks):
    """The KeptContracts of employers, the one that runs longest as the last of each."""
    own = Contract.objects.visible_to(by).filter(stakeholder__in=pks)
    return kept_contracts(own.order_by("last_day", "pk"))


def kept_contracts(rows):
    shown = ("number", "pk", "version", "stakeholder", "starts_on", "ends_on", "ended_on")
    return [KeptContract(*row) for row in rows.values_list(*shown)]
