"""Finding the row of headings and which column is which, in whatever order a register has them."""

from dataclasses import dataclass
from itertools import islice

from relations.imports.cells import normalized_heading
from relations.imports.faults import Unreadable

SEARCHED_ROWS = 30


@dataclass(frozen=True)
class Layout:
    """Where the headings stand: their row number, {field: column index}, and headings that mean nothing to us.

    `remarks` is the place of what we wrote ourselves about the faults of a file that was read before, or None.
    """

    row: int
    places: dict
    unused: list
    remarks: int | None = None


def find_layout(sheet, spec):
    """The Layout of the row that looks most like the headings of `spec` (ImportSpec), or None."""
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
    """The sheets that hold a register, as a list of (Sheet, Layout). Raises Unreadable when there is none."""
    found = [(sheet, layout) for sheet in sheets if (layout := find_layout(sheet, spec))]
    if not found:
        raise Unreadable(str(spec.wording.no_headings))
    return found
