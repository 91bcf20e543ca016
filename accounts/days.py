"""Dates as text, in Chinese or in English: the same format on every page and in every e-mail; and back from text."""

from datetime import datetime

from django.utils import dateformat, timezone
from django.utils.dateparse import parse_date
from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _

WEEKDAYS = "一二三四五六日"


def in_chinese():
    return (get_language() or "zh").startswith("zh")


def as_day(value):
    """Returns the date, in Shanghai, of a date or datetime."""
    if isinstance(value, datetime):
        return (timezone.localtime(value) if timezone.is_aware(value) else value).date()
    return value


def period_state(starts_on, ends_on, day):
    """Returns where `day` finds a period: "ahead", "running" or "over". `ends_on` may be None: without an end."""
    if starts_on > day:
        return "ahead"
    return "over" if ends_on and ends_on < day else "running"


def parse_day(text):
    """Returns the date written as 2026-10-12 in a query string or form, or None when it is missing or unreadable."""
    try:
        return parse_date((text or "").strip())
    except ValueError:
        return None


def day_words(value):
    """10月12日; in English 12 Oct."""
    return dateformat.format(as_day(value), _("n月j日"))


def year_day_words(value):
    """2027年1月6日; in English 6 Jan 2027."""
    return dateformat.format(as_day(value), _("Y年n月j日"))


def near_day_words(value, today):
    """10月12日, with the year when it is not that of `today`."""
    return day_words(value) if as_day(value).year == today.year else year_day_words(value)


def weekday_words(value):
    """周一; in English Mon."""
    day = as_day(value)
    if in_chinese():
        return f"周{WEEKDAYS[day.weekday()]}"
    return f"{day:%a}"


def full_day_words(value):
    """2026年10月12日 周一; in English Mon 12 Oct 2026."""
    parts = {"day": year_day_words(value), "weekday": weekday_words(value)}
    return pgettext("day with its weekday", "%(day)s %(weekday)s") % parts


def month_day(value, today=None):
    """10-12, or 2027-01-06 when `today` is of another year or not given; for table columns."""
    day = as_day(value)
    return f"{day:%m-%d}" if today and day.year == as_day(today).year else f"{day:%Y-%m-%d}"


def month_words(day):
    """12月; in English December."""
    return dateformat.format(day, _("n月"))


def year_month_words(day):
    """2026年12月; in English December 2026."""
    return dateformat.format(day, _("Y年n月"))


def day_range(first, last):
    """12月1日—7日, 12月28日—2027年1月3日; a single day when both are the same."""
    if first.year == last.year:
        return span_words(first, last)
    return _("%(start)s—%(end)s") % {"start": day_words(first), "end": year_day_words(last)}


def span_words(first, last):
    """12月1日—7日, 12月28日—1月3日, never with the year; in English 1–7 Dec, 28 Dec–3 Jan."""
    if first == last:
        return day_words(first)
    if (first.year, first.month) == (last.year, last.month):
        start = dateformat.format(first, pgettext("first of two days in one month", "n月j日"))
        end = dateformat.format(last, pgettext("last of two days in one month", "j日"))
    else:
        start, end = day_words(first), day_words(last)
    return _("%(start)s—%(end)s") % {"start": start, "end": end}
