"""Calendar periods (R442): month, quarter, half-year and year."""

from dataclasses import dataclass
from datetime import date, timedelta

from django.utils.translation import gettext as _

from accounts.days import month_words
from relations.models import Period

MONTHS = {Period.MONTH: 1, Period.QUARTER: 3, Period.HALF: 6, Period.YEAR: 12}


@dataclass(frozen=True, order=True)
class Span:
    """One period; its first and last day are included."""

    kind: str
    starts_on: date
    ends_on: date

    @property
    def days(self):
        return (self.ends_on - self.starts_on).days + 1


def period_of(kind, day):
    """Returns the Span of `kind` that contains `day`."""
    length = MONTHS[kind]
    first = date(day.year, (day.month - 1) // length * length + 1, 1)
    return Span(kind, first, start_of_month(first, length) - timedelta(days=1))


def week_of(day):
    """Returns Monday and Sunday of the week of `day`."""
    monday = day - timedelta(days=day.weekday())
    return monday, monday + timedelta(days=6)


def start_of_month(first, months):
    """Returns the first day of the month that is `months` after the month of `first`."""
    place = first.year * 12 + first.month - 1 + months
    return date(place // 12, place % 12 + 1, 1)


def periods_overlapping(first, last):
    """Returns the periods of all kinds that overlap [first, last], oldest first; a list of Span."""
    return sorted(span for kind in MONTHS for span in periods_of_kind_overlapping(kind, first, last))


def periods_of_kind_overlapping(kind, first, last):
    spans, day = [], first
    while day <= last:
        span = period_of(kind, day)
        spans.append(span)
        day = span.ends_on + timedelta(days=1)
    return spans


def months_of(span):
    """Returns the first day of each month of a period, oldest first."""
    return [start_of_month(span.starts_on, place) for place in range(MONTHS[span.kind])]


def matter_with_period(kind, starts_on, matter):
    """Returns a matter with its period as text: 10月驻点沟通."""
    return _("%(period)s%(matter)s") % {"period": period_label(kind, starts_on), "matter": matter}


def period_label(kind, starts_on):
    """Returns the period as text: 10月, 第三季度, 上半年, 2026年."""
    if kind == Period.MONTH:
        return month_words(starts_on)
    if kind == Period.QUARTER:
        return [_("第一季度"), _("第二季度"), _("第三季度"), _("第四季度")][(starts_on.month - 1) // 3]
    if kind == Period.HALF:
        return _("上半年") if starts_on.month == 1 else _("下半年")
    return _("%(year)s年") % {"year": starts_on.year}
