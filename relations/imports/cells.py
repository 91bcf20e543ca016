"""Parsing of cells: text, dates in many notations, telephone numbers, several values in one cell."""

import re
from datetime import date, datetime, timedelta

from django.utils.translation import gettext as _

from relations.parties.phones import NotAPhoneNumber, phone_numbers

FULL_WIDTH = {
    code: code - 0xFEE0 for code in [*range(0xFF10, 0xFF1A), *range(0xFF21, 0xFF3B), *range(0xFF41, 0xFF5B)]
}
DASHES = {ord("－"): "-", ord("—"): "-", ord("–"): "-", ord("．"): ".", ord("／"): "/", ord("＋"): "+"}
SPACES = re.compile(r"[\s\u3000\u00a0\u200b\ufeff]+")
BRACKETS = re.compile(r"[（(【\[].*?[)）】\]]")
LIST_SEPARATORS = re.compile(r"[、，,；;\n\r/／|]+")
WRITTEN_DATE = re.compile(
    r"(\d{4})\s*[年./-]\s*(\d{1,2})\s*[月./-]\s*(\d{1,2})\s*[日号]?(?:\s+\d{1,2}:\d{2}(?::\d{2})?)?"
)
COMPACT_DATE = re.compile(r"(\d{4})(\d{2})(\d{2})")
FIRST_SERIAL, LAST_SERIAL = 20_000, 80_000


class CellError(Exception):
    """The cell cannot be parsed; the message gives the reason."""


def as_text(value):
    """Returns the text of a cell: trimmed, full-width digits and letters as ASCII, whole floats without `.0`."""
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, datetime):
        return value.date().isoformat()
    return SPACES.sub(" ", str(value).translate(FULL_WIDTH)).strip()


def normalized_heading(value):
    """Returns a heading or name without spaces, without bracketed parts and without a final colon or asterisk."""
    return SPACES.sub("", BRACKETS.sub("", as_text(value))).rstrip(":：*")


def normalized_name(value):
    """Returns the key by which names are compared: no spaces, ASCII brackets, lower case."""
    return SPACES.sub("", as_text(value)).replace("（", "(").replace("）", ")").lower()


def as_date(value):
    """Returns the date of a cell, or None when it is empty. Raises CellError."""
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    if (
        isinstance(value, (int, float))
        and not isinstance(value, bool)
        and FIRST_SERIAL <= value <= LAST_SERIAL
    ):
        return date(1899, 12, 30) + timedelta(days=int(value))
    text = as_text(value).translate(DASHES)
    if text in {"", "-", "/", "无"}:
        return None
    match = WRITTEN_DATE.fullmatch(text) or COMPACT_DATE.fullmatch(text)
    if not match:
        raise CellError(_("看不懂这个日期，请写成2026-05-01这样。"))
    year, month, day = map(int, match.groups()[:3])
    try:
        parsed = date(year, month, day)
    except ValueError:
        raise CellError(
            _("没有%(year)s年%(month)s月%(day)s日这一天。") % {"year": year, "month": month, "day": day}
        ) from None
    if not 1990 <= year <= 2100:
        raise CellError(_("年份%s不对，请检查。") % year)
    return parsed


def as_list(value):
    """Splits a cell into names or titles, in order."""
    if value is None:
        return []
    text = str(value).translate(FULL_WIDTH)
    return [
        part for part in (SPACES.sub(" ", piece).strip() for piece in LIST_SEPARATORS.split(text)) if part
    ]


def as_phones(value):
    """Splits a cell into telephone numbers (str), in order. Raises CellError."""
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        value = f"{value:.0f}"
    try:
        return phone_numbers(str(value or ""))
    except NotAPhoneNumber as piece:
        raise CellError(_("“%s”不像电话号码，请检查。") % piece) from None
