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
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter

from relations import slots
from reminders import clock

log = logging.getLogger(__name__)

LIVE = "=+-@"
CONTENT_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
AT_A_TIME = 2000
MOST_ROWS = 50_000
MEASURED = 100  # rows from which the widths are taken
SIGNS_AT_MOST = 32000
NARROW, WIDE = 8, 60
HEAD = {"font": Font(bold=True), "fill": PatternFill("solid", fgColor="F5F4F1")}
FORMATS = {datetime: "yyyy-mm-dd hh:mm", date: "yyyy-mm-dd"}
NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
UNSEEN = {"Zs", "Zl", "Zp", "Cc", "Cf", "Mn", "Me"}  # categories of signs that take no place of their own
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
    found = WriteOnlyCell(sheet, harmless(str(words)))
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
    text = harmless(str(value))
    if "\n" not in text:
        return text
    found = WriteOnlyCell(sheet, text)
    found.alignment = Alignment(wrap_text=True, vertical="top")
    return found


def dated(sheet, value):
    found = WriteOnlyCell(sheet, value)
    found.number_format = FORMATS[type(value)]
    return found


def harmless(text):
    """Text that no spreadsheet takes for a formula: a sign that starts one gets an apostrophe before it.

    A sign counts in any width; leading blanks and unseen signs do not hide it, and control signs that the format
    cannot hold are left out.
    """
    clean = NOT_IN_XML.sub("", text)[:SIGNS_AT_MOST]
    first = next((sign for sign in clean if unicodedata.category(sign) not in UNSEEN), "")
    starts = clean.startswith(("\t", "\r", "\n")) or unicodedata.normalize("NFKC", first)[:1] in set(LIVE)
    return f"'{clean}" if starts else clean
