"""Export of a list as an Excel file: written row by row, without anything that a spreadsheet would execute.

Callers pass rows already limited by `visible_to(user)`, and columns that the user may see.
"""

import logging
import re
import unicodedata
from contextlib import ExitStack
from datetime import date, datetime, time
from decimal import Decimal
from itertools import chain, islice
from tempfile import NamedTemporaryFile

from django.db.models import QuerySet
from django.http import FileResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ERROR_CODES
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter

from relations.files import slots
from reminders import clock

log = logging.getLogger(__name__)

FORMULA_STARTS = "=+-@"
TEXT_PREFIX = "'"
CONTENT_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CHUNK_SIZE = 2000
MAX_ROWS = 50_000
WIDTH_SAMPLE_ROWS = 100  # rows that determine the column widths
MAX_CELL_CHARACTERS = 32000  # in UTF-16 code units, as Excel counts them
NARROW, WIDE = 8, 60
HEADING_STYLE = {"font": Font(bold=True), "fill": PatternFill("solid", fgColor="F5F4F1")}
FORMATS = {datetime: "yyyy-mm-dd hh:mm", date: "yyyy-mm-dd"}
NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
# Unicode categories: blanks, control characters and combining marks.
INVISIBLE_CATEGORIES = {"Zs", "Zl", "Zp", "Cc", "Cf", "Mn", "Me"}
ESCAPED = re.compile("_x([0-9A-Fa-f]{4})_")  # how the format encodes a character by its code
LIKE_ESCAPED = re.compile("_(?=x[0-9A-Fa-f]{4}_)")
FORBIDDEN_IN_TITLES = dict.fromkeys(map(ord, "[]:*?/\\"), " ")


def export(rows, columns, title, *, by=None, count=None):
    """Returns the response with `rows` as a workbook named after `title` and today.

    `columns` are pairs of a heading and a function from a row to a value (text, number, date, datetime or None).
    `by` is the exporting user, logged with the number of rows. `count` is required when `rows` has no length.
    Raises slots.RequestTooLarge, and for many rows slots.NoFreeSlot, before a row is read.
    """
    total = count_rows(rows) if count is None else count
    if total > MAX_ROWS:
        raise too_many_rows_error()
    with ExitStack() as stack:
        if total > WIDTH_SAMPLE_ROWS:
            stack.enter_context(slots.slot(slots.LARGE))
        first, rest = peek_rows(rows)
        return workbook_response(rest, columns, title, by, first)


def workbook_response(rows, columns, title, by, first):
    file = NamedTemporaryFile(suffix=".xlsx")  # noqa: SIM115 - closed by the response
    count = write(file, rows, columns, title, first)
    log.info("export %s: %d rows by user %s", title, count, by.pk if by else "-")
    file.seek(0)
    name = f"{title}{clock.today().isoformat()}.xlsx"
    response = FileResponse(file, as_attachment=True, filename=name, content_type=CONTENT_TYPE)
    response["Cache-Control"] = "private, no-store"
    return response


def write(file, rows, columns, title, first):
    """Writes the workbook into `file`; returns the number of rows. Column widths are taken from the rows `first`."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet(title.translate(FORBIDDEN_IN_TITLES)[:31])
    sheet.freeze_panes = "A2"
    for place, width in enumerate(widths(first, columns), start=1):
        sheet.column_dimensions[get_column_letter(place)].width = width
    sheet.append([heading(sheet, words) for words, _read in columns])
    count = 0
    for row in rows:
        sheet.append([cell(sheet, read(row)) for _words, read in columns])
        count += 1
    book.save(file)
    return count


def too_many_rows_error():
    return slots.RequestTooLarge(_("超过%d行，一份Excel放不下。请先筛选，再分几次导出。") % MAX_ROWS)


def count_rows(rows):
    """Returns the number of rows of a list, or of a queryset, which is counted up to MAX_ROWS + 1."""
    if isinstance(rows, QuerySet):
        return rows.order_by().values("pk")[: MAX_ROWS + 1].count()
    return len(rows)


def require_row_limit(rows):
    """Raises slots.RequestTooLarge when there are more than MAX_ROWS rows."""
    if count_rows(rows) > MAX_ROWS:
        raise too_many_rows_error()


def peek_rows(rows):
    """Returns (first rows as a list, iterator over all rows); a queryset is read in chunks."""
    source = iter(rows.iterator(chunk_size=CHUNK_SIZE) if isinstance(rows, QuerySet) else rows)
    first = list(islice(source, WIDTH_SAMPLE_ROWS))
    return first, chain(first, source)


def widths(first, columns):
    """Yields the column widths that the first rows need; a Chinese character counts as two."""
    for words, read in columns:
        longest = max([shown_length(words), *(shown_length(read(row)) for row in first)])
        yield min(max(longest + 2, NARROW), WIDE)


def shown_length(value):
    if isinstance(value, (date, datetime)):
        return 16 if isinstance(value, datetime) else 10
    text = "" if value is None else str(value)
    return max((line_length(line) for line in text.splitlines()), default=0)


def line_length(line):
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in line)


def heading(sheet, words):
    result = WriteOnlyCell(sheet, to_cell(words))
    result.font, result.fill = HEADING_STYLE["font"], HEADING_STYLE["fill"]
    return result


def cell(sheet, value):
    """Returns a value or cell without a live formula; dates stay dates, aware datetimes become Shanghai time."""
    if value is None or isinstance(value, (bool, int, float, Decimal, time)):
        return value
    if isinstance(value, datetime):
        local = timezone.localtime(value) if timezone.is_aware(value) else value
        return date_cell(sheet, local.replace(tzinfo=None, microsecond=0))
    if isinstance(value, date):
        return date_cell(sheet, value)
    text = to_cell(value)
    if "\n" in text:
        result = WriteOnlyCell(sheet, text)
        result.alignment = Alignment(wrap_text=True, vertical="top")
        return result
    return text_cell(sheet, text) if text in ERROR_CODES else text


def text_cell(sheet, text):
    """Returns a cell with text such as #N/A, which openpyxl would otherwise write as an error value."""
    result = WriteOnlyCell(sheet, text)
    result.data_type = "s"
    return result


def date_cell(sheet, value):
    result = WriteOnlyCell(sheet, value)
    result.number_format = FORMATS[type(value)]
    return result


def to_cell(value):
    """Encodes a text for the file, so that Excel shows it unchanged and does not run it. `from_cell` is the inverse."""
    return escape_excel_codes(escape_formula(str(value)))


def from_cell(text):
    """Decodes a text that `to_cell` encoded; characters that a cell cannot hold are removed."""
    if "_x" in text:
        text = ESCAPED.sub(lambda match: chr(int(match[1], 16)), text)
    return unescape_formula(NOT_IN_XML.sub("", text))


def escape_formula(text):
    """Puts an apostrophe before a text that a spreadsheet would take for a formula.

    Full-width characters count as well, and characters after leading blanks and invisible characters; control
    characters that the format cannot hold are removed. A text that already has apostrophes before such a character
    gets one more, so that `unescape_formula` restores every text. The apostrophe is part of the text, not of the cell
    style, so that it survives a conversion to CSV.
    """
    clean = fit_to_cell(text)
    return f"{TEXT_PREFIX}{clean}" if needs_escape(clean) else clean


def unescape_formula(text):
    """Removes the apostrophe that `escape_formula` has added; any other apostrophe is part of the text."""
    return text[1:] if text.startswith(TEXT_PREFIX) and needs_escape(text[1:]) else text


def needs_escape(text):
    """Whether a text, apart from leading apostrophes, could be taken for a formula."""
    bare = text.lstrip(TEXT_PREFIX)
    first = next((char for char in bare if unicodedata.category(char) not in INVISIBLE_CATEGORIES), "")
    return bare.startswith(("\t", "\r", "\n")) or unicodedata.normalize("NFKC", first)[:1] in set(
        FORMULA_STARTS
    )


def escape_excel_codes(text):
    """Encodes the first character of text that looks like an Excel escape (_x003D_): Excel shows it unchanged."""
    return LIKE_ESCAPED.sub("_x005F_", text) if "_x" in text else text


def fit_to_cell(text):
    """Returns the text as one cell can hold it: without control characters; truncated with a note if too long."""
    clean = NOT_IN_XML.sub("", text)
    if (
        4 * len(clean) <= MAX_CELL_CHARACTERS
        or utf16_length(escape_excel_codes(clean)) <= MAX_CELL_CHARACTERS
    ):
        return clean
    room = MAX_CELL_CHARACTERS - len(truncation_note(len(clean)))
    start = truncate(clean, room)
    if utf16_length(escape_excel_codes(start)) > room:
        start = truncate(clean, room // 2)
    return start + truncation_note(len(clean) - len(start))


def truncation_note(missing):
    return _("……（后面还有%s个字，一格放不下，没有导出）") % missing


def utf16_length(text):
    return len(text) if text.isascii() else len(text.encode("utf-16-le")) // 2


def truncate(text, most):
    return text.encode("utf-16-le")[: 2 * most].decode("utf-16-le", errors="ignore")
