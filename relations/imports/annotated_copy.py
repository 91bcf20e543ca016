"""A copy of the uploaded register with its faults in red, to be corrected in Excel."""

from io import BytesIO
from itertools import islice

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font, PatternFill
from openpyxl.worksheet.cell_range import CellRange

from relations.imports import headings, workbook_reader
from relations.imports.specs import REMARKS
from relations.lists.workbook import to_cell

RED = PatternFill("solid", fgColor="FFFCEDEB")
INK = Font(color="FFA3241B", bold=True)


def annotated_workbook(spec, path, faults):
    """Returns the bytes of a copy of the workbook at `path` with the cells of `faults` (dicts) in red, and remarks."""
    book = Workbook(write_only=True)
    with workbook_reader.open_workbook(path) as sheets:
        for sheet, layout in headings.find_register_sheets(sheets, spec):
            of_sheet = [fault for fault in faults if fault["sheet"] == sheet.title]
            write_sheet(book, sheet, layout, spec, of_sheet)
    stream = BytesIO()
    book.save(stream)
    return stream.getvalue()


def write_sheet(book, sheet, layout, spec, faults):
    ws = book.create_sheet(sheet.title)
    by_row = {}
    for fault in faults:
        by_row.setdefault(fault["row"], []).append(fault)
    places = {spec.by_field[field].label: index for field, index in layout.places.items()}
    width = max(len(values) for _number, values in islice(sheet.rows, headings.SEARCHED_ROWS))
    remarks = width if layout.remarks is None else layout.remarks
    ws.merged_cells.ranges = merges_without(sheet, remarks)
    written = 0
    for number, values in sheet.rows:
        while written + 1 < number:
            ws.append([])
            written += 1
        ws.append(row_cells(ws, values, remarks, by_row.get(number, []), places, number == layout.row))
        written = number


def merges_without(sheet, remarks):
    """Returns the merged cells of the sheet, which the next upload needs to be read, without those over the remarks."""
    return {CellRange(None, *merge) for merge in sheet.merges if not merge[0] <= remarks + 1 <= merge[2]}


def row_cells(ws, values, remarks, faults, places, is_heading):
    cells = [plain_cell(ws, value) for value in values] + [None] * (remarks + 1 - len(values))
    for fault in faults:
        index = places.get(fault["column"])
        if index is not None:
            cells[index] = red_cell(ws, values[index] if index < len(values) else "")
    words = "；".join(f"{fault['column']}：{fault['problem']}" for fault in faults)
    if is_heading:
        cells[remarks] = str(REMARKS)
    elif words or len(values) > remarks:
        cells[remarks] = red_cell(ws, words) if words else None
    return cells


def plain_cell(ws, value):
    return WriteOnlyCell(ws, as_written(value))


def red_cell(ws, value):
    cell = WriteOnlyCell(ws, as_written(value))
    cell.fill, cell.font = RED, INK
    return cell


def as_written(value):
    """Returns numbers and dates unchanged, text escaped as in our exports, so that it is read as the same values."""
    return to_cell(value) if isinstance(value, str) else value
