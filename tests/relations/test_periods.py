"""The first and last days of calendar periods (R442)."""

from datetime import date

import pytest

from relations.duties.periods import (
    Span,
    matter_with_period,
    months_of,
    period_label,
    period_of,
    periods_overlapping,
    start_of_month,
)
from relations.models import Period


@pytest.mark.parametrize(
    ("kind", "day", "first", "last"),
    [
        ("month", date(2028, 2, 29), date(2028, 2, 1), date(2028, 2, 29)),
        ("month", date(2026, 12, 31), date(2026, 12, 1), date(2026, 12, 31)),
        ("quarter", date(2026, 3, 31), date(2026, 1, 1), date(2026, 3, 31)),
        ("quarter", date(2026, 4, 1), date(2026, 4, 1), date(2026, 6, 30)),
        ("half", date(2026, 6, 30), date(2026, 1, 1), date(2026, 6, 30)),
        ("half", date(2026, 7, 1), date(2026, 7, 1), date(2026, 12, 31)),
        ("year", date(2026, 1, 1), date(2026, 1, 1), date(2026, 12, 31)),
    ],
)
def test_period_of_has_both_its_days(kind, day, first, last):
    assert period_of(kind, day) == Span(kind, first, last)


def test_touching_a_single_day_gives_one_period_of_each_kind():
    assert [span.kind for span in periods_overlapping(date(2026, 5, 5), date(2026, 5, 5))] == [
        "half",
        "month",
        "quarter",
        "year",
    ]


def test_touching_reaches_over_the_turn_of_the_year():
    months = [
        span.starts_on
        for span in periods_overlapping(date(2026, 12, 31), date(2027, 1, 1))
        if span.kind == Period.MONTH
    ]
    assert months == [date(2026, 12, 1), date(2027, 1, 1)]


def test_touching_gives_every_period_oldest_first_and_none_twice():
    found = periods_overlapping(date(2026, 11, 30), date(2027, 1, 1))
    assert [(span.kind, span.starts_on.isoformat(), span.days) for span in found] == [
        ("half", "2026-07-01", 184),
        ("half", "2027-01-01", 181),
        ("month", "2026-11-01", 30),
        ("month", "2026-12-01", 31),
        ("month", "2027-01-01", 31),
        ("quarter", "2026-10-01", 92),
        ("quarter", "2027-01-01", 90),
        ("year", "2026-01-01", 365),
        ("year", "2027-01-01", 365),
    ]


def test_nothing_is_touched_when_the_end_lies_before_the_beginning():
    assert periods_overlapping(date(2026, 5, 6), date(2026, 5, 5)) == []


@pytest.mark.parametrize(
    ("months", "first"),
    [
        (0, date(2026, 11, 1)),
        (1, date(2026, 12, 1)),
        (2, date(2027, 1, 1)),
        (14, date(2028, 1, 1)),
        (-10, date(2026, 1, 1)),
        (-11, date(2025, 12, 1)),
    ],
)
def test_month_after_crosses_years_both_ways(months, first):
    assert start_of_month(date(2026, 11, 1), months) == first


@pytest.mark.parametrize(
    ("kind", "first", "words"),
    [
        ("month", date(2026, 10, 1), "10月"),
        ("quarter", date(2026, 1, 1), "第一季度"),
        ("quarter", date(2026, 4, 1), "第二季度"),
        ("quarter", date(2026, 7, 1), "第三季度"),
        ("quarter", date(2026, 10, 1), "第四季度"),
        ("half", date(2026, 1, 1), "上半年"),
        ("half", date(2026, 7, 1), "下半年"),
        ("year", date(2026, 1, 1), "2026年"),
    ],
)
def test_period_in_words(kind, first, words):
    assert period_label(kind, first) == words
    assert matter_with_period(kind, first, "驻点沟通") == f"{words}驻点沟通"


def test_span_counts_both_its_days():
    assert Span("month", date(2026, 11, 1), date(2026, 11, 1)).days == 1


@pytest.mark.parametrize(("kind", "months"), [("month", [10]), ("quarter", [10, 11, 12])])
def test_period_is_made_of_these_months(kind, months):
    assert months_of(period_of(kind, date(2026, 10, 5))) == [date(2026, month, 1) for month in months]
