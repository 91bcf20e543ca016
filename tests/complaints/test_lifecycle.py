"""A complaint from receipt to closing: what each step requires, stores and leads to."""

from datetime import date

import pytest
from django.core.exceptions import PermissionDenied

from accounts.exceptions import ActionRefused
from complaints.acts.audit_log import broken_chains
from complaints.models import Act, Complaint, ComplaintKind, Improvement, PersonClass, State, Subject
from complaints.models.written_once import AppendOnlyError, AppendOnlyQuerySet
from complaints.workflow.lifecycle import STEPS, ActInput, perform
from tests.factories.complaints import ComplaintFactory, take_step


def seen_by(*users):
    """Returns those of `users` who may view any complaint."""
    return [user for user in users if Complaint.objects.visible_to(user).exists()]


def test_new_complaint_goes_to_the_head(case, head, registrar, council, director):
    """R145, R161, R425: handed over at once, whichever way it came in."""
    assert (case.state, case.head) == (State.WITH_HEAD, head)
    assert [act.kind for act in case.acts.all()] == ["registered", "handed_over"]
    assert seen_by(head, registrar, council, director) == [head]
    assert (case.response_due_on, case.result_due_on) == (date(2026, 10, 13), date(2026, 10, 22))


@pytest.mark.parametrize(
    ("field", "value"),
    [
        *(("kind", kind) for kind in ComplaintKind.values),
        *(("person_class", person_class) for person_class in PersonClass.values),
        *(("subject", subject) for subject in Subject.values),
    ],
)
def test_same_rules_apply_to_every_complainant_and_subject(head, registrar, field, value):
    """R121, R136-R138; also for colleagues (R163) and for complaints about the centre itself (R166)."""
    case = ComplaintFactory(by=registrar, **{field: value})
    assert (case.state, case.head) == (State.WITH_HEAD, head)
    assert (case.response_due_on, case.result_due_on) == (date(2026, 10, 13), date(2026, 10, 22))


def test_sent_twice_is_one(case, registrar, today):
    again = ComplaintFactory(by=registrar, intake_key=case.intake_key)
    assert again == case
    assert Complaint.objects.count() == 1


def test_complaint_about_the_head_goes_to_the_alternate(head, council, registrar):
    """R143, R450."""
    case = ComplaintFactory(by=registrar, accused=[head])
    assert case.head == council
    assert seen_by(head, council) == [council]


def test_anonymous_personnel_is_registered_and_no_more(head, registrar, today):
    """R155-R156; the head may correct the class (R453)."""
    case = ComplaintFactory(by=registrar, anonymous=True, personnel=True)
    assert (case.state, case.response_due_on, case.result_due_on) == (State.NOT_PROCESSED, None, None)
    open_to_head = [step.name for step in STEPS.values() if step.is_open(case, {"head"})]
    assert open_to_head == ["reclass", "accuse", "mark", "list", "delist", "pass_headship", "void"]
    take_step(case, "reclass", head, kind="complaint", subject="conduct", text="不是人事问题")
    assert (case.state, case.response_due_on) == (State.WITH_HEAD, date(2026, 10, 13))


def test_whole_course(case, head, handler, today):
    """R144, R146-R147, R149-R151: investigated, plan and date announced, answered, judged, improved."""
    take_step(case, "appoint", head, user=handler)
    take_step(case, "tell", handler, on=today, form_of_reply="phone", text="最晚10月13日前回复您")
    take_step(case, "note", handler, text="查了签到记录")
    take_step(case, "reply", handler, on=today, form_of_reply="phone", text="向您道歉")
    assert (case.state, case.response_met_on, case.result_met_on) == (State.REPLIED, today, None)
    take_step(case, "unsatisfied", handler, on=today, text="希望换一位社工")
    take_step(case, "plan", head, on=today, form_of_reply="phone", text="安排换人", due_on=date(2026, 10, 20))
    take_step(case, "answer", handler, on=today, form_of_reply="writing", text="已换人")
    take_step(case, "satisfied", handler, on=today)
    take_step(case, "sign", head, text="属实，同意", finding="true")
    with pytest.raises(ActionRefused, match="改善措施"):
        take_step(case, "close", head)
    Improvement.objects.create(
        complaint=case, measure="改期提前一天告知", owner=handler, due_on=today, check_on=today
    )
    take_step(case, "close", head)
    assert (case.state, case.closed_on, case.result_met_on) == (State.CLOSED, today, today)
    assert broken_chains() == set()


def test_outsider_is_refused(case, registrar, today):
    with pytest.raises(PermissionDenied):
        perform(case, "note", by=registrar, today=today, act_input=ActInput(text="x"))


def test_acts_cannot_be_changed(case):
    """R126: acts stay on record as they were."""
    act = case.acts.first()
    act.text = "另一句话"
    with pytest.raises(AppendOnlyError):
        act.save()
    with pytest.raises(AppendOnlyError):
        act.delete()
    with pytest.raises(AppendOnlyError):
        Act.objects.filter(pk=act.pk).update(text="另一句话")


def test_broken_chain_is_found(case):
    super(AppendOnlyQuerySet, Act.objects.all()).update(text="改过")
    assert broken_chains() == {case.pk}


def test_accused_handler_loses_access_immediately(case, head, handler):
    """R143."""
    take_step(case, "appoint", head, user=handler)
    assert seen_by(head, handler) == [head, handler]
    take_step(case, "accuse", head, users=(handler,))
    assert (seen_by(head, handler), case.handler, case.state) == ([head], None, State.WITH_HEAD)
    with pytest.raises(ActionRefused, match="被投诉"):
        take_step(case, "appoint", head, user=handler)


def test_accused_head_hands_over_to_the_alternate(case, head, handler, council):
    """R143, R450."""
    take_step(case, "appoint", head, user=handler)
    take_step(case, "accuse", handler, users=(head,))
    assert (case.head, seen_by(head, council, handler)) == (council, [council, handler])
