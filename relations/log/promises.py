"""Finds a dated promise in the text of a contact: “下周给名单” suggests a reminder for next Monday."""

import re
from dataclasses import dataclass
from datetime import date, timedelta

WEEKDAYS = "一二三四五六日天"
CLAUSES = re.compile(r"[，,。；;！!？?\n]")
NEXT_WEEK = re.compile(r"下周([一二三四五六日天])?|下星期([一二三四五六日天])?")
THIS_WEEK = re.compile(r"(?:本周|这周|(?<![上下每])周)([一二三四五六日天])")
DAY = re.compile(r"(\d{1,2})月(\d{1,2})[日号]")
RELATIVE_DAYS = {"明天": 1, "后天": 2}


@dataclass(frozen=True)
class Promise:
    text: str
    due_on: date


def find_promise(content, today):
    """Returns the first clause of `content` that names a day after `today`, as a Promise, or None."""
    for clause in CLAUSES.split(content):
        due_on = find_day(clause, today)
        if due_on and due_on > today:
            return Promise(clause.strip()[:200], due_on)
    return None


def find_day(clause, today):
    """Returns the day that a clause names, relative to `today`, or None."""
    if found := DAY.search(clause):
        return next_date(today, int(found[1]), int(found[2]))
    monday = today - timedelta(days=today.weekday())
    if found := NEXT_WEEK.search(clause):
        return monday + timedelta(days=7 + weekday_number(found[1] or found[2] or "一"))
    if found := THIS_WEEK.search(clause):
        return monday + timedelta(days=weekday_number(found[1]))
    return next(
        (today + timedelta(days=days) for word, days in RELATIVE_DAYS.items() if word in clause), None
    )


def weekday_number(sign):
    return min(WEEKDAYS.index(sign), 6)


def next_date(today, month, day):
    """Returns the next such day after `today`; None if the date does not exist."""
    for year in (today.year, today.year + 1):
        try:
            candidate = date(year, month, day)
        except ValueError:
            return None
        if candidate > today:
            return candidate
    return None
