"""Working days by the State Council's calendar with its make-up days 调休 (R139-R140, R423-R424, R440).

Sources in order of precedence: the centre's own table (`HolidayOverride`), then the published arrangements in
chinesecalendar, then Monday to Friday without the statutory days off, which is provisional 暂定 until the year's notice
is loaded. The day of receipt is day zero. A notice may also move days of the December before its year.

The rules are methods of `Calendar`, a value object without database access. The functions at the end of the module use
a calendar that is cached for a few seconds. Code that stores a due date loads a fresh `Calendar.load()` (one query);
code that handles many dates passes one calendar on.
"""

import datetime as dt
import time
from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from chinese_calendar.constants import Holiday, holidays, workdays
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from reminders.calendar.festivals import statutory_days
from reminders.calendar.signals import announce_change, calendar_changed, calendar_version, is_change_pending

SATURDAY = 5
DAY = dt.timedelta(days=1)
LIBRARY_YEARS = range(min(holidays).year, max(holidays).year + 1)
LIBRARY_NAMES = {
    Holiday.new_years_day.value: gettext_lazy("元旦"),
    Holiday.spring_festival.value: gettext_lazy("春节"),
    Holiday.tomb_sweeping_day.value: gettext_lazy("清明节"),
    Holiday.labour_day.value: gettext_lazy("劳动节"),
    Holiday.dragon_boat_festival.value: gettext_lazy("端午节"),
    Holiday.national_day.value: gettext_lazy("国庆节"),
    Holiday.mid_autumn_festival.value: gettext_lazy("中秋节"),
}
CACHE_SECONDS = 5


__all__ = [
    "Calendar",
    "DayKind",
    "DayNote",
    "DayRule",
    "Override",
    "add_working_days",
    "announce_change",
    "calendar_changed",
    "clear_cache",
    "current_calendar",
    "explain",
    "is_provisional",
    "is_working_day",
    "missing_notice_year",
    "working_days_between",
]


class DayKind(StrEnum):
    """The reason why a day is counted or not."""

    RECEIPT = "receipt"
    WORKING = "working"
    MAKE_UP = "make_up"
    WEEKEND = "weekend"
    HOLIDAY = "holiday"


def require_date(day):
    """Returns `day`, or raises TypeError unless it is a date and no datetime, whose date depends on the time zone."""
    if isinstance(day, dt.datetime) or not isinstance(day, dt.date):
        raise TypeError(f"a date is needed, not {day!r}")
    return day


def kind_of(day, is_working, is_special):
    """The DayKind of a day; `is_special` distinguishes a holiday from an ordinary weekend."""
    if is_working:
        return DayKind.MAKE_UP if day.weekday() >= SATURDAY else DayKind.WORKING
    return DayKind.HOLIDAY if is_special else DayKind.WEEKEND


@dataclass(frozen=True)
class Override:
    """One row of the centre's table: whether the day is worked, its holiday, and the number of the notice."""

    is_working: bool
    name: str = ""
    notice: str = ""


@dataclass(frozen=True)
class DayRule:
    """The rule for one day. `name` is the holiday of a day off or a make-up day, `source` the basis of the rule."""

    day: dt.date
    kind: DayKind
    name: str | Promise
    provisional: bool
    source: str

    @property
    def is_working(self):
        return self.kind in (DayKind.WORKING, DayKind.MAKE_UP)


@dataclass(frozen=True)
class DayNote:
    """One day of a deadline. `number`: 1 for the first counted day (negative when counting back), None if skipped."""

    day: dt.date
    kind: DayKind
    name: str | Promise
    number: int | None
    provisional: bool
    source: str


class Calendar:
    """The working days. Immutable; the working days of a year are listed when the year is first used.

    `overrides`: {date: Override}. `announced_years`: years whose complete notice is in the centre's table.
    """

    def __init__(self, overrides=None, announced_years=()):
        self.overrides = MappingProxyType(dict(overrides or {}))
        self.announced_years = frozenset(announced_years)
        self._laid_out = {}

    @classmethod
    def load(cls):
        """The present calendar, read from the centre's table in one query."""
        from reminders.calendar.models import HolidayOverride

        overrides, announced = {}, set()
        for day, is_working, name, notice, whole in HolidayOverride.objects.calendar_rows():
            overrides[day] = Override(is_working, name, notice)
            if whole:
                announced.add(day.year)
        return cls(overrides, announced)

    def is_announced(self, year):
        """Whether the notice of `year` is in the library or in the centre's table."""
        return year in LIBRARY_YEARS or year in self.announced_years

    def is_provisional(self, day):
        """Whether a deadline on `day` may still move because the notice of its year is not loaded."""
        return not self.is_announced(day.year)

    def rule(self, day):
        """The DayRule of `day`, with its source."""
        override = self.overrides.get(require_date(day))
        if override:
            return DayRule(
                day, kind_of(day, override.is_working, True), override.name, False, override.notice
            )
        if self.is_announced(day.year):
            return self._published_rule(day)
        name = statutory_days(day.year).get(day, "")
        source = _("%(year)d年放假通知还没有公布，按法定节假日推算") % {"year": day.year}
        return DayRule(
            day, kind_of(day, day.weekday() < SATURDAY and not name, bool(name)), name, True, source
        )

    def _published_rule(self, day):
        english = workdays.get(day) or holidays.get(day)
        name = LIBRARY_NAMES.get(english, english) or ""
        source = _("国务院办公厅%(year)d年节假日安排") % {"year": day.year} if name else ""
        return DayRule(day, kind_of(day, self.is_working_day(day), bool(name)), name, False, source)

    def is_working_day(self, day):
        """Whether the centre works on `day` (a date). Raises TypeError for a datetime."""
        override = self.overrides.get(require_date(day))
        if override:
            return override.is_working
        if day.weekday() >= SATURDAY:
            return day in workdays
        if self.is_announced(day.year):
            return day not in holidays
        return day not in statutory_days(day.year)

    def add_working_days(self, day, n):
        """The n-th working day after `day`, which is day zero; before it when `n` is negative; `day` itself for 0."""
        if n == 0:
            return require_date(day)
        ordinals, year = self._working_in(require_date(day).year), day.year
        if n > 0:
            place = bisect_right(ordinals, day.toordinal()) - 1 + n
            while place >= len(ordinals):
                place, year = place - len(ordinals), year + 1
                ordinals = self._working_in(year)
        else:
            place = bisect_left(ordinals, day.toordinal()) + n
            while place < 0:
                year -= 1
                ordinals = self._working_in(year)
                place += len(ordinals)
        return dt.date.fromordinal(ordinals[place])

    def working_days_between(self, start, end):
        """The number of working days after `start` up to and including `end`; negative when `end` is earlier."""
        if end < start:
            return -self.working_days_between(end, start)
        whole_years = sum(len(self._working_in(year)) for year in range(start.year, end.year))
        return whole_years + self._worked_by(end) - self._worked_by(start)

    def explain(self, start, n):
        """Every day from `start` (receipt, not counted) to the n-th working day, in order: a list of DayNote."""
        end = self.add_working_days(start, n)
        step = 1 if n >= 0 else -1
        notes, number, day = [self._note(start, None, is_receipt=True)], 0, start
        while day != end:
            day += step * DAY
            counted = self.is_working_day(day)
            number += step * counted
            notes.append(self._note(day, number if counted else None))
        return notes[::step]

    def _note(self, day, number, is_receipt=False):
        rule = self.rule(day)
        kind = DayKind.RECEIPT if is_receipt else rule.kind
        return DayNote(day, kind, rule.name, number, rule.provisional, rule.source)

    def _worked_by(self, day):
        return bisect_right(self._working_in(require_date(day).year), day.toordinal())

    def _working_in(self, year):
        """The ordinals of the working days of `year`, in order."""
        if year not in self._laid_out:
            ordinals = range(dt.date(year, 1, 1).toordinal(), dt.date(year, 12, 31).toordinal() + 1)
            worked = (o for o in ordinals if self.is_working_day(dt.date.fromordinal(o)))
            self._laid_out[year] = tuple(worked)
        return self._laid_out[year]


_cached = (None, -1, 0.0)


def clear_cache():
    """Discards the cached calendar (for tests that switch between databases)."""
    global _cached
    _cached = (None, -1, 0.0)


def current_calendar():
    """The present calendar, cached for CACHE_SECONDS; changes of this process, committed or not, apply at once."""
    global _cached
    calendar, cached_version, loaded_at = _cached
    moment, version = time.monotonic(), calendar_version()
    if is_change_pending():
        return Calendar.load()
    if calendar is None or cached_version != version or not 0 <= moment - loaded_at < CACHE_SECONDS:
        calendar = Calendar.load()
        _cached = (calendar, version, moment)
    return calendar


def is_working_day(day):
    """Calendar.is_working_day of the present calendar."""
    return current_calendar().is_working_day(day)


def add_working_days(day, n):
    """Calendar.add_working_days of the present calendar."""
    return current_calendar().add_working_days(day, n)


def working_days_between(start, end):
    """Calendar.working_days_between of the present calendar."""
    return current_calendar().working_days_between(start, end)


def explain(start, n):
    """Calendar.explain of the present calendar."""
    return current_calendar().explain(start, n)


def is_provisional(day):
    """Calendar.is_provisional of the present calendar."""
    return current_calendar().is_provisional(day)


def missing_notice_year(today, from_month=11, from_day=1, calendar=None):
    """The year whose notice is missing and should be loaded, or None.

    This is the year of `today` or, from `from_month`/`from_day` on, the next one (the notice appears in November).
    """
    calendar = calendar or current_calendar()
    if not calendar.is_announced(today.year):
        return today.year
    is_season = (today.month, today.day) >= (from_month, from_day)
    return today.year + 1 if is_season and not calendar.is_announced(today.year + 1) else None
