"""The texts of deadlines, word for word."""

from datetime import date

import pytest

from lezhi import wording
from relations.parties.term_words import end_words

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
    assert end_words(days, soon=60) == (state, words)
