"""Proposing, approving and returning decisions about the course of a relationship (R19-R21, R58-R66, R271)."""

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.approvals.approver_roles import FALLBACKS
from accounts.approvals.assignment import steps_waiting_for
from accounts.exceptions import ActionRefused
from accounts.models import RefusedAttempt
from accounts.roles import GRANTS, Permission, Role, Scope
from relations.approvals import decisions
from relations.models import Assessment, Cycle, Decision, Stage
from reminders.models import Delivery, Reminder
from tests.factories import approvals
from tests.factories.accounts import StandInFactory, UserFactory
from tests.factories.relations import CycleFactory, StakeholderFactory

pytestmark = pytest.mark.django_db

CONTENT = {
    "next": {"both_agree": True, "is_willing": True},
    "refer": {"referral_form": "formal", "referred_to": "康复中心"},
    "terminate": {"termination_reason": "mismatch", "help_offered": "介绍了另外两家机构。"},
}


@pytest.fixture(autouse=True)
def today(at):
    return at("2026-12-02")


@pytest.fixture
def worker():
    return UserFactory(resident=True)


@pytest.fixture
def supervisor(worker):
    return UserFactory(supervisor=True, department=worker.department)


@pytest.fixture
def cycle(worker):
    return CycleFactory(stakeholder=StakeholderFactory(responsible=worker), stage=Stage.DECISION)


def draft(cycle, course="refer", **fields):
    """An unsaved Decision with the required fields of its course."""
    return Decision(cycle=cycle, course=course, justification="对照预估。", **(CONTENT[course] | fields))


def waiting_for(user):
    """The decisions that wait for this user."""
    return Decision.objects.filter(sheet__in=steps_waiting_for(user).values("sheet"))


@pytest.fixture
def proposal(cycle, worker, supervisor, today):
    return decisions.propose(draft(cycle), by=worker)


# ---------- who may, and who may not


def test_proposer_does_not_decide(proposal, worker, today):
    with pytest.raises(PermissionDenied):
        decisions.approve(proposal, by=worker)


def test_proposer_does_not_decide_even_as_the_stand_in(proposal, worker, supervisor, today):
    StandInFactory(absent=supervisor, stand_in=worker)

    with pytest.raises(PermissionDenied):
        decisions.approve(proposal, by=worker)
    assert not waiting_for(worker).exists()


@pytest.mark.parametrize("role", Role)
def test_only_those_who_may_approve_within_their_scope_decide(role, proposal, worker, today):
    """R58: every role, inside and outside of the department."""
    inside = UserFactory(roles=[role], department=worker.department)
    outside = UserFactory(roles=[role])
    grant = GRANTS[role]
    may = Permission.APPROVE in grant.permissions

    assert decisions.may_decide(inside, proposal) == (may and grant.scope != Scope.OWN)
    assert decisions.may_decide(outside, proposal) == (may and grant.scope == Scope.ALL)


def test_confidential_relationship_is_decided_by_those_who_see_it(cycle, worker, supervisor, today):
    cycle.stakeholder.is_confidential = True
    cycle.stakeholder.save()
    head = UserFactory(head=True)
    proposal = decisions.propose(draft(cycle), by=worker)

    assert not waiting_for(supervisor).exists()
    assert list(waiting_for(head)) == [proposal]
    assert [reminder.recipient for reminder in Reminder.objects.all()] == [head]


def test_stand_in_of_the_department_head_decides(worker, today):
    """R271: a colleague without the permission decides, but only during the absence."""
    head = UserFactory(department_head=True, department=worker.department)
    worker.department.head = head
    worker.department.save()
    colleague = UserFactory(resident=True)
    cycle = CycleFactory(stakeholder=StakeholderFactory(responsible=worker), stage=Stage.DECISION)
    proposal = decisions.propose(draft(cycle), by=worker)
    with pytest.raises(PermissionDenied):
        decisions.approve(proposal, by=colleague)
    StandInFactory(absent=head, stand_in=colleague)

    decisions.approve(proposal, by=colleague)

    assert (proposal.state, proposal.decided_by) == ("approved", colleague)


def test_stand_in_of_a_worker_does_not_decide(proposal, today):
    colleague, absent = UserFactory(resident=True), UserFactory(resident=True)
    StandInFactory(absent=absent, stand_in=colleague)

    assert not waiting_for(colleague).exists()


# ---------- the acts


def test_one_proposal_waits_at_a_time(proposal, cycle, worker, supervisor, today):
    for person in (worker, supervisor):
        with pytest.raises(ActionRefused, match="已经有一个决定在等待审批"):
            decisions.propose(draft(cycle, "terminate"), by=person)
    with pytest.raises(IntegrityError), transaction.atomic():
        approvals.propose(cycle, worker)


def test_refused_second_proposal_names_the_request_that_waits(proposal, cycle, worker, client):
    client.force_login(worker)
    address = reverse("relations:decide", args=[cycle.pk])
    words = f"已经有一个决定在等待审批（第{proposal.sheet_id}号审批单）"
    assert words in client.get(address, follow=True).content.decode()
    answer = client.post(address, sent("refer", **CONTENT["refer"]))
    assert words in answer.content.decode()
    assert answer.context["form"]["referred_to"].value() == "康复中心"


ASSESSED = {
    "existing_needs": "探访",
    "conclusion": "先等等",
    "can_handle": "True",
    "is_willing": "True",
    "assessed_on": "2026-12-02",
    "version": 0,
}


def test_assessment_is_locked_while_the_decision_waits(proposal, cycle, worker, client):
    """What the approver reads stays as it is (blueprint 2); afterwards it is open again."""
    client.force_login(worker)
    address = reverse("relations:assessment", args=[cycle.pk])
    words = f"第{proposal.sheet_id}号审批单还在等待审批，预估先不能改"
    assert words in client.get(address, follow=True).content.decode()
    answer = client.post(address, ASSESSED)
    assert answer.status_code == 200
    assert words in answer.content.decode()
    assert answer.context["form"]["conclusion"].value() == "先等等"
    assert not Assessment.objects.exists()

    client.post(reverse("sheet_withdraw", args=[proposal.sheet_id]))
    assert client.get(address).status_code == 200
    assert client.post(address, ASSESSED).status_code == 302
    assert Assessment.objects.get().conclusion == "先等等"


def test_locked_assessment_offers_no_edit_and_says_why(proposal, cycle, worker, client):
    """A link to the form appears again when the decision no longer waits."""
    client.force_login(worker)
    page, link = reverse("relations:cycle", args=[cycle.pk]), reverse("relations:assessment", args=[cycle.pk])
    words = "有一个决定在等待审批，预估先不能改。"
    shown = client.get(page).content.decode()
    assert (words in shown, f'href="{link}"' in shown) == (True, False)
    client.post(reverse("sheet_withdraw", args=[proposal.sheet_id]))
    shown = client.get(page).content.decode()
    assert (words in shown, f'href="{link}"' in shown) == (False, True)


def test_approver_sees_what_changed_since_the_decision_was_returned(
    proposal, cycle, worker, supervisor, client
):
    decisions.send_back(proposal, by=supervisor, note="换一家")
    again = decisions.propose(draft(cycle, referred_to="邻镇中心"), by=worker)
    client.force_login(supervisor)
    page = client.get(reverse("relations:decision", args=[again.pk]))
    assert [(line.label, line.now, line.then) for line in page.context["lines"]] == [
        ("转介到", "康复中心", "邻镇中心")
    ]
    assert "和上一次提出的相比" in page.content.decode()
    assert client.get(reverse("relations:decision", args=[proposal.pk])).context["lines"] == []


def test_ended_round_takes_no_decision(cycle, worker, today):
    Cycle.objects.filter(pk=cycle.pk).update(ended_on=today, ending="completed")

    with pytest.raises(ActionRefused, match="第1轮已经结束"):
        decisions.propose(draft(cycle), by=worker)


@pytest.mark.parametrize("role", [role for role in Role if Permission.MOVE in GRANTS[role].permissions])
def test_nobody_decides_at_once(role, cycle, today):
    """R58: users who may approve propose like everyone else, and another user approves."""
    UserFactory(director=True)
    proposer = UserFactory(roles=[role], department=cycle.stakeholder.responsible.department)
    decision = decisions.propose(draft(cycle, "next"), by=proposer)

    assert (decision.state, decision.decided_by) == ("proposed", None)
    with pytest.raises(PermissionDenied):
        decisions.approve(decision, by=proposer)


@pytest.mark.parametrize("above", ["business_lead", "head", "director", "council"])
def test_decision_that_only_its_proposer_could_approve_goes_to_the_next_one_up(above, cycle, today):
    """The head of the department proposes, and no other user approves there."""
    lead = UserFactory(department_head=True, department=cycle.stakeholder.responsible.department)
    people = {role: UserFactory(roles=[role]) for role in FALLBACKS[FALLBACKS.index(above) :]}

    decision = decisions.propose(draft(cycle), by=lead)

    assert [reminder.recipient for reminder in Reminder.objects.all()] == [people[above]]
    decisions.approve(decision, by=people[above])
    assert decision.decided_by == people[above]


def test_decision_that_nobody_else_could_approve_is_refused_with_the_page_that_mends_it(client, cycle, today):
    lead = UserFactory(department_head=True, department=cycle.stakeholder.responsible.department)

    with pytest.raises(ActionRefused, match="现在没有人可以审批"):
        decisions.propose(draft(cycle), by=lead)
    assert not Decision.objects.exists()
    client.force_login(lead)
    address = reverse("relations:decide", args=[cycle.pk])
    page = client.post(address, sent("refer", **CONTENT["refer"])).content.decode()
    assert f'href="{reverse("roles")}"' in page
    assert "康复中心" in page


def test_council_approves_only_while_nobody_else_can(proposal, supervisor):
    council = UserFactory(council=True)
    assert not decisions.may_decide(council, proposal)
    supervisor.is_active = False
    supervisor.save()
    assert decisions.may_decide(council, proposal)


def test_withdrawn_by_the_proposer_alone(client, proposal, cycle, worker, supervisor):
    client.force_login(supervisor)
    address = reverse("sheet_withdraw", args=[proposal.sheet_id])
    assert client.post(address).status_code == 403
    client.force_login(worker)
    assert client.post(address).url == reverse("relations:decision", args=[proposal.pk])

    assert Decision.objects.get().state == "withdrawn"
    assert not Reminder.objects.open().exists()
    assert "康复中心" in client.get(reverse("relations:decide", args=[cycle.pk])).content.decode()


def test_changed_content_makes_the_decision_void(client, proposal, worker, supervisor):
    Decision.objects.filter(pk=proposal.pk).update(referred_to="别处")
    client.force_login(supervisor)

    answer = client.post(reverse("relations:answer", args=[proposal.pk, "approve"]), {"note": "同意"})

    assert answer.status_code == 403
    assert "已经失效" in answer.content.decode()
    decision = Decision.objects.get()
    assert (decision.state, decision.decided_by, decision.decision_note) == (
        "void",
        None,
        "提交以后内容改过了。",
    )
    assert RefusedAttempt.objects.get().route == "relations:answer"
    notice = Reminder.objects.open().get()
    assert (notice.recipient, notice.title[:3]) == (worker, "已失效")


def test_round_that_went_past_deciding_makes_the_decision_void(proposal, cycle, supervisor):
    Cycle.objects.filter(pk=cycle.pk).update(stage=Stage.EVALUATION)
    with pytest.raises(PermissionDenied):
        decisions.approve(proposal, by=supervisor)
    assert Decision.objects.get().state == "void"


def test_proposal_is_told_to_those_who_lead_the_department(proposal, worker, supervisor):
    reminder = Reminder.objects.get()

    assert (reminder.recipient, reminder.kind) == (supervisor, "approval")
    assert reminder.link == reverse("relations:decision", args=[proposal.pk])


def test_proposal_is_told_to_the_stand_in_as_well(cycle, worker, supervisor, today):
    colleague = UserFactory(department_staff=True, department=worker.department)
    StandInFactory(absent=supervisor, stand_in=colleague)

    decisions.propose(draft(cycle), by=worker)

    recipients = Delivery.objects.filter(channel="in_app").values_list("recipient", flat=True)
    assert set(recipients) == {supervisor.pk, colleague.pk}


def test_proposal_of_a_department_without_a_lead_goes_to_the_head_of_the_centre(cycle, worker, today):
    head = UserFactory(head=True)

    decisions.propose(draft(cycle), by=worker)

    assert [reminder.recipient for reminder in Reminder.objects.all()] == [head]


@pytest.mark.parametrize("answer", ["approve", "send_back"])
def test_answer_closes_the_reminder_and_tells_the_proposer(answer, proposal, worker, supervisor, today):
    getattr(decisions, answer)(proposal, by=supervisor, note="请补充理由")

    question, answered = Reminder.objects.order_by("pk")
    assert question.closed_at is not None
    assert (answered.recipient, answered.closed_at) == (worker, None)
    assert proposal.state == {"approve": "approved", "send_back": "returned"}[answer]
    assert (proposal.decided_by, proposal.decided_on, proposal.decision_note) == (
        supervisor,
        today,
        "请补充理由",
    )
    assert proposal.history.count() == 2


@pytest.mark.parametrize("note", ["", "  "])
def test_return_without_a_note_is_refused(note, proposal, supervisor, today):
    with pytest.raises(ActionRefused, match="请写明退回的原因"):
        decisions.send_back(proposal, by=supervisor, note=note)
    assert Decision.objects.get().state == "proposed"


def test_second_answer_is_refused_with_who_was_first(proposal, supervisor, today):
    other = UserFactory(director=True, name="高文彬")
    decisions.approve(Decision.objects.get(), by=other)

    with pytest.raises(ActionRefused, match="刚才高文彬已经处理了这个决定"):
        decisions.send_back(proposal, by=supervisor, note="不行")
    assert Decision.objects.get().state == "approved"


# ---------- the pages


def sent(course, **fields):
    """The form data of a decision."""
    return {
        "course": course,
        "justification": "对照预估。",
        **{k: "on" if v is True else v for k, v in fields.items()},
    }


def errors(client, cycle, data):
    """The errors of the form after it was submitted."""
    return client.post(reverse("relations:decide", args=[cycle.pk]), data).context["form"].errors


@pytest.mark.parametrize(
    ("course", "fields"),
    [
        ("next", {"both_agree": True}),
        ("next", {"is_willing": True}),
        ("refer", {"referral_form": "formal"}),
        ("refer", {"referred_to": "康复中心"}),
        ("terminate", {"termination_reason": "mismatch"}),
        ("terminate", {"help_offered": "介绍了另外两家机构。"}),
    ],
)
def test_decision_without_what_its_course_asks_is_refused(course, fields, client, cycle, worker):
    """R59-R66: each half alone is not enough, and the error is shown at the missing field."""
    client.force_login(worker)

    missing = set(CONTENT[course]) - set(fields)
    assert set(errors(client, cycle, sent(course, **fields))) == missing
    assert not Decision.objects.exists()


def test_going_on_against_the_assessment_is_refused(client, cycle, worker, today):
    """R66: the assessment states that the stakeholder is not willing."""
    Assessment.objects.create(
        cycle=cycle,
        existing_needs="探访",
        conclusion="先等等",
        is_willing=False,
        assessed_on=today,
        assessed_by=worker,
    )
    client.force_login(worker)

    assert set(errors(client, cycle, sent("next", **CONTENT["next"]))) == {"is_willing"}


@pytest.mark.parametrize("stage", [Stage.CONTACT, Stage.ASSESSMENT, Stage.PLAN, Stage.EXECUTION])
def test_going_on_is_decided_at_stage_three_only(stage, client, cycle, worker, supervisor):
    """R20: the ways out of the relationship stay open until closure."""
    Cycle.objects.filter(pk=cycle.pk).update(stage=stage)
    client.force_login(worker)

    assert set(errors(client, cycle, sent("next", **CONTENT["next"]))) == {"course"}
    client.post(reverse("relations:decide", args=[cycle.pk]), sent("refer", **CONTENT["refer"]))
    assert Decision.objects.get().course == "refer"


@pytest.mark.parametrize("stage", [Stage.EVALUATION, Stage.FOLLOW_UP])
def test_no_decision_after_execution(stage, client, cycle, worker):
    Cycle.objects.filter(pk=cycle.pk).update(stage=stage)
    client.force_login(worker)

    answer = client.get(reverse("relations:decide", args=[cycle.pk]))

    assert answer.url == reverse("relations:cycle", args=[cycle.pk])
    client.post(reverse("relations:decide", args=[cycle.pk]), sent("refer", **CONTENT["refer"]))
    assert not Decision.objects.exists()


def test_decision_keeps_only_what_belongs_to_its_course(client, cycle, worker, supervisor):
    client.force_login(worker)
    everything = sent("terminate", **CONTENT["terminate"], **CONTENT["refer"])

    client.post(reverse("relations:decide", args=[cycle.pk]), everything)

    decision = Decision.objects.get()
    assert (decision.referral_form, decision.referred_to) == ("", "")
    assert (decision.state, decision.proposed_by) == ("proposed", worker)


def test_waiting_decision_is_shown_instead_of_a_second_form(client, proposal, cycle, worker):
    client.force_login(worker)

    answer = client.get(reverse("relations:decide", args=[cycle.pk]))

    assert answer.url == reverse("relations:decision", args=[proposal.pk])


def test_returned_decision_is_carried_into_the_next(client, proposal, cycle, worker, supervisor, today):
    decisions.send_back(proposal, by=supervisor, note="写清去处")
    client.force_login(worker)

    page = client.get(reverse("relations:decide", args=[cycle.pk])).content.decode()

    assert "写清去处" in page
    assert "康复中心" in page


def test_answer_by_address_is_refused_to_the_proposer(client, proposal, worker):
    client.force_login(worker)

    assert client.post(reverse("relations:answer", args=[proposal.pk, "approve"])).status_code == 403
    assert Decision.objects.get().state == "proposed"


def test_decision_out_of_sight_is_not_there(client, proposal):
    client.force_login(UserFactory(supervisor=True))

    assert client.get(reverse("relations:decision", args=[proposal.pk])).status_code == 404
    assert client.post(reverse("relations:answer", args=[proposal.pk, "approve"])).status_code == 404


def test_answer_on_the_page(client, proposal, supervisor):
    client.force_login(supervisor)
    page = client.get(reverse("relations:decision", args=[proposal.pk])).content.decode()
    assert "批准" in page

    empty = client.post(reverse("relations:answer", args=[proposal.pk, "return"]), {"note": ""})
    assert "请写明退回的原因。" in empty.content.decode()
    answer = client.post(reverse("relations:answer", args=[proposal.pk, "approve"]), {"note": "同意"})

    assert answer.url == reverse("approvals")
    assert Decision.objects.get().decision_note == "同意"


def test_approvals_list_what_waits_with_as_many_queries_for_many(
    client, worker, supervisor, today, django_assert_num_queries
):

    client.force_login(supervisor)
    client.get(reverse("approvals"))

    def propose(count):
        for _ in range(count):
            one = CycleFactory(stakeholder=StakeholderFactory(responsible=worker), stage=Stage.DECISION)
            decisions.propose(draft(one), by=worker)

    propose(1)
    client.get(reverse("approvals"))
    with CaptureQueriesContext(connection) as few:
        client.get(reverse("approvals"))
    propose(9)
    with django_assert_num_queries(len(few)):
        page = client.get(reverse("approvals")).content.decode()
    assert page.count("看一看") == 10


def test_approvals_are_open_to_everybody_since_anybody_may_be_asked(client):
    """An absent volunteer confirms who stands in for them, and an empty page reveals nothing."""
    client.force_login(UserFactory(volunteer=True))

    assert client.get(reverse("approvals")).context["found"].rows == []
