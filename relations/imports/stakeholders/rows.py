"""Converts the cells of a row to a StakeholderEntry, with all faults."""

import re
from dataclasses import dataclass, field
from datetime import date

from django.utils.translation import gettext as _

from relations.imports import cells
from relations.imports.entries import Entry

TITLED = re.compile(r"^(?P<name>[^\s（(]+)[\s（(]+(?P<title>[^）)]+)[）)]?$")
MAX_PEOPLE = 60


@dataclass(slots=True)
class PersonEntry:
    """A contact person in the file; `existing` is the matching ExistingPerson when the row determines it."""

    name: str
    title: str = ""
    phone: str = ""
    existing: object = None


@dataclass(slots=True)
class StakeholderEntry(Entry):
    """One stakeholder in the file. Kinds add an attribute for each of their own columns."""

    people: list = field(default_factory=list)
    term_number: str = ""
    starts_on: date | None = None
    ends_on: date | None = None
    worker: str = ""

    @property
    def has_term(self):
        return bool(self.term_number or self.starts_on or self.ends_on)


def read_row(spec, sheet, number, record, tidied):
    entry = spec.entry(sheet, number, own_number(spec, record.get("number")))
    if entry.number:
        entry.cells = record
    for column in (spec.name_column, *spec.own_columns, spec.by_field["worker"]):
        column.read(entry, record, tidied)
    entry.worker = cells.normalized_heading(entry.worker)
    if not entry.name and not entry.number:
        entry.add_fault(spec.name_column, "", str(spec.row_wording.no_name))
    add_people(spec, entry, record, tidied)
    if spec.term:
        read_term(spec.term, entry, record, tidied)
    return entry


def own_number(spec, value):
    """Returns our number of the record, or "" when the value is another number, such as a row count."""
    match = spec.own_number.fullmatch(cells.as_text(value).translate(cells.DASHES))
    return spec.number_of(match[1]) if match else ""


def add_people(spec, entry, record, tidied):
    names, titles = cells.as_list(record.get("contacts")), cells.as_list(record.get("titles"))
    phones = read_phones(spec, entry, record, tidied)
    if len(names) > 1:
        tidied.note("people")
    for column, items in (("titles", titles), ("phones", phones)):
        if len(items) > len(names):
            entry.add_fault(
                spec.by_field[column],
                record.get(column),
                _("对接人有%(names)s位，这里有%(items)s个，对不上。")
                % {"names": len(names), "items": len(items)},
            )
            return
    if len(entry.people) + len(names) > MAX_PEOPLE:
        problem = spec.row_wording.too_many_people % MAX_PEOPLE
        entry.add_fault(spec.by_field["contacts"], names[0], problem)
        return
    for place, name in enumerate(names):
        person = person_of(name, place, titles, phones)
        if any(before.name == person.name and before.title == person.title for before in entry.people):
            entry.add_fault(spec.by_field["contacts"], name, _("同一位对接人写了两次。"))
        entry.people.append(person)


def person_of(name, place, titles, phones):
    title = titles[place] if place < len(titles) else ""
    if (together := TITLED.match(name)) and not title:
        name, title = together["name"], together["title"]
    phone = phones[place] if place < len(phones) else ""
    return PersonEntry(name.replace(" ", "")[:40], title[:60], phone[:60])


def read_phones(spec, entry, record, tidied):
    value = record.get("phones")
    tidied.note("phones", isinstance(value, (int, float)))
    tidied.note("full_width", isinstance(value, str) and any("０" <= char <= "９" for char in value))
    try:
        return cells.as_phones(value)
    except cells.CellError as problem:
        entry.add_fault(spec.by_field["phones"], value, str(problem))
        return []


def read_term(term, entry, record, tidied):
    for column in term.columns:
        column.read(entry, record, tidied)
    if any(fault.column in {term.starts_on.label, term.ends_on.label} for fault in entry.faults):
        return
    if entry.has_term:
        for column in term.columns:
            if not getattr(entry, column.name):
                entry.add_fault(column, "", str(term.incomplete))
    if entry.starts_on and entry.ends_on and entry.ends_on < entry.starts_on:
        entry.add_fault(
            term.ends_on, entry.ends_on.isoformat(), term.wrong_order % entry.starts_on.isoformat()
        )
