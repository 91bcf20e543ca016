"""The existing stakeholders that a register may refer to, as small records with only the values that are compared.

Only records visible to the importing user are loaded: others are treated as if they did not exist.
"""

from dataclasses import dataclass
from datetime import date

from relations.imports.cells import normalized_name
from relations.models import ContactPerson

LOADED_FIELDS = ("pk", "version", "number", "name", "responsible", "responsible__name")


@dataclass(slots=True)
class ExistingPerson:
    """A current contact person; `version` is the version as read."""

    pk: int
    version: int
    name: str
    title: str
    phone: str
    level: str
    is_main: bool


@dataclass(slots=True)
class ExistingTerm:
    """A term that is not void; `stakeholder` is the pk of its stakeholder."""

    number: str
    pk: int
    version: int
    stakeholder: int
    starts_on: date
    ends_on: date
    ended_on: date | None


@dataclass(slots=True)
class ExistingRow:
    """A stakeholder as read: `responsible` is the pk of its worker and `worker` the name.

    `values` is {field: value} of the kind's own columns. `term` is the one with the latest last day, loaded only
    when the register gives the number of the stakeholder.
    """

    pk: int
    version: int
    number: str
    name: str
    responsible: int | None
    worker: str
    values: dict
    people: list
    term: ExistingTerm | None = None

    @property
    def main(self):
        return next((person for person in self.people if person.is_main), None)

    def release(self):
        """Frees the memory of the compared values of a row that will not be changed."""
        self.people, self.values = (), {}


class ExistingRows:
    """The stakeholders that rows of a register may refer to, by number and by name."""

    def __init__(self, rows):
        self.by_number = {row.number: row for row in rows}
        self.by_name = {}
        for row in rows:
            self.by_name.setdefault(normalized_name(row.name), []).append(row)

    def with_name(self, name):
        return self.by_name.get(normalized_name(name), [])


def visible(spec, by):
    return spec.model.objects.visible_to(by).filter(kind=spec.kind)


def existing_rows(spec, by, names, numbers):
    """Returns the ExistingRows of the stakeholders visible to `by` with one of these names or numbers."""
    rows_by_pk = rows_of(spec, visible(spec, by).filter(name__in=names))
    if numbers:
        rows_by_pk |= rows_of(spec, visible(spec, by).filter(number__in=numbers))
        for term in longest_terms(spec, by, rows_by_pk):
            rows_by_pk[term.stakeholder].term = term
    for person in people_of(rows_by_pk):
        rows_by_pk[person[0]].people.append(ExistingPerson(*person[1:]))
    return ExistingRows(list(rows_by_pk.values()))


def rows_of(spec, stakeholders):
    fields = [column.field for column in spec.own_columns]
    rows = stakeholders.values_list(*LOADED_FIELDS, *fields)
    return {
        row[0]: ExistingRow(*row[:5], row[5] or "", dict(zip(fields, row[6:], strict=True)), [])
        for row in rows
    }


def people_of(pks):
    people = ContactPerson.objects.current().filter(stakeholder__in=pks)
    return people.values_list(
        "stakeholder", "pk", "version", "name", "title", "phone", "level", "is_main"
    ).iterator()


def existing_terms(spec, by, numbers):
    """Returns {number in capitals: [ExistingTerm]} of the terms visible to `by` with these numbers."""
    by_number = {}
    if spec.term:
        for term in terms_of(spec.term.model.objects.visible_to(by).with_number(*numbers)):
            by_number.setdefault(term.number.upper(), []).append(term)
    return by_number


def longest_terms(spec, by, pks):
    """Returns the ExistingTerms of stakeholders, ordered so that the longest-running of each comes last."""
    if not spec.term:
        return []
    own = spec.term.model.objects.visible_to(by).filter(stakeholder__in=pks)
    return terms_of(own.order_by("last_day", "pk"))


def terms_of(rows):
    shown = ("number", "pk", "version", "stakeholder", "starts_on", "ends_on", "ended_on")
    return [ExistingTerm(*row) for row in rows.values_list(*shown)]
