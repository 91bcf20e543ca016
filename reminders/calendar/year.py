"""One year of the calendar as the page shows it: twelve months, and the holidays with their make-up days."""

import calendar as month_grid
import datetime as dt
from dataclasses import dataclass, field
from itertools import groupby

from django.utils.translation import gettext as _

from accounts.days import month_words, span_words
from reminders.calendar.workdays import DayKind

DAY = dt.timedelta(days=1)
JOIN_WITHIN = dt.timedelta(days=40)


@dataclass(frozen=True)
class Cell:
    """One day of a month: CSS classes and text; both are empty for an ordinary working day."""

    day: dt.date
    css: str
    words: str


@dataclass(frozen=True)
class Month:
    """A month as weeks from Monday to Sunday; None stands for days of the previous or next month."""

    number: int
    weeks: list
    working_days: int

    @property
    def words(self):
        return month_words(dt.date(2000, self.number, 1))


@dataclass
class Arrangement:
    """One holiday: its consecutive days off, its make-up days, and the sources."""

    name: str
    first: dt.date | None
    last: dt.date | None
    provisional: bool
    make_up: list = field(default_factory=list)
    sources: list = field(default_factory=list)

    @property
    def length(self):
        return (self.last - self.first).days + 1 if self.first else 0

    @property
    def span(self):
        return span_words(self.first, self.last)

    def is_near(self, day):
        return self.first is not None and self.first - JOIN_WITHIN <= day <= self.last + JOIN_WITHIN


def months_of(calendar, year, today):
    """The twelve Months of `year`."""
    return [month_of(calendar, year, number, today) for number in range(1, 13)]


def month_of(calendar, year, number, today):
    rules = {}
    for day in month_grid.Calendar().itermonthdates(year, number):
        if day.month == number:
            rules[day] = calendar.rule(day)
    weeks = [
        [cell_of(rules[day], today) if day in rules else None for day in week]
        for week in month_grid.Calendar().monthdatescalendar(year, number)
    ]
    return Month(number, weeks, sum(rule.is_working for rule in rules.values()))


def cell_of(rule, today):
    css, words = [], []
    if rule.kind == DayKind.HOLIDAY:
        css, words = ["hol"], [_("%s放假") % rule.name]
    elif rule.kind == DayKind.MAKE_UP:
        css, words = ["mk"], [_("调休上班")]
    elif rule.kind == DayKind.WEEKEND:
        css = ["we"]
    if rule.provisional and rule.kind == DayKind.HOLIDAY:
        css.append("prov")
        words.append(_("暂定"))
    if rule.day == today:
        css.append("now")
        words.append(_("今天"))
    return Cell(rule.day, " ".join(css), _("，").join(words))


def arrangements_in(calendar, year):
    """The Arrangements of `year` by date, including one that starts in the December before."""
    first, last = dt.date(year - 1, 12, 15), dt.date(year + 1, 1, 15)
    rules = [calendar.rule(first + n * DAY) for n in range((last - first).days + 1)]
    arrangements = []
    for is_off, run in groupby(rules, key=lambda rule: rule.kind == DayKind.HOLIDAY):
        if is_off:
            arrangements.append(arrangement_of(list(run)))
    for rule in rules:
        if rule.kind == DayKind.MAKE_UP:
            join_make_up(arrangements, rule)
    return [each for each in arrangements if touches(each, year)]


def arrangement_of(run):
    names = _("、").join(dict.fromkeys(str(rule.name) for rule in run))
    sources = list(dict.fromkeys(rule.source for rule in run))
    provisional = any(rule.provisional for rule in run)
    return Arrangement(names, run[0].day, run[-1].day, provisional, sources=sources)


def join_make_up(found, rule):
    """Adds a make-up day to its holiday, or as a new Arrangement when it belongs to none."""
    near = [each for each in found if each.is_near(rule.day) and shares_name(each.name, str(rule.name))]
    if not near:
        near = [Arrangement(str(rule.name), None, None, False)]
        found.append(near[0])
    home = min(near, key=lambda each: abs(each.first - rule.day) if each.first else dt.timedelta())
    home.make_up.append(rule.day)
    if rule.source not in home.sources:
        home.sources.append(rule.source)


def shares_name(one, other):
    return bool(set(one.split("、")) & set(other.split("、")))


def touches(arrangement, year):
    days = [day for day in (arrangement.first, arrangement.last, *arrangement.make_up) if day]
    return any(day.year == year for day in days)
