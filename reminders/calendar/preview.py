"""The preview of a pasted notice before it is saved: one row per holiday, with its changes (R140)."""

import datetime as dt
from dataclasses import dataclass
from itertools import groupby

from django.utils.translation import gettext as _

from accounts.days import span_words

DAY = dt.timedelta(days=1)


@dataclass(frozen=True)
class PreviewDay:
    """One day of the notice; `is_change`: the present calendar counts it the other way."""

    date: dt.date
    is_working: bool
    is_change: bool


@dataclass(frozen=True)
class PreviewHoliday:
    """The days of one holiday of the notice."""

    name: str
    days: list

    @property
    def off(self):
        return [day for day in self.days if not day.is_working]

    @property
    def make_up(self):
        return [day for day in self.days if day.is_working]

    @property
    def change_count(self):
        return sum(day.is_change for day in self.days)

    @property
    def change_words(self):
        """Text such as 现在按工作日算：2月9日—11日；现在按休息日算：1月30日; empty when nothing changes."""
        now_worked = spans_text(day.date for day in self.off if day.is_change)
        now_off = spans_text(day.date for day in self.make_up if day.is_change)
        words = [_("现在按工作日算：%s") % now_worked] if now_worked else []
        words += [_("现在按休息日算：%s") % now_off] if now_off else []
        return _("；").join(words)


def preview_of(notice, calendar):
    """The PreviewHolidays of `notice` (holiday_notice.Notice) compared with `calendar`, by their first day off."""
    by_name = sorted(notice.days, key=lambda day: (day.name, day.date))
    holidays = [
        PreviewHoliday(name, [preview_day(day, calendar) for day in days])
        for name, days in groupby(by_name, key=lambda day: day.name)
    ]
    return sorted(holidays, key=lambda holiday: (holiday.off or holiday.days)[0].date)


def preview_day(day, calendar):
    return PreviewDay(day.date, day.is_working, calendar.is_working_day(day.date) != day.is_working)


def spans_text(dates):
    """Text of sorted dates as spans: 2月9日—11日、2月20日."""
    runs = []
    for date in dates:
        if runs and runs[-1][1] + DAY == date:
            runs[-1][1] = date
        else:
            runs.append([date, date])
    return _("、").join(span_words(first, last) for first, last in runs)
