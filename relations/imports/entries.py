"""Converts the rows of a sheet to entries: skips totals and empty rows, repeats the values of merged cells."""

import re
from dataclasses import dataclass, field

from relations.imports import cells
from relations.imports.faults import Fault

TOTALS = re.compile(r"^(合计|总计|小计|共计|累计)")
MAX_VALUE_LENGTH = 80  # characters shown of a faulty value


@dataclass(slots=True)
class Entry:
    """One record of the file. `row` is its first row; `faults` are those of all its rows.

    `number` is our number of the record if the row gives one; only then `cells` ({field: raw value}) are stored.
    """

    sheet: str
    row: int
    number: str = ""
    cells: dict = field(default_factory=dict)
    name: str = ""
    faults: list = field(default_factory=list)

    def add_fault(self, column, value, problem):
        """Adds a fault in a Column; `value` is the value of the cell."""
        shown = cells.as_text(value)[:MAX_VALUE_LENGTH]
        self.faults.append(Fault(self.sheet, self.row, column.label, shown, problem))


@dataclass
class Corrections:
    """Counts of automatic corrections, shown to the user."""

    counts: dict = field(default_factory=dict)

    def note(self, what, times=1):
        if times:
            self.counts[what] = self.counts.get(what, 0) + times


def entries(sheet, layout, spec, tidied, on_row=lambda: None):
    """Yields an Entry for each record below the headings. `on_row` is called for every row read."""
    merged = merged_fields(sheet, layout)
    current, above = None, {}
    for number, values in sheet.rows:
        on_row()
        if number <= layout.row:
            continue
        if is_total(values):
            tidied.note("totals")
            continue
        record = {name: cell(values, index) for name, index in layout.places.items()}
        if current and "name" in merged.get(number, ()):
            spec.add_row(current, record, tidied)
            continue
        record |= {name: above.get(name) for name in merged.get(number, ()) if current and name != "name"}
        if all(value in (None, "") for name, value in record.items() if name not in spec.numbering):
            tidied.note("empty")
            continue
        if current:
            yield current
        current, above = spec.read_row(sheet.title, number, record, tidied), record
    if current:
        yield current


def merged_fields(sheet, layout):
    """Returns {row number: fields whose value is in a merged cell that starts above}."""
    field_at = {index + 1: name for name, index in layout.places.items()}
    below = {}
    for left, top, _right, bottom in sheet.merges:
        if left in field_at and top > layout.row:
            for row in range(top + 1, bottom + 1):
                below.setdefault(row, set()).add(field_at[left])
    return below


def cell(values, index):
    return values[index] if index < len(values) else None


def is_total(values):
    first = next((cells.as_text(value) for value in values if value not in (None, "")), "")
    return bool(TOTALS.match(first.replace(" ", "")))
