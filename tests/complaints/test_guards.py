"""The reasons why a step cannot be taken yet, each a sentence for the user."""

from datetime import date

import pytest

from accounts.exceptions import ActionRefused
from complaints.workflow.lifecycle import open_steps
from tests.factories.complaints import ComplaintFactory, take_step

pytestmark = pytest.mark.django_db
PHONED = {"form_of_reply": "phone", "text": "已说明。"}
TOLD = {"on": date(2026, 9, 28), **PHONED}


def obstacle(case, user, name):
    """Returns the reason why `user` cannot take the step; "" when there is none."""
    return next(sentence for step, sentence in open_steps(case, user) if step.name == name)


def test_clock_that_stands_cannot_be_stopped_again(case, head):
    case = take_step(case, "pause", head, text="等对方补材料")
    with pytest.raises(ActionRefused, match="已经暂停计时了"):
        take_step(case, "pause", head, text="再停一次")


def test_clock_that_runs_cannot_be_resumed(case, head):
    with pytest.raises(ActionRefused, match="没有暂停计时"):
        take_step(case, "resume", head)


def test_person_without_a_code_can_be_asked_elsewhere_only(case, head):
    with pytest.raises(ActionRefused, match="没有查询码，请用其他方式联系"):
        take_step(case, "ask", head, text="哪一天？")
    assert "没有查询码" in obstacle(case, head, "ask")
    with_code = ComplaintFactory(with_code=True)
    assert obstacle(with_code, head, "ask") == ""
    assert take_step(with_code, "ask", head, text="哪一天？").acts.filter(kind="question").exists()


@pytest.mark.parametrize(
    ("step", "values", "sentence"),
    [
        ("reply", TOLD | {"on": date(2026, 9, 29)}, "还没到这一天"),
        ("reply", TOLD | {"on": date(2026, 9, 27)}, "比收到的日期（2026-09-28）早"),
        ("reply", TOLD | {"form_of_reply": "code"}, "没有查询码，请选别的方式"),
        ("reply", TOLD | {"form_of_reply": "notice"}, "只有匿名又没有联系方式的"),
        ("extend", {"clock": "response", "due_on": date(2026, 10, 8), "text": "等结果"}, "新的日期要晚于"),
        ("reply", TOLD | {"text": ""}, "请写清楚内容"),
        ("appoint", {}, "请选一位同事"),
        ("pass_on", {"on": date(2026, 9, 28), "text": "已去函"}, "请写转给哪个机关"),
    ],
)
def test_step_with_missing_or_impossible_values_is_refused_with_a_reason(case, head, step, values, sentence):
    with pytest.raises(ActionRefused, match=sentence):
        take_step(case, step, head, **values)


def test_public_notice_is_for_the_anonymous_who_cannot_be_reached(head):
    assert take_step(
        ComplaintFactory(anonymous=True), "reply", head, **TOLD | {"form_of_reply": "notice"}
    ).response_met_on
    reachable = ComplaintFactory(is_anonymous=True, name="", contact="13700006021")
    with pytest.raises(ActionRefused, match="只有匿名又没有联系方式的"):
        take_step(reachable, "reply", head, **TOLD | {"form_of_reply": "notice"})


@pytest.fixture
def unresolved(case, head, handler):
    """A complaint whose complainant is not satisfied with the reply."""
    case = take_step(case, "appoint", head, user=handler)
    return take_step(
        take_step(case, "reply", head, **TOLD), "unsatisfied", head, on=TOLD["on"], text="没有解决"
    )


def test_promise_after_the_fourteenth_working_day_needs_a_reason(unresolved, head):
    """R148."""
    due_on = unresolved.result_due_on
    with pytest.raises(ActionRefused, match="答应的日期不能早于说明的日期"):
        take_step(unresolved, "plan", head, due_on=date(2026, 9, 27), **TOLD)
    later = due_on.replace(day=due_on.day + 1)
    with pytest.raises(ActionRefused, match=f"答应的日期比{due_on.isoformat()}晚，请写明原因"):
        take_step(unresolved, "plan", head, due_on=later, **TOLD)
    assert take_step(unresolved, "plan", head, due_on=later, words="要等鉴定", **TOLD).result_due_on == later


def test_promise_within_the_clock_needs_no_reason(unresolved, head):
    due_on = unresolved.result_due_on
    assert take_step(unresolved, "plan", head, due_on=due_on, **TOLD).state == "planned"


def test_clock_that_is_answered_is_given_no_other_day(unresolved, head):
    with pytest.raises(ActionRefused, match="已经答复过了"):
        take_step(unresolved, "extend", head, clock="response", due_on=date(2026, 12, 1), text="晚一点")


def test_next_step_cannot_be_in_the_past(case, head):
    case = take_step(case, "reply", head, **TOLD)
    with pytest.raises(ActionRefused, match="下一步的日期不能早于今天"):
        take_step(case, "follow_up", head, text="再看", due_on=date(2026, 9, 27))
    assert take_step(case, "follow_up", head, text="再看", due_on=date(2026, 9, 28)).next_step == "再看"


def test_closing_waits_for_opinion_and_measure_and_praise_for_no_measure(case, head):
    """R136, R151, R180."""
    case = take_step(take_step(case, "reply", head, **TOLD), "satisfied", head, on=TOLD["on"])
    assert obstacle(case, head, "close") == "办结前请负责人签署意见。"
    with pytest.raises(ActionRefused, match="请选是否属实"):
        take_step(case, "sign", head, text="同意")
    case = take_step(case, "sign", head, text="同意", finding="true")
    assert "请写一条改善措施" in obstacle(case, head, "close")
    with pytest.raises(ActionRefused, match="请写一条改善措施"):
        take_step(case, "close", head)
    praise = take_step(
        take_step(ComplaintFactory(praise=True), "reply", head, **TOLD), "satisfied", head, on=TOLD["on"]
    )
    assert take_step(take_step(praise, "sign", head, text="谢谢"), "close", head).state == "closed"
