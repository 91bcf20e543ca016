"""Dates and periods as text."""

from datetime import UTC, date, datetime

import pytest
from django.utils import translation

from accounts import days

TODAY = date(2026, 10, 12)


def test_dates_in_chinese():
    assert days.day_words(TODAY) == "10月12日"
    assert days.full_day_words(TODAY) == "2026年10月12日 周一"
    assert days.weekday_words(date(2026, 11, 22)) == "周日"


def test_dates_in_english():
    with translation.override("en"):
        assert days.day_words(TODAY) == "12 Oct"
        assert days.full_day_words(TODAY) == "Mon 12 Oct 2026"
        assert days.year_day_words(date(2027, 1, 6)) == "6 Jan 2027"


def test_moment_counts_by_the_day_in_shanghai():
    assert days.day_words(datetime(2026, 10, 11, 16, 30, tzinfo=UTC)) == "10月12日"


def test_month_day_shows_another_year():
    assert days.month_day(TODAY, today=date(2026, 1, 1)) == "10-12"
    assert days.month_day(TODAY, today=date(2027, 1, 1)) == "2026-10-12"
    assert days.month_day(TODAY) == "2026-10-12"


def test_near_day_has_its_year_only_when_it_is_another():
    assert days.near_day_words(TODAY, date(2026, 1, 1)) == "10月12日"
    assert days.near_day_words(TODAY, date(2027, 1, 1)) == "2026年10月12日"


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2026-10-12", TODAY),
        (" 2026-10-12 ", TODAY),
        ("2026-02-30", None),
        ("2026-10", None),
        ("today", None),
        ("", None),
        (None, None),
    ],
)
def test_day_in_a_query_string_is_read_or_none(text, day):
    assert days.parse_day(text) == day


def test_spans():
    assert days.day_range(date(2026, 10, 1), date(2026, 10, 7)) == "10月1日—7日"
    assert days.day_range(date(2026, 12, 28), date(2027, 1, 3)) == "12月28日—2027年1月3日"
    assert days.span_words(date(2026, 12, 30), date(2027, 1, 1)) == "12月30日—1月1日"
    assert days.span_words(TODAY, TODAY) == "10月12日"
