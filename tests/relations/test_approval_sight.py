"""Whoever is asked to approve sees the record until the request is closed, and who decided afterwards (blueprint 1)."""

import pytest
from django.test import Client
from django.urls import reverse

from accounts.approvals import chains, engine
from accounts.approvals.assignment import steps_waiting_for
from accounts.approvals.matters import matter_of
from accounts.exceptions import ActionRefused
from accounts.models import User
from accounts.roles import Role
from relations.approvals import decisions
from relations.models import Decision, Stage, Stakeholder
from relations.shares.who_sees import who_sees
from reminders.models import Reminder
from tests.factories.accounts import StandInFactory, UserFactory
from tests.factories.approvals import CONTENT
from tests.factories.relations import CycleFactory, StakeholderFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def today(at):
    return at("2026-12-02")


@pytest.fixture
def people():
    """Nobody but the worker and the head of the centre sees clients of the worker by role."""
    roles = {
        "business": Role.BUSINESS_LEAD,
        "second business": Role.BUSINESS_LEAD,
        "director": Role.DIRECTOR,
        "manager": Role.MANAGER,
        "senior": Role.SENIOR_SUPERVISOR,
        "council": Role.COUNCIL,
        "finance": Role.FINANCE,
        "head": Role.HEAD,
    }
    found = {who: UserFactory(roles=[role], department=None) for who, role in roles.items()}
    return found | {"worker": UserFactory(resident=True), "helper": UserFactory(resident=True)}


def ask(people, *steps):
    chains.change_chain(
        "decision", steps=[(name, None) for name in steps], by=people["director"], reason="试行"
    )


def proposal(worker, kind="client", **fields):
    """A decision on a client of `worker` that waits for approval."""
    record = StakeholderFactory(
        kind=kind, name="黄伯", responsible=worker, department=worker.department, **fields
    )
    cycle = CycleFactory(stakeholder=record, stage=Stage.DECISION)
    decision = Decision(cycle=cycle, course="refer", justification="对照预估。", **CONTENT["refer"])
    return decisions.propose(decision, by=worker)


def seen_by(people, decision):
    """Who of `people` sees the record, asking anew."""
    record = Stakeholder.objects.filter(pk=decision.cycle.stakeholder_id)
    found = {who: User.objects.get(pk=user.pk) for who, user in people.items()}
    seen = {
        who
        for who, user in found.items()
        if Stakeholder.objects.visible_to(user).filter(pk__in=record).exists()
    }
    named = {viewer.user for viewer in who_sees(decision.cycle.stakeholder, found["head"].request_day)}
    assert named == {found[who] for who in seen}
    return seen


def pages(user, decision):
    """The statuses of the pages of the record, of the cycle and of the decision."""
    browser = Client()
    browser.force_login(user)
    cycle = decision.cycle
    addresses = [
        reverse("relations:plain_record", args=[cycle.stakeholder_id]),
        reverse("relations:cycle", args=[cycle.pk]),
        reverse("relations:decision", args=[decision.pk]),
    ]
    return [browser.get(address).status_code for address in addresses]


def inbox_of(user):
    browser = Client()
    browser.force_login(user)
    return [row.sheet for row in browser.get("/approvals/").context["found"].rows]


ALWAYS = {"worker", "head"}


def test_nobody_else_sees_the_client_before_and_without_being_asked(people):
    decision = proposal(people["worker"])
    assert list(decision.sheet.steps.values_list("goes_to", flat=True)) == ["approver"]
    assert seen_by(people, decision) == ALWAYS
    assert pages(people["business"], decision) == [404, 404, 404]


def test_who_is_asked_sees_the_record_until_the_request_is_closed(people):
    ask(people, "business_lead", "director")
    decision = proposal(people["worker"])
    assert seen_by(people, decision) == ALWAYS | {"business", "second business"}
    assert pages(people["business"], decision) == [200, 200, 200]
    assert pages(people["director"], decision) == [404, 404, 404]
    assert [inbox_of(people[who]) for who in ("business", "director")] == [[decision.sheet], []]
    assert {row.recipient for row in Reminder.objects.open()} == {
        people["business"],
        people["second business"],
    }

    decisions.approve(decision, by=people["business"])
    assert seen_by(people, decision) == ALWAYS | {"business", "director"}
    assert pages(people["second business"], decision) == [404, 404, 404]

    decisions.send_back(decision, by=people["director"], note="再想想")
    assert seen_by(people, decision) == ALWAYS | {"business", "director"}


@pytest.mark.parametrize("close", ["withdraw", "void"])
def test_request_that_closes_undecided_closes_the_record(people, close):
    ask(people, "business_lead")
    decision = proposal(people["worker"])
    assert "business" in seen_by(people, decision)
    if close == "withdraw":
        engine.withdraw(decision.sheet, by=people["worker"])
    else:
        engine.void_sheets(type(decision.sheet).objects.filter(pk=decision.sheet_id), "情况变了")
    assert seen_by(people, decision) == ALWAYS
    assert pages(people["business"], decision) == [404, 404, 404]


def test_who_is_asked_finds_the_content_and_the_way_to_the_record(people):
    ask(people, "business_lead")
    decision = proposal(people["worker"])
    browser = Client()
    browser.force_login(people["business"])
    page = browser.get(reverse("relations:decision", args=[decision.pk])).content.decode()
    assert "康复中心" in page
    assert "审批以前先看" in page
    for address, words in matter_of(decision.sheet).record_links(decision.sheet, people["business"]):
        assert f'href="{address}"' in page
        assert words in page
        assert browser.get(address, follow=True).status_code == 200


def test_stand_in_of_who_is_asked_sees_it_too_and_decides(people):
    ask(people, "business_lead")
    StandInFactory(absent=people["business"], stand_in=people["helper"])
    decision = proposal(people["worker"])
    helper = User.objects.get(pk=people["helper"].pk)
    assert pages(helper, decision) == [200, 200, 200]
    assert inbox_of(helper) == [decision.sheet]
    decisions.approve(decision, by=helper)
    assert decision.sheet.steps.get().decided_for == people["business"]
    assert pages(people["second business"], decision) == [404, 404, 404]
    assert pages(people["business"], decision) == [404, 404, 404]
    assert pages(helper, decision) == [404, 404, 404]  # decided for another, so not kept


def test_confidential_client_is_opened_to_nobody_who_sees_no_confidential_record(people):
    ask(people, "business_lead")
    decision = proposal(people["worker"], is_confidential=True)
    assert decision.sheet.steps.get().goes_to == "head"
    assert seen_by(people, decision) == ALWAYS
    ask(people, "director")
    other = proposal(people["worker"], is_confidential=True)
    assert seen_by(people, other) == ALWAYS | {"director"}


@pytest.mark.parametrize("role", ["council", "finance"])
def test_who_may_only_count_clients_is_never_shown_one(people, role):
    ask(people, role)
    User.objects.exclude(pk__in=[people[who].pk for who in ("worker", "head", role)]).update(is_active=False)
    with pytest.raises(ActionRefused, match="现在没有人可以审批"):
        proposal(people["worker"])


def test_supervisor_that_is_missing_is_the_business_lead(people):
    """R299: who has no supervisor is approved by the business lead, who sees the record for it."""
    ask(people, "supervisor")
    decision = proposal(people["worker"])
    assert decision.sheet.steps.get().goes_to == "business_lead"
    assert seen_by(people, decision) == ALWAYS | {"business", "second business"}
    assert steps_waiting_for(people["business"]).filter(sheet=decision.sheet).exists()


def test_who_proposes_is_not_shown_more_by_the_role_that_is_asked(people):
    ask(people, "business_lead")
    decision = proposal(people["business"])
    Stakeholder.objects.filter(pk=decision.cycle.stakeholder_id).update(responsible=people["worker"])
    assert seen_by(people, decision) == ALWAYS | {"second business"}


def test_record_of_a_colleague_is_opened_by_no_request(people):
    """A colleague's record has no such access source: nobody else is shown it."""
    ask(people, "director")
    account = UserFactory()
    record = StakeholderFactory(
        kind="staff",
        name="同事",
        responsible=None,
        account=account,
        department=account.department,
        by=account,
    )
    decision = Decision(
        cycle=record.cycles.get(), course="refer", justification="对照预估。", **CONTENT["refer"]
    )
    with pytest.raises(ActionRefused, match="现在没有人可以审批"):
        decisions.propose(decision, by=people["head"])
