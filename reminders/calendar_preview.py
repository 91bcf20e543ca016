"""What a pasted notice would change, before it is saved: one row per holiday (R140)."""

import datetime as dt
from dataclasses import dataclass
from itertools import groupby

from django.utils.translation import gettext as _

from reminders.day_strip import day_text

DAY = dt.timedelta(days=1)


@dataclass(frozen=True)
class PreviewDay:
    """One day of the notice beside the calendar of now. `now` says in words what changes; empty if nothing does."""

    day: dt.date
    is_working: bool
    now: str


@dataclass(frozen=True)
class PreviewHoliday:
    """The days of one holiday of the notice."""

    name: str
    days: list

    @property
    def off(self):
        return [each for each in self.days if not each.is_working]

    @property
    def make_up(self):
        return [each for each in self.days if each.is_working]

    @property
    def changes(self):
        return [each for each in self.days if each.now]


def preview_of(notice, calendar):
    """The PreviewHolidays of `notice` (holiday_notice.Notice) beside `calendar`, in order of their first day off."""
    by_name = sorted(notice.days, key=lambda day: (day.name, day.date))
    holidays = [
        PreviewHoliday(
            name, [PreviewDay(day.date, day.is_working, change_words(day, calendar)) for day in days]
        )
        for name, days in groupby(by_name, key=lambda day: day.name)
    ]
    return sorted(holidays, key=lambda holiday: (holiday.off or holiday.days)[0].day)


def change_words(day, calendar):
    """What differs from now: 现在按工作日算 or 现在按放假算; "" when the day is counted as before."""
    was_working = calendar.is_working_day(day.date)
    if was_working == day.is_working:
        return ""
    return (
        _("%s现在按工作日算") % day_text(day.date)
        if was_working
        else _("%s现在按休息日算") % day_text(day.date)
    )
