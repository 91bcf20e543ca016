"""Finds the row of headings and the position of each column; columns may be in any order."""

from dataclasses import dataclass
from itertools import islice

from relations.imports.cells import normalized_heading
from relations.imports.faults import Unreadable

SEARCHED_ROWS = 30


@dataclass(frozen=True)
class Layout:
    """The row number of the headings, {field: column index} as `places`, and the headings not recognised as `unused`.

    `remarks` is the index of our own column of remarks, in a file corrected after an earlier upload, or None.
    """

    row: int
    places: dict
    unused: list
    remarks: int | None = None


def find_layout(sheet, spec):
    """Returns the Layout of the row with most headings of `spec` (ImportSpec), or None."""
    best = None
    for number, values in islice(sheet.rows, SEARCHED_ROWS):
        layout = layout_of(number, values, spec)
        is_heading = "name" in layout.places and len(layout.places) >= spec.fewest_headings
        if is_heading and (best is None or len(layout.places) > len(best.places)):
            best = layout
    return best


def layout_of(number, values, spec):
    places, unused, remarks = {}, [], None
    for index, value in enumerate(values):
        heading = normalized_heading(value)
        field = spec.fields_by_heading.get(heading)
        if field and field not in places:
            places[field] = index
        elif heading in spec.remarks_headings:
            remarks = index
        elif heading:
            unused.append(heading)
    return Layout(number, places, unused, remarks)


def find_register_sheets(sheets, spec):
    """Returns the sheets that hold a register, as [(RegisterSheet, Layout)]. Raises Unreadable when there is none."""
    registers = [(sheet, layout) for sheet in sheets if (layout := find_layout(sheet, spec))]
    if not registers:
        raise Unreadable(str(spec.wording.no_headings))
    return registers
