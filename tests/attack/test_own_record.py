"""The record about a colleague: its subject reads it, but neither decides on it, writes it, shares it nor is warned."""

from datetime import date, timedelta

import pytest
from django.test import Client
from django.urls import reverse

from accounts.approvals.assignment import steps_waiting_for
from accounts.roles import Role
from relations.approvals import decisions
from relations.models import Cycle, Decision, Share, Stage, Stakeholder
from relations.shares import actions as shares
from relations.shares import emergencies
from tests.factories.accounts import DepartmentFactory, UserFactory
from tests.factories.relations import CycleFactory, StakeholderFactory, TaskFactory

pytestmark = pytest.mark.django_db
TODAY = date(2026, 10, 12)
REFER = {
    "justification": "对照预估。",
    "referral_form": "formal",
    "referred_to": "康复中心",
    "course": "refer",
}


def browse(user):
    browser = Client()
    browser.force_login(user, backend="accounts.backends.RoleBackend")
    return browser


@pytest.fixture
def department(at):
    at(TODAY)
    return DepartmentFactory(name="社会服务部")


@pytest.fixture
def head(department):
    return UserFactory(roles=[Role.HEAD], department=None, name="周主任")


@pytest.fixture
def subject(department):
    return UserFactory(department_head=True, department=department, name="部门主任")


@pytest.fixture
def other(department):
    return UserFactory(roles=[Role.SERVICE_HEAD], department=department, name="另一位主任")


@pytest.fixture
def own(department, subject, head):
    return StakeholderFactory(
        kind="staff",
        name="部门主任",
        responsible=None,
        account=subject,
        department=department,
        caution="正在调查",
        by=head,
    )


def test_subject_does_not_decide_and_another_does(own, subject, other, head):
    """ADR 6, 17: not who gains by it, in no kind."""
    cycle = CycleFactory(stakeholder=own, stage=Stage.DECISION, by=head)
    decision = decisions.propose(Decision(cycle=cycle, **REFER), by=other)
    assert decision.sheet.about == subject
    assert not steps_waiting_for(subject).exists()
    url = reverse("relations:answer", args=[decision.pk, "approve"])
    assert browse(subject).post(url, {"note": "好"}).status_code == 403
    decision.refresh_from_db()
    assert decision.state == Decision.State.PROPOSED
    assert browse(head).post(url, {"note": "好"}).status_code == 302
    decision.refresh_from_db()
    assert decision.decided_by == head


def test_subject_writes_nothing_and_still_reads(own, subject, other, head):
    cycle = CycleFactory(stakeholder=own, stage=Stage.ASSESSMENT, by=head)
    reading = [reverse("relations:plain_record", args=[own.pk]), reverse("relations:cycle", args=[cycle.pk])]
    writing = [
        reverse("relations:assessment", args=[cycle.pk]),
        reverse("relations:decide", args=[cycle.pk]),
        reverse("relations:move", args=[cycle.pk, "next"]),
        reverse("relations:add_task", args=[own.pk]),
        reverse("quick_log_for", args=[own.pk]),
    ]
    pages = browse(subject)
    assert {url: pages.get(url).status_code for url in reading} == dict.fromkeys(reading, 200)
    assert {url: pages.post(url).status_code for url in writing} == dict.fromkeys(writing, 403)
    assert not hasattr(Cycle.objects.get(pk=cycle.pk), "assessment")
    assert browse(other).get(writing[0]).status_code == 200


def test_subject_finishes_only_tasks_of_their_own(own, subject, other):
    mine, theirs = (TaskFactory(stakeholder=own, owner=owner) for owner in (subject, other))
    session = browse(subject)
    answers = [session.post(reverse("relations:finish_task", args=[task.pk])) for task in (mine, theirs)]
    assert [answer.status_code for answer in answers] == [302, 403]


def test_subject_does_not_read_the_caution_and_other_leaders_do(own, subject, other, head):
    assert [own.may_see_caution(user) for user in (subject, other, head)] == [False, True, True]


def test_subject_does_not_share_the_record_or_review_an_emergency(own, subject, head):
    friend = UserFactory(roles=[Role.RESIDENT])
    form = {"user": friend.pk, "reason": "看看", "starts_on": TODAY, "ends_on": TODAY + timedelta(9)}
    url = reverse("relations:share", args=[own.pk])
    assert browse(subject).post(url, form).status_code == 403
    assert not Share.objects.exists()
    emergency = Share.objects.create(
        stakeholder=own,
        user=friend,
        kind="emergency",
        reason="急",
        starts_on=TODAY,
        ends_on=TODAY,
        given_by=friend,
    )
    assert not emergencies.may_review(subject, emergency)
    assert subject not in emergencies.reviewers(emergency)
    assert not emergencies.reviewable_by(subject).exists()
    assert emergencies.may_review(head, emergency)
    another = {"user": UserFactory(roles=[Role.RESIDENT]).pk}
    assert browse(head).post(url, form | another).status_code == 302


def test_own_record_of_the_head_is_not_shared_by_the_head(department, head):
    own = StakeholderFactory(kind="staff", name="周主任", responsible=None, account=head, by=head)
    assert Stakeholder.objects.visible_to(head).filter(pk=own.pk).exists()
    assert not shares.may_share(head, own)
