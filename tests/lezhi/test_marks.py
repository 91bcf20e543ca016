"""Dots, chips and counts in lists, and the undo and draft instructions in the extra tags of a message."""

from types import SimpleNamespace

import pytest

from lezhi.status_marks import toast_parts
from lezhi.templatetags import lezhi as tags


def duties(*states):
    """Returns duties with these states."""
    return [SimpleNamespace(state=state) for state in states]


def test_dots_say_in_words_what_they_draw():
    drawn = tags.dots(duties("met", "over", "over", "open"), "10月")
    assert 'aria-label="10月：已完成1项，未到期1项，逾期2项"' in drawn
    assert drawn.count("#d-over") == 2
    assert drawn.endswith("1/4</span>")


def test_dots_do_not_count_what_does_not_apply():
    assert tags.dots(duties("met", "na")).endswith("1/1</span>")


def test_dots_without_duties_draw_one_dash_and_no_count():
    drawn = tags.dots([])
    assert drawn.count("#d-na") == 1
    assert "本期没有应尽事项" in drawn
    assert "/0" not in drawn


def test_dots_accept_dicts():
    assert "#d-soon" in tags.dots([{"state": "soon"}])


def test_due_chip_states_have_text():
    drawn = tags.due_chip(None, provisional=True)
    assert "chip--prov" in drawn
    assert "bi-question-diamond" in drawn
    assert "暂定" in drawn


def test_chip_escapes_its_words():
    assert "<script>" not in tags.chip("<script>")


def test_contract_chip_without_a_contract_is_empty():
    assert tags.contract_chip(None, 60) == ""


def test_clause_without_text_draws_no_button():
    assert tags.clause("") == ""
    assert 'aria-label="依据：001 &quot;a&quot;"' in tags.clause('001 "a"')


@pytest.mark.parametrize(("count", "shown"), [(42, "42家"), (1000, "1,000家"), (1001, "1,000+家")])
def test_capped_counts_say_so(count, shown):
    assert tags.capped(count, "家") == shown


def test_toast_parts_read_undo_and_draft():
    parts = toast_parts("undo:/interactions/5/withdraw/ draft-clear:quick_log other")
    assert parts == {"undo": "/interactions/5/withdraw/", "draft_clear": "quick_log"}
    assert toast_parts("") == {"undo": "", "draft_clear": ""}


@pytest.mark.parametrize(
    "elsewhere", ["undo:https://evil.example/", "undo://evil.example/", "undo:javascript:alert(1)"]
)
def test_toast_parts_undo_only_on_this_site(elsewhere):
    assert toast_parts(elsewhere)["undo"] == ""
