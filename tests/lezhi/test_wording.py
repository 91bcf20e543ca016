"""Dates, distances and masks, word for word (ui.md)."""

from datetime import UTC, date, datetime

import pytest
from django.utils import translation

from lezhi import wording

TODAY = date(2026, 10, 12)
LATER = date(2026, 10, 31)


@pytest.mark.parametrize(
    ("told", "state", "words"),
    [
        ({"due_on": date(2026, 10, 8), "workdays_left": -2}, "over", "逾期2个工作日"),
        ({"due_on": date(2026, 10, 11), "workdays_left": 0}, "over", "已逾期"),
        ({"due_on": TODAY, "workdays_left": 0}, "today", "今天到期"),
        ({"due_on": TODAY}, "today", "今天到期"),
        ({"due_on": TODAY, "workdays_left": 0, "today": None}, "today", "今天到期"),
        ({"due_on": date(2026, 10, 18), "workdays_left": 0}, "soon", "10月18日到期"),
        ({"due_on": LATER, "workdays_left": 1}, "soon", "还有1个工作日"),
        ({"due_on": LATER, "workdays_left": 5}, "soon", "还有5个工作日"),
        ({"due_on": LATER, "workdays_left": 6}, "plain", "还有6个工作日"),
        ({"due_on": LATER}, "plain", "10月31日到期"),
        ({"due_on": None}, "plain", "没有期限"),
        ({"due_on": LATER, "met_on": date(2026, 10, 9)}, "met", "已完成 10-09"),
        ({"due_on": LATER, "met_on": date(2025, 10, 9)}, "met", "已完成 2025-10-09"),
        ({"due_on": date(2026, 10, 1), "workdays_left": -3, "met_on": TODAY}, "met", "已完成 10-12"),
        ({"due_on": date(2026, 10, 1), "workdays_left": -3, "paused": True}, "paused", "暂停计时"),
        ({"due_on": None, "provisional": True}, "prov", "暂定"),
        ({"due_on": date(2027, 1, 6), "workdays_left": 60, "provisional": True}, "prov", "2027年1月6日 暂定"),
        ({"due_on": date(2026, 10, 1), "workdays_left": -3, "provisional": True}, "over", "逾期3个工作日"),
    ],
)
def test_due_words_for_every_state(told, state, words):
    assert wording.due_words(**{"today": TODAY, **told}) == (state, words)


@pytest.mark.parametrize(
    ("days", "state", "words"),
    [
        (-1, "plain", "已到期"),
        (0, "today", "今天到期"),
        (60, "soon", "还有60天"),
        (61, "plain", "还有61天"),
    ],
)
def test_contract_words_count_days(days, state, words):
    assert wording.contract_words(days) == (state, words)


def test_dates_in_chinese():
    assert wording.day_words(TODAY) == "10月12日"
    assert wording.full_day_words(TODAY) == "2026年10月12日 周一"
    assert wording.weekday_words(date(2026, 11, 22)) == "周日"


def test_dates_in_english():
    with translation.override("en"):
        assert wording.day_words(TODAY) == "12 Oct"
        assert wording.full_day_words(TODAY) == "Mon 12 Oct 2026"
        assert wording.year_day_words(date(2027, 1, 6)) == "6 Jan 2027"


def test_moment_counts_by_the_day_in_shanghai():
    assert wording.day_words(datetime(2026, 10, 11, 16, 30, tzinfo=UTC)) == "10月12日"


def test_month_day_shows_another_year():
    assert wording.month_day(TODAY, today=date(2026, 1, 1)) == "10-12"
    assert wording.month_day(TODAY, today=date(2027, 1, 1)) == "2026-10-12"
    assert wording.month_day(TODAY) == "2026-10-12"


@pytest.mark.parametrize(
    ("name", "masked"),
    [("陈志远", "陈**"), ("陈远", "陈**"), (" 欧阳修远 ", "欧阳**"), ("欧阳", "欧**"), ("", ""), (None, "")],
)
def test_masked_name_hides_its_length(name, masked):
    assert wording.masked_name(name) == masked


@pytest.mark.parametrize(
    ("phone", "masked"),
    [
        ("13712346021", "137****6021"),
        ("137-1234 6021", "137****6021"),
        ("12345", "****"),
        ("", ""),
        (None, ""),
    ],
)
def test_masked_phone_shows_three_and_four_digits(phone, masked):
    assert wording.masked_phone(phone) == masked
