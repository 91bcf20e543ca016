"""The parser of the State Council's yearly holiday notice, from its pasted text (R140).

The text is read clause by clause: the dates before 放假 are days off, those before 上班 are make-up days. Every
inconsistency (weekday, number of days, impossible date, unknown sentence) is reported as a Problem; nothing is guessed
silently.
"""

import datetime as dt
from dataclasses import dataclass

from django.utils.translation import gettext as _

from accounts.days import WEEKDAYS, span_words
from reminders.calendar.holiday_text import (
    COUNT,
    HOLIDAY_NAMES,
    SPAN,
    VERB,
    WEEKDAY,
    canonical_number,
    find_notice_number,
    find_year,
    normalize_text,
    parse_count,
    split_items,
)

DAY = dt.timedelta(days=1)
SATURDAY = 5
WHOLE_YEAR = frozenset(HOLIDAY_NAMES.values())
MAX_HOLIDAY_DAYS = 15
MAX_PROBLEMS = 50  # no user reads more, and each is compared with the earlier ones


@dataclass(frozen=True)
class NoticeDay:
    """A day off or a make-up day of a notice."""

    date: dt.date
    is_working: bool
    name: str


@dataclass(frozen=True)
class Problem:
    """An inconsistency, as a sentence. `blocks`: the notice cannot be saved before the text is corrected."""

    text: str
    blocks: bool = False


@dataclass(frozen=True)
class Notice:
    """A parsed notice. `covers_year`: it arranges all seven holidays, so the year counts as announced."""

    year: int | None
    number: str
    days: tuple[NoticeDay, ...]
    problems: tuple[Problem, ...]
    covers_year: bool

    @property
    def is_blocked(self):
        return any(problem.blocks for problem in self.problems)


def parse_notice(text, year=None, number=""):
    """Parses pasted text into a Notice; `year` and `number` override those in the text. Never raises on any text."""
    text = normalize_text(text)
    year = year or find_year(text)
    number = canonical_number(number) or find_notice_number(text)
    if year is None:
        missing = Problem(_("没有读到是哪一年的安排，请在“年份”里填上。"), blocks=True)
        return Notice(None, number, (), (missing,), False)
    reading = NoticeParser(year)
    for names, clauses in split_items(text):
        reading.read_item(names, clauses)
    if not reading.days:
        reading.problem(
            _("没有读到放假或上班的日期。请粘贴通知全文，例如“元旦：1月1日至3日放假，共3天。”"), blocks=True
        )
    days = tuple(sorted(reading.days.values(), key=lambda day: day.date))
    return Notice(year, number, days, tuple(reading.problems), reading.named_off >= WHOLE_YEAR)


class NoticeParser:
    """The state of the parser: the days of the notice and the problems so far."""

    def __init__(self, year):
        self.year = year
        self.days = {}
        self.problems = []
        self.named_off = set()

    def problem(self, text, blocks=False):
        problem = Problem(text, blocks)
        if len(self.problems) < MAX_PROBLEMS and problem not in self.problems:
            self.problems.append(problem)

    def read_item(self, names, clauses):
        item = ItemParser(self, names)
        for clause in clauses:
            item.read_clause(clause)
        if item.has_days_off:
            self.named_off.update(names)

    def add(self, date, is_working, name):
        """Adds one day. A day both off and worked is a blocking problem, a day in two items a simple one."""
        known = self.days.setdefault(date, NoticeDay(date, is_working, name))
        values = {"day": span_words(date, date), "first": known.name, "second": name}
        if known.is_working != is_working:
            self.problem(
                _("%(day)s又放假又上班（“%(first)s”和“%(second)s”），请核对原文。") % values, blocks=True
            )
        elif known.name != name:
            self.problem(_("%(day)s写了两次：“%(first)s”和“%(second)s”。") % values)


class ItemParser:
    """The parser of the item of one holiday, or of two that coincide."""

    def __init__(self, reading, names):
        self.reading = reading
        self.names = names
        self.name = "、".join(names) or _("放假")
        self.has_days_off = False

    def read_clause(self, clause):
        """Reads one sentence: dates belong to the verb that follows them."""
        off, start, last = [], 0, None
        for verb in VERB.finditer(clause):
            before, start = clause[start : verb.start()], verb.end()
            dates = self.dates_in(before, last)
            last = dates[-1] if dates else last
            if verb[0] == "上班":
                self.note_working(dates, before, clause)
            else:
                off += dates
        if SPAN.search(clause[start:]):
            self.not_understood(clause)
        if off:
            self.note_off(clause, off)

    def not_understood(self, clause):
        self.reading.problem(_("这一句没有读懂，请核对：“%s”。") % clause[:60])

    def note_working(self, dates, before, clause):
        """Adds make-up days; ignores “2月3日起正常上班”, which only states when the holiday is over."""
        if before.endswith(("起", "正常")):
            if len(dates) > 1:
                self.not_understood(clause)
            return
        for date in dates:
            self.reading.add(date, True, self.name)
            if date.weekday() < SATURDAY:
                values = {"day": span_words(date, date), "weekday": WEEKDAYS[date.weekday()]}
                self.reading.problem(_("%(day)s是周%(weekday)s，本来就是工作日，通知里却写了上班。") % values)

    def note_off(self, clause, off):
        """Adds days off, with the weekend that the text joins to them, and checks their number."""
        self.has_days_off = True
        joined = adjoining_weekends(off) if "周末连休" in clause else []
        for date in off + joined:
            self.reading.add(date, False, self.name)
        stated = COUNT.search(clause)
        if stated and parse_count(stated[1]) not in {len(set(off)), len(set(off + joined))}:
            values = {"name": self.name, "stated": parse_count(stated[1]), "read": len(set(off))}
            values["span"] = span_words(min(off), max(off))
            self.reading.problem(
                _("“%(name)s”写的是共%(stated)d天，读到的是%(read)d天（%(span)s）。") % values
            )

    def dates_in(self, text, last):
        """The dates in a part of a clause; `last` is the date before it, from which a missing month is taken."""
        dates = []
        for match in SPAN.finditer(text):
            parts = match.groups()
            first = self.date_of(*parts[:4], last)
            until = self.date_of(*parts[4:], first, is_end=True) if first and parts[6] else first
            if first and until:
                dates += self.days_of(first, until)
                last = until
        return dates

    def days_of(self, first, until):
        length = (until - first).days + 1
        if 1 <= length <= MAX_HOLIDAY_DAYS:
            return [first + offset * DAY for offset in range(length)]
        values = {"first": first.isoformat(), "until": until.isoformat()}
        self.reading.problem(_("“%(first)s至%(until)s”这一段读不通，请检查日期。") % values, blocks=True)
        return []

    def date_of(self, year, month, day, words, last, is_end=False):
        """One date from its written parts, or None with a Problem added. `last`: the date before it."""
        if not month and not last:
            self.reading.problem(_("“%s日”前面没有写月份。") % day, blocks=True)
            return None
        year = int(year) if year else self.year_of(month and int(month), last, is_end)
        month = int(month) if month else last.month
        try:
            date = dt.date(year, month, int(day))
        except ValueError:
            values = {"year": year, "month": month, "day": int(day)}
            self.reading.problem(_("没有%(year)d年%(month)d月%(day)d日这一天。") % values, blocks=True)
            return None
        self.check_weekday(date, words)
        return date if self.is_arranged_here(date) else None

    def year_of(self, month, last, is_end):
        """The year of a date written without one; December in the item of New Year belongs to the previous year."""
        if not month:
            return last.year
        if is_end:
            return last.year + (month < last.month)
        return self.reading.year - (month == 12 and self.names == ["元旦"])

    def check_weekday(self, date, words):
        """Adds a problem when the weekday in brackets after a date is wrong."""
        written = WEEKDAY.findall(words or "")
        weekday = WEEKDAYS[date.weekday()]
        if written and written[-1].replace("天", "日") != weekday:
            values = {"date": date.isoformat(), "weekday": weekday, "written": written[-1]}
            self.reading.problem(_("%(date)s是周%(weekday)s，通知里写的是周%(written)s。") % values)

    def is_arranged_here(self, date):
        """Whether `date` is in the year of the notice or in the December before; else adds a blocking problem."""
        year = self.reading.year
        if date.year == year or (date.year, date.month) == (year - 1, 12):
            return True
        values = {"date": date.isoformat(), "year": year}
        self.reading.problem(_("%(date)s不在%(year)d年的安排之内，请检查年份。") % values, blocks=True)
        return False


def adjoining_weekends(off):
    """The Saturdays and Sundays right before the first and right after the last day off."""
    days = []
    for day, step in ((min(off), -DAY), (max(off), DAY)):
        while (day := day + step).weekday() >= SATURDAY:
            days.append(day)
    return days
