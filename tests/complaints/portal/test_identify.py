"""An anonymous personnel complaint that is only registered is processed once a name is given."""

from datetime import date

import pytest

from accounts.exceptions import ActionRefused
from complaints.intake.identify import identify
from complaints.models import State
from reminders.models import Reminder
from tests.complaints.portal.door import CASE, following, page, sent
from tests.factories.complaints import ComplaintFactory, take_step

NAME = "/portal/case/name/"
pytestmark = pytest.mark.usefixtures("head")


def registered_only():
    """Submits an anonymous personnel complaint. Returns (complaint, receipt code, client)."""
    return sent(is_personnel="on", anyway="1")


def test_page_says_why_and_offers_to_give_a_name():
    _case, code, _sender = registered_only()
    text = page(following(code), CASE)
    assert "<h1>已登记，不办理</h1>" in text
    assert "匿名的人事投诉按规定只登记，不办理。" in text
    assert (NAME in text, 'name="text"' in text, "最晚" in text) == (True, False, False)


def test_message_to_what_is_not_processed_is_refused():
    case, code, _sender = registered_only()
    assert "现在不办理" in following(code).post(CASE, {"text": "请办理"}).content.decode()
    assert not case.acts.filter(kind="message").exists()


def test_without_a_name_nothing_changes():
    case, code, _sender = registered_only()
    assert "请写姓名" in following(code).post(NAME, {"name": " "}).content.decode()
    case.refresh_from_db()
    assert case.state == State.NOT_PROCESSED


def test_name_starts_both_clocks_from_that_day_and_reminds_the_head(head, at):
    case, code, _sender = registered_only()
    day = at("2026-10-12")
    client = following(code)
    assert client.post(NAME, {"name": "林小春", "contact": "13800000001"}).url == CASE
    case.refresh_from_db()
    assert (case.state, case.is_anonymous, case.name) == (State.WITH_HEAD, False, "林小春")
    assert (case.contact, case.counted_from, case.told_on) == ("13800000001", day, day)
    assert (case.response_due_on, case.result_due_on) == (date(2026, 10, 21), date(2026, 10, 30))
    open_ones = Reminder.objects.open().filter(subject=f"complaint:{case.pk}:new")
    assert [reminder.recipient for reminder in open_ones] == [head]
    assert [act.kind for act in case.acts.all()][-2:] == ["identified", "told"]
    text = page(client, CASE)
    assert ("林小春" in text, "10月21日" in text, "您补充了姓名。" in text) == (False, True, True)


def test_name_is_in_no_act():
    case, code, _sender = registered_only()
    following(code).post(NAME, {"name": "林小春"})
    assert [act for act in case.acts.all() if "林" in act.text or "林" in str(act.details)] == []


def test_given_twice_counts_once():
    case, code, _sender = registered_only()
    client = following(code)
    for name in ("林小春", "别的人"):
        assert client.post(NAME, {"name": name}).url == CASE
    case.refresh_from_db()
    assert case.name == "林小春"
    assert case.acts.filter(kind="identified").count() == 1


def test_nobody_without_the_code_gives_a_name(client):
    case, _code, _sender = registered_only()
    client.post(NAME, {"name": "冒名"})
    case.refresh_from_db()
    assert case.is_anonymous


def test_work_can_begin_afterwards(head, handler):
    case, _code, _sender = registered_only()
    identify(case, name="林小春", contact="", today=case.received_on)
    assert take_step(case, "appoint", head, user=handler).state == State.HANDLING


@pytest.mark.parametrize("more", [{"anonymous": True}, {"personnel": True}, {}])
def test_others_are_refused(more, today):
    case = ComplaintFactory(**more)
    with pytest.raises(ActionRefused):
        identify(case, name="林小春", contact="", today=today)


def test_matter_made_personnel_after_its_reply_gets_both_dates_again(head, today):
    case, code, _sender = sent()
    take_step(case, "reply", head, on=today, form_of_reply="code", text="谢谢")
    take_step(case, "reclass", head, kind="complaint", subject="conduct", is_personnel=True, text="是人事")
    assert case.state == State.NOT_PROCESSED
    found = identify(case, name="林小春", contact="", today=today)
    assert (found.state, found.response_due_on) == (State.WITH_HEAD, date(2026, 10, 13))
    assert "<h1>已交中心负责人</h1>" in page(following(code), CASE)
