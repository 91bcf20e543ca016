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

LIVE = "=+-@"
MARK = "'"
CONTENT_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
AT_A_TIME = 2000
MOST_ROWS = 50_000
MEASURED = 100  # rows from which the widths are taken
SIGNS_AT_MOST = 32000  # in UTF-16, as Excel counts them
NARROW, WIDE = 8, 60
HEAD = {"font": Font(bold=True), "fill": PatternFill("solid", fgColor="F5F4F1")}
FORMATS = {datetime: "yyyy-mm-dd hh:mm", date: "yyyy-mm-dd"}
NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
UNSEEN = {"Zs", "Zl", "Zp", "Cc", "Cf", "Mn", "Me"}  # categories of signs that take no place of their own
ESCAPED = re.compile("_x([0-9A-Fa-f]{4})_")  # how the format itself writes a sign by its number
LIKE_ESCAPED = re.compile("_(?=x[0-9A-Fa-f]{4}_)")
NOT_IN_TITLES = dict.fromkeys(map(ord, "[]:*?/\\"), " ")


def export(rows, columns, title, *, by=None, count=None):
    """The answer that carries `rows` as a workbook named after `title` and today.

    `columns` are pairs of a heading and a function from a row to a value (text, number, date, datetime or None).
    `by` is who takes it out; it is logged with the number of rows. `count` is given for rows that cannot be counted.
    Raises slots.TooMuch, and for many rows slots.Busy, before a row is read.
    """
    many = count_of(rows) if count is None else count
    if many > MOST_ROWS:
        raise too_many()
    with ExitStack() as place:
        if many > MEASURED:
            place.enter_context(slots.slot(slots.LARGE))
        first, rest = peek(rows)
        return answer_with(rest, columns, title, by, first)


def answer_with(rows, columns, title, by, first):
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
    sheet = book.create_sheet(title.translate(NOT_IN_TITLES)[:31])
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


def too_many():
    return slots.TooMuch(_("超过%d行，一份Excel放不下。请先筛选，再分几次导出。") % MOST_ROWS)


def count_of(rows):
    """How many rows a queryset or a list has; of a queryset no more than a workbook holds and one are counted."""
    if isinstance(rows, QuerySet):
        return rows.order_by().values("pk")[: MOST_ROWS + 1].count()
    return len(rows)


def require_few(rows):
    """Raises slots.TooMuch when there are more rows than a workbook holds."""
    if count_of(rows) > MOST_ROWS:
        raise too_many()


def peek(rows):
    """The first rows, from which the widths are taken, and all rows; a queryset is read a part at a time."""
    source = iter(rows.iterator(chunk_size=AT_A_TIME) if isinstance(rows, QuerySet) else rows)
    first = list(islice(source, MEASURED))
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
    found = WriteOnlyCell(sheet, in_cell(words))
    found.font, found.fill = HEAD["font"], HEAD["fill"]
    return found


def cell(sheet, value):
    """One value as a cell that holds no live formula; dates stay dates, moments become those of Shanghai."""
    if value is None or isinstance(value, (bool, int, float, Decimal, time)):
        return value
    if isinstance(value, datetime):
        local = timezone.localtime(value) if timezone.is_aware(value) else value
        return dated(sheet, local.replace(tzinfo=None, microsecond=0))
    if isinstance(value, date):
        return dated(sheet, value)
    text = in_cell(value)
    if "\n" in text:
        found = WriteOnlyCell(sheet, text)
        found.alignment = Alignment(wrap_text=True, vertical="top")
        return found
    return plain_text(sheet, text) if text in ERROR_CODES else text


def plain_text(sheet, text):
    """A cell that holds the words #N/A, not the error."""
    found = WriteOnlyCell(sheet, text)
    found.data_type = "s"
    return found


def dated(sheet, value):
    found = WriteOnlyCell(sheet, value)
    found.number_format = FORMATS[type(value)]
    return found


def in_cell(value):
    """What the file holds for a text: harmless, and read by Excel as it was given. `from_cell` is its inverse."""
    return escaped(harmless(str(value)))


def from_cell(text):
    """The text that `in_cell` was given, of what stands in a file; signs that no cell can hold are gone."""
    if "_x" in text:
        text = ESCAPED.sub(lambda found: chr(int(found[1], 16)), text)
    return unmarked(NOT_IN_XML.sub("", text))


def harmless(text):
    """Text that no spreadsheet takes for a formula: a sign that starts one gets an apostrophe before it.

    A sign counts in any width; leading blanks and unseen signs do not hide it, and control signs that the format
    cannot hold are left out. Apostrophes of its own before such a sign get one more, so that `unmarked` gives back
    every text as it was. The apostrophe is of the text and not of the cell's style: it outlives a conversion to CSV.
    """
    clean = holdable(text)
    return f"{MARK}{clean}" if is_marked(clean) else clean


def unmarked(text):
    """The text without the apostrophe that `harmless` has put before it; any other apostrophe is its own."""
    return text[1:] if text.startswith(MARK) and is_marked(text[1:]) else text


def is_marked(text):
    """Whether a text goes out with an apostrophe before it: it would be live without those of its own."""
    bare = text.lstrip(MARK)
    first = next((sign for sign in bare if unicodedata.category(sign) not in UNSEEN), "")
    return bare.startswith(("\t", "\r", "\n")) or unicodedata.normalize("NFKC", first)[:1] in set(LIVE)


def escaped(text):
    """Excel reads _x003D_ as an equals sign: what looks like that gets its first sign written by number."""
    return LIKE_ESCAPED.sub("_x005F_", text) if "_x" in text else text


def holdable(text):
    """The text as one cell can hold it; where its end does not fit, the cell says how much is missing."""
    clean = NOT_IN_XML.sub("", text)
    if 4 * len(clean) <= SIGNS_AT_MOST or length(escaped(clean)) <= SIGNS_AT_MOST:
        return clean
    room = SIGNS_AT_MOST - len(cut_words(len(clean)))
    kept = beginning(clean, room)
    if length(escaped(kept)) > room:
        kept = beginning(clean, room // 2)
    return kept + cut_words(len(clean) - len(kept))


def cut_words(missing):
    return _("……（后面还有%s个字，一格放不下，没有导出）") % missing


def length(text):
    return len(text) if text.isascii() else len(text.encode("utf-16-le")) // 2


def beginning(text, most):
    return text.encode("utf-16-le")[: 2 * most].decode("utf-16-le", errors="ignore")
