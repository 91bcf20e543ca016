"""Any list as an Excel file: written row by row, with nothing in it that a spreadsheet would run.

Callers give rows that already start from `visible_to(user)`, and columns the person may see.
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
WIDTH_SAMPLE_ROWS = 100  # rows from which the widths are taken
MAX_CELL_CHARACTERS = 32000  # in UTF-16, as Excel counts them
NARROW, WIDE = 8, 60
HEADING_STYLE = {"font": Font(bold=True), "fill": PatternFill("solid", fgColor="F5F4F1")}
FORMATS = {datetime: "yyyy-mm-dd hh:mm", date: "yyyy-mm-dd"}
NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
INVISIBLE_CATEGORIES = {
    "Zs",
    "Zl",
    "Zp",
    "Cc",
    "Cf",
    "Mn",
    "Me",
}  # categories of signs that take no place of their own
ESCAPED = re.compile("_x([0-9A-Fa-f]{4})_")  # how the format itself writes a sign by its number
LIKE_ESCAPED = re.compile("_(?=x[0-9A-Fa-f]{4}_)")
FORBIDDEN_IN_TITLES = dict.fromkeys(map(ord, "[]:*?/\\"), " ")


def export(rows, columns, title, *, by=None, count=None):
    """The answer that carries `rows` as a workbook named after `title` and today.

    `columns` are pairs of a heading and a function from a row to a value (text, number, date, datetime or None).
    `by` is who takes it out; it is logged with the number of rows. `count` is given for rows that cannot be counted.
    Raises slots.TooMuch, and for many rows slots.Busy, before a row is read.
    """
    many = count_rows(rows) if count is None else count
    if many > MAX_ROWS:
        raise too_many_rows_error()
    with ExitStack() as place:
        if many > WIDTH_SAMPLE_ROWS:
            place.enter_context(slots.slot(slots.LARGE))
        first, rest = peek_rows(rows)
        return workbook_response(rest, columns, title, by, first)


def workbook_response(rows, columns, title, by, first):
    file = NamedTemporaryFile(suffix=".xlsx")  # noqa: SIM115 - closed by the answer
    count = write(file, rows, columns, title, first)
    log.info("export %s: %d rows by user %s", title, count, by.pk if by else "-")
    file.seek(0)
    name = f"{title}{clock.today().isoformat()}.xlsx"
    answer = FileResponse(file, as_attachment=True, filename=name, content_type=CONTENT_TYPE)
    answer["Cache-Control"] = "private, no-store"
    return answer


def write(file, rows, columns, title, first):
    """Writes the workbook into `file`; returns how many rows it holds. The widths are those of the rows in `first`."""
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
    """How many rows a queryset or a list has; of a queryset no more than a workbook holds and one are counted."""
    if isinstance(rows, QuerySet):
        return rows.order_by().values("pk")[: MAX_ROWS + 1].count()
    return len(rows)


def require_row_limit(rows):
    """Raises slots.TooMuch when there are more rows than a workbook holds."""
    if count_rows(rows) > MAX_ROWS:
        raise too_many_rows_error()


def peek_rows(rows):
    """The first rows, from which the widths are taken, and all rows; a queryset is read a part at a time."""
    source = iter(rows.iterator(chunk_size=CHUNK_SIZE) if isinstance(rows, QuerySet) else rows)
    first = list(islice(source, WIDTH_SAMPLE_ROWS))
    return first, chain(first, source)


def widths(first, columns):
    """Columns as wide as what the first rows need; a Chinese sign takes two."""
    for words, read in columns:
        longest = max([shown_length(words), *(shown_length(read(row)) for row in first)])
        yield min(max(longest + 2, NARROW), WIDE)


def shown_length(value):
    if isinstance(value, (date, datetime)):
        return 16 if isinstance(value, datetime) else 10
    text = "" if value is None else str(value)
    return max((line_length(line) for line in text.splitlines()), default=0)


def line_length(line):
    return sum(2 if unicodedata.east_asian_width(sign) in "WF" else 1 for sign in line)


def heading(sheet, words):
    found = WriteOnlyCell(sheet, to_cell(words))
    found.font, found.fill = HEADING_STYLE["font"], HEADING_STYLE["fill"]
    return found


def cell(sheet, value):
    """One value as a cell that holds no live formula; dates stay dates, moments become those of Shanghai."""
    if value is None or isinstance(value, (bool, int, float, Decimal, time)):
        return value
    if isinstance(value, datetime):
        local = timezone.localtime(value) if timezone.is_aware(value) else value
        return date_cell(sheet, local.replace(tzinfo=None, microsecond=0))
    if isinstance(value, date):
        return date_cell(sheet, value)
    text = to_cell(value)
    if "\n" in text:
        found = WriteOnlyCell(sheet, text)
        found.alignment = Alignment(wrap_text=True, vertical="top")
        return found
    return text_cell(sheet, text) if text in ERROR_CODES else text


def text_cell(sheet, text):
    """A cell that holds the words #N/A, not the error."""
    found = WriteOnlyCell(sheet, text)
    found.data_type = "s"
    return found


def date_cell(sheet, value):
    found = WriteOnlyCell(sheet, value)
    found.number_format = FORMATS[type(value)]
    return found


def to_cell(value):
    """What the file holds for a text: harmless, and read by Excel as it was given. `from_cell` is its inverse."""
    return escape_excel_codes(escape_formula(str(value)))


def from_cell(text):
    """The text that `to_cell` was given, of what stands in a file; signs that no cell can hold are gone."""
    if "_x" in text:
        text = ESCAPED.sub(lambda found: chr(int(found[1], 16)), text)
    return unescape_formula(NOT_IN_XML.sub("", text))


def escape_formula(text):
    """Text that no spreadsheet takes for a formula: a sign that starts one gets an apostrophe before it.

    A sign counts in any width; leading blanks and unseen signs do not hide it, and control signs that the format
    cannot hold are left out. Apostrophes of its own before such a sign get one more, so that `unmarked` gives back
    every text as it was. The apostrophe is of the text and not of the cell's style: it outlives a conversion to CSV.
    """
    clean = fit_to_cell(text)
    return f"{TEXT_PREFIX}{clean}" if needs_escape(clean) else clean


def unescape_formula(text):
    """The text without the apostrophe that `harmless` has put before it; any other apostrophe is its own."""
    return text[1:] if text.startswith(TEXT_PREFIX) and needs_escape(text[1:]) else text


def needs_escape(text):
    """Whether a text goes out with an apostrophe before it: it would be live without those of its own."""
    bare = text.lstrip(TEXT_PREFIX)
    first = next((sign for sign in bare if unicodedata.category(sign) not in INVISIBLE_CATEGORIES), "")
    return bare.startswith(("\t", "\r", "\n")) or unicodedata.normalize("NFKC", first)[:1] in set(
        FORMULA_STARTS
    )


def escape_excel_codes(text):
    """Excel reads _x003D_ as an equals sign: what looks like that gets its first sign written by number."""
    return LIKE_ESCAPED.sub("_x005F_", text) if "_x" in text else text


def fit_to_cell(text):
    """The text as one cell can hold it; where its end does not fit, the cell says how much is missing."""
    clean = NOT_IN_XML.sub("", text)
    if (
        4 * len(clean) <= MAX_CELL_CHARACTERS
        or utf16_length(escape_excel_codes(clean)) <= MAX_CELL_CHARACTERS
    ):
        return clean
    room = MAX_CELL_CHARACTERS - len(truncation_note(len(clean)))
    kept = truncate(clean, room)
    if utf16_length(escape_excel_codes(kept)) > room:
        kept = truncate(clean, room // 2)
    return kept + truncation_note(len(clean) - len(kept))


def truncation_note(missing):
    return _("……（后面还有%s个字，一格放不下，没有导出）") % missing


def utf16_length(text):
    return len(text) if text.isascii() else len(text.encode("utf-16-le")) // 2


def truncate(text, most):
    return text.encode("utf-16-le")[: 2 * most].decode("utf-16-le", errors="ignore")
