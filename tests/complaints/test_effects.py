"""What a step changes besides the state: dates met, clocks that start again, signatures, and reminders."""

from datetime import date, timedelta

import pytest

from complaints.intake.identify import identify
from complaints.lists.waiting import waiting_for
from complaints.models import Finding, Improvement, State
from reminders import steps
from reminders.models import Parameter, Reminder
from tests.factories.complaints import ComplaintFactory, take_step

pytestmark = pytest.mark.django_db
PHONE = {"form_of_reply": "phone", "text": "说明"}
RECEIVED, LATER = date(2026, 9, 28), date(2026, 10, 26)
PERSONNEL = {"kind": "complaint", "subject": "conduct", "is_personnel": True, "text": "说的是招聘"}
NOT_PERSONNEL = PERSONNEL | {"is_personnel": False, "text": "说的是探访"}


def open_for(user):
    """Returns {what: number of open reminders about complaints} of `user`."""
    counts = {}
    for subject in Reminder.objects.open().filter(recipient=user).values_list("subject", flat=True):
        what = subject.split(":")[2]
        counts[what] = counts.get(what, 0) + 1
    return counts


@pytest.fixture
def settled(case, head, handler):
    """A complaint whose complainant is satisfied with the answer, signed by the head."""
    take_step(case, "appoint", head, user=handler)
    take_step(case, "answer", head, on=RECEIVED, **PHONE)
    take_step(case, "satisfied", head, on=RECEIVED)
    return take_step(case, "sign", head, text="同意", finding=Finding.TRUE)


# --- whose turn it is -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("how", ["pass_headship", "accuse"])
def test_new_head_of_one_under_way_is_told(case, head, handler, council, how):
    take_step(case, "appoint", head, user=handler)
    if how == "accuse":
        take_step(case, "accuse", head, users=(head,))
    else:
        take_step(case, "pass_headship", head, user=council, text="出差")
    assert case.head == council
    assert open_for(council) == {"head": 1}
    take_step(case, "note", handler, text="打过电话")
    assert open_for(council) == {"head": 1}


def test_new_head_of_one_not_taken_in_is_asked_to_take_it_in(case, head, council):
    take_step(case, "pass_headship", head, user=council, text="出差")
    assert open_for(council) == {"new": 1}


def test_dissatisfied_waits_for_the_head_alone(case, head, handler):
    take_step(case, "appoint", head, user=handler)
    take_step(case, "reply", handler, on=RECEIVED, **PHONE)
    take_step(case, "unsatisfied", handler, on=RECEIVED, text="没有解决")
    assert list(waiting_for(head)) == [case]
    assert list(waiting_for(handler)) == []


# --- clocks -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("word", ["satisfied", "no_word"])
def test_result_is_the_last_reply_not_the_first(case, head, at, word):
    take_step(case, "reply", head, on=RECEIVED, **PHONE)
    take_step(case, "follow_up", head, text="还要查", due_on=LATER)
    at(str(LATER))
    take_step(case, "reply", head, on=LATER, **PHONE)
    take_step(case, word, head, on=LATER, text="问过")
    assert (case.response_met_on, case.result_met_on) == (RECEIVED, LATER)
    assert case.result_met_on > case.result_due_on


@pytest.mark.parametrize("way", ["follow_up", "reopen"])
def test_plan_after_an_answer_lets_the_result_wait_again(settled, head, handler, at, way):
    if way == "reopen":
        Improvement.objects.create(
            complaint=settled, measure="改", owner=handler, due_on=RECEIVED, check_on=RECEIVED
        )
        take_step(settled, "close", head)
        take_step(settled, "reopen", head, text="又来电话", due_on=LATER)
    else:
        take_step(settled, "follow_up", head, text="还要查", due_on=LATER)
    assert settled.state == State.HANDLING
    take_step(settled, "plan", head, on=RECEIVED, due_on=LATER, words="等材料", **PHONE)
    assert (settled.result_met_on, settled.result_due_on) == (None, LATER)


def test_reminders_come_again_when_the_clocks_are_given_back(head, at):
    case = ComplaintFactory(anonymous=True)
    steps.sweep(at("2026-10-14"))
    assert open_for(head)["response"] == 1
    take_step(case, "reclass", head, **PERSONNEL)
    assert "response" not in open_for(head)
    take_step(case, "reclass", head, **NOT_PERSONNEL)
    steps.sweep(date(2026, 10, 14))
    assert open_for(head)["response"] == 1


def test_name_given_later_starts_the_clocks_without_the_pauses_of_before(head, at):
    case = ComplaintFactory(anonymous=True)
    take_step(case, "pause", head, text="等材料")
    at("2026-09-30")
    take_step(case, "resume", head)
    assert case.paused_days == 2
    take_step(case, "reclass", head, **PERSONNEL)
    before = case.extensions
    case = identify(case, name="陈小满", contact="", today=date(2026, 9, 30))
    assert (case.paused_days, case.extensions) == (0, before + 1)
    assert case.response_due_on == date(2026, 10, 15)  # seven working days after 30 September


def test_what_is_promised_is_the_clock_be_it_earlier(case, head, handler):
    """R142, R147: the limit in the rules is the latest day, not the target."""
    take_step(case, "appoint", head, user=handler)
    promised = case.result_due_on - timedelta(days=1)
    take_step(case, "plan", head, on=RECEIVED, due_on=promised, **PHONE)
    assert case.result_due_on == promised


def test_result_counted_from_the_plan_begins_a_new_period(head, at):
    Parameter.objects.create(
        key="complaint_result_from_told", value=1, effective_from=date(2026, 1, 1), set_by=head
    )
    case = ComplaintFactory()
    at("2026-10-09")
    take_step(case, "reply", head, on=date(2026, 10, 9), **PHONE)
    before = case.result_due_on
    take_step(
        case, "plan", head, on=date(2026, 10, 9), due_on=date(2026, 10, 28), words="从告知那天算", **PHONE
    )
    assert case.result_due_on == date(2026, 10, 28) > before
    assert case.extensions == 1


def test_head_who_takes_it_back_is_reminded_again(case, head, council, at):
    steps.sweep(at("2026-10-14"))
    assert open_for(head)["response"] == 1
    take_step(case, "pass_headship", head, user=council, text="出差")
    assert open_for(head) == {}
    take_step(case, "pass_headship", council, user=head, text="回来了")
    steps.sweep(date(2026, 10, 14))
    assert open_for(head)["response"] == 1


# --- signatures -------------------------------------------------------------------------------------------------------


def test_signature_of_a_head_complained_about_holds_no_more(settled, head, council):
    case = take_step(settled, "accuse", head, users=(head,))
    assert (case.state, case.head) == (State.SETTLED, council)
    assert (case.opinion, case.opinion_by, case.opinion_on) == ("", None, None)


def test_signature_stays_when_the_headship_is_passed_on(settled, head, council):
    case = take_step(settled, "pass_headship", head, user=council, text="出差")
    assert (case.opinion, case.opinion_by) == ("同意", head)


def test_what_goes_on_is_signed_anew(settled, head):
    case = take_step(settled, "follow_up", head, text="还要查", due_on=LATER)
    assert case.opinion == ""
    assert case.acts.get(kind="opinion").text == "同意"


@pytest.mark.parametrize(("kind", "kept"), [("complaint", "true"), ("suggestion", "")])
def test_another_kind_is_judged_anew(settled, head, kind, kept):
    case = take_step(settled, "reclass", head, kind=kind, subject="rules", text="看错了")
    assert (case.finding, bool(case.opinion)) == (kept, bool(kept))


# --- next step, escalation, what is written ---------------------------------------------------------------------------


def test_next_step_is_reminded_of_on_its_day_until_it_is_taken(settled, head, handler, at):
    """R179."""
    take_step(settled, "follow_up", head, text="还要查", due_on=LATER)
    steps.sweep(at("2026-10-25"))
    assert "step" not in open_for(head)
    for _time in range(2):
        steps.sweep(at(str(LATER)))
        assert (open_for(head).get("step"), open_for(handler).get("step")) == (1, 1)
    take_step(settled, "reply", handler, on=LATER, **PHONE)
    assert "step" not in open_for(head) | open_for(handler)


def test_next_step_put_off_is_reminded_of_on_the_new_day(case, head, at):
    take_step(case, "reply", head, on=RECEIVED, **PHONE)
    take_step(case, "follow_up", head, text="还要查", due_on=date(2026, 9, 29))
    steps.sweep(at("2026-09-29"))
    assert open_for(head)["step"] == 1
    take_step(case, "reply", head, on=RECEIVED, **PHONE)
    take_step(case, "follow_up", head, text="再查", due_on=date(2026, 9, 30))
    assert "step" not in open_for(head)
    steps.sweep(at("2026-09-30"))
    assert open_for(head)["step"] == 1


def test_escalation_ends_with_the_last_answer(case, head, director, at):
    steps.sweep(at("2026-10-15"))
    assert open_for(director) == {"escalated": 1}
    take_step(case, "reply", head, on=date(2026, 10, 15), **PHONE)
    assert open_for(director) == {"escalated": 1}
    take_step(case, "satisfied", head, on=date(2026, 10, 15))
    assert open_for(director) == {}


def test_matter_of_a_government_body_is_passed_on_and_its_result_still_answered(case, head):
    """R164: the complainant is told the result, also when another body deals with the matter."""
    take_step(case, "pass_on", head, on=RECEIVED, words="青岚镇环卫所", text="已去函。")
    assert (case.state, case.result_met_on) == (State.PASSED, None)
    assert case.acts.last().details["agency"] == "青岚镇环卫所"
    take_step(case, "answer", head, on=RECEIVED, **PHONE)
    assert (case.state, case.result_met_on) == (State.ANSWERED, RECEIVED)


def test_who_is_not_to_be_told_stands_in_the_act(case, head, council):
    take_step(case, "mark", head, text="对方来电要求", users=(council,), words="驻点单位", is_strict=True)
    assert case.acts.last().details == {"was_strict": False, "not_told": [council.pk], "words": "驻点单位"}
