"""Approval requests with steps: who may do what in which state; no user approves their own (R58, blueprint 1)."""

from itertools import product

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.approvals import engine
from accounts.approvals.assignment import steps_waiting_for
from accounts.approvals.models import Sheet, Step
from accounts.models import RefusedAttempt
from accounts.roles import Role
from lezhi.counts import counts
from tests.accounts.waiting import ACTS, NOT_ASKED, TOO_LATE, YES, attempt, rule, waiting_decision
from tests.factories.accounts import StandInFactory, UserFactory
from tests.factories.approvals import propose
from tests.factories.relations import CycleFactory, StakeholderFactory
from tests.plugins.where import deep

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def today(at):
    return at("2026-12-02")


def at_first(people, sheet):
    pass


def at_second(people, sheet):
    engine.approve(sheet, by=people["lead"])


def approved(people, sheet):
    at_second(people, sheet)
    engine.approve(sheet, by=people["head"])


def returned(people, sheet):
    engine.send_back(sheet, by=people["lead"], opinion="再想想")


def withdrawn(people, sheet):
    engine.withdraw(sheet, by=people["proposer"])


def void(people, sheet):
    engine.void_sheets(Sheet.objects.filter(pk=sheet.pk), "情况变了")


MAY = {
    at_first: {"approve": {"lead", "stand-in of the lead"}, "withdraw": {"proposer"}},
    at_second: {"approve": {"head", "stand-in of the head"}, "withdraw": {"proposer"}},
}
for _asked in MAY.values():
    _asked["send_back"] = _asked["approve"]


@pytest.mark.parametrize("reach", [at_first, at_second, approved, returned, withdrawn, void])
@pytest.mark.parametrize("act", ACTS)
def test_every_state_and_act_by_everybody(reach, act, people, today):
    """The refused users try first, while the request is still in this state."""
    sheet = waiting_decision(people["proposer"]).sheet
    reach(people, sheet)
    may = MAY.get(reach, {}).get(act, set())
    refused = NOT_ASKED if reach in MAY else TOO_LATE
    before = Sheet.objects.get(pk=sheet.pk).state, sheet.steps.filter(decided_by=None).count()

    answers = {who: attempt(act, sheet, user) for who, user in people.items() if who not in may}

    assert answers == dict.fromkeys(answers, refused)
    assert (Sheet.objects.get(pk=sheet.pk).state, sheet.steps.filter(decided_by=None).count()) == before
    assert {who: attempt(act, sheet, people[who]) for who in sorted(may)[:1]} == dict.fromkeys(
        sorted(may)[:1], YES
    )


@pytest.mark.parametrize("reach", [at_first, at_second])
def test_inbox_and_people_asked_agree(reach, people, today):
    sheet = waiting_decision(people["proposer"]).sheet
    reach(people, sheet)
    asked = {who for who, user in people.items() if steps_waiting_for(user).filter(sheet=sheet).exists()}
    assert asked == MAY[reach]["approve"]
    assert {who for who, user in people.items() if counts(user)["approvals"] == 1} == asked
    assert set(engine.who_decides(sheet)[0]) == {people[who] for who in asked if "stand-in" not in who}


def test_decision_follows_its_sheet(people, today):
    decision = waiting_decision(people["proposer"])
    at_second(people, decision.sheet)
    decision.refresh_from_db()
    assert (decision.state, decision.decided_by) == ("proposed", None)
    engine.approve(decision.sheet, by=people["head"], opinion="可以")
    decision.refresh_from_db()
    assert (decision.state, decision.decided_by, decision.decided_on) == ("approved", people["head"], today)
    assert decision.decision_note == "可以"


def test_stand_in_decides_for_somebody_and_the_step_says_for_whom(client, people, today):
    decision = waiting_decision(people["proposer"])
    client.force_login(people["stand-in of the lead"])
    client.post(f"/relations/decisions/{decision.pk}/approve/", {"note": "同意"})
    step = decision.sheet.steps.first()
    assert (step.decided_by, step.decided_for) == (people["stand-in of the lead"], people["lead"])
    page = client.get(f"/relations/decisions/{decision.pk}/").content.decode()
    assert f"代{people['lead'].name}" in " ".join(page.split())


@pytest.mark.parametrize(("who", "most"), [("lead", 14), ("stand-in of the lead", 15), ("proposer", 14)])
def test_page_of_a_request_asks_few_queries(client, people, queries_of, who, most):
    address = f"/relations/decisions/{waiting_decision(people['proposer']).pk}/"
    client.force_login(people[who])
    client.get(address)
    assert queries_of(address) <= most


# No user approves their own request.


# Those whom a step may ask, and one of those who are never asked; the others are never asked either.
ASKED_ROLES = (
    Role.DIRECTOR,
    Role.HEAD,
    Role.COUNCIL,
    Role.BUSINESS_LEAD,
    Role.DEPARTMENT_HEAD,
    Role.SUPERVISOR,
    Role.RESIDENT,
)


@pytest.mark.parametrize("role", [role if role in ASKED_ROLES else deep(role) for role in Role])
def test_no_role_approves_its_own(role, today):
    """Each role combined with each of the highest, in person and as the stand-in of everyone: none succeeds."""
    others = {each: UserFactory(roles=[each]) for each in Role}
    department = others[Role.DEPARTMENT_HEAD].department
    succeeded = []
    for second in (Role.DIRECTOR, Role.HEAD, Role.COUNCIL, Role.DEPARTMENT_HEAD):
        opener = UserFactory(roles=[role, second], department=department)
        cycle = CycleFactory(stakeholder=StakeholderFactory(responsible=opener, department=department))
        sheet = propose(cycle, opener).sheet
        for asks in ("approver", "department", "supervisor", "business_lead", "head", "director", "council"):
            Step.objects.filter(sheet=sheet).update(asks=asks)
            succeeded += [asks] * (attempt("approve", sheet, opener) == YES)
        assert not steps_waiting_for(opener).filter(sheet=sheet).exists()
    assert succeeded == []


@pytest.mark.parametrize("absent", ["director", "head", "business_lead", "department_head", "council"])
def test_no_stand_in_approves_what_they_opened_or_what_the_absent_one_opened(absent, today):
    department = UserFactory(resident=True).department
    approver = UserFactory(roles=[absent], department=department)
    opener = UserFactory(resident=True, department=department)
    StandInFactory(absent=approver, stand_in=opener)
    helper = UserFactory(resident=True, department=department)
    StandInFactory(absent=opener, stand_in=helper)
    away = UserFactory(department_staff=True, department=department)
    cycles = [
        CycleFactory(stakeholder=StakeholderFactory(responsible=opener, department=department))
        for _each in range(2)
    ]
    own, theirs = propose(cycles[0], opener).sheet, propose(cycles[1], approver).sheet
    tries = product((own,), (opener, helper, away))
    assert [attempt("approve", sheet, user) for sheet, user in tries] == [NOT_ASKED] * 3
    assert [attempt("approve", theirs, user) for user in (approver, opener, helper)] == [NOT_ASKED] * 3


@pytest.mark.parametrize(
    "row",
    [
        {"decided_by": "proposer"},
        {"decided_by": "lead", "decided_for": "proposer"},
        {"decided_by": "lead", "decided_for": "lead"},
        {"decided_by": None},
    ],
)
def test_database_itself_refuses(row, people, today):
    sheet = waiting_decision(people["proposer"]).sheet
    values = {name: people[who] if who else None for name, who in row.items()}
    with pytest.raises(IntegrityError), transaction.atomic():
        sheet.steps.filter(position=1).update(state="approved", decided_at=timezone.now(), **values)


def test_refused_attempt_is_a_403_with_a_row(client, people, today):
    decision = waiting_decision(people["proposer"])
    client.force_login(people["proposer"])
    for address in (f"/relations/decisions/{decision.pk}/approve/", f"/sheets/{decision.sheet_id}/confirm/"):
        answer = client.post(address, {"note": "同意", "opinion": "同意"})
        assert answer.status_code == 403
        assert "要由另一位" in answer.content.decode()
    assert set(RefusedAttempt.objects.values_list("route", "user", "status")) == {
        ("relations:answer", people["proposer"].pk, 403),
        ("sheet_confirm", people["proposer"].pk, 403),
    }


# One user, two steps.


def test_one_person_decides_one_step_of_a_sheet(director, people, today):
    second = UserFactory(head=True)
    rule(director, "head", "head")
    sheet = waiting_decision(people["proposer"]).sheet
    engine.approve(sheet, by=people["head"])
    assert attempt("approve", sheet, people["head"]) == NOT_ASKED
    assert attempt("approve", sheet, people["stand-in of the head"]) == NOT_ASKED
    engine.approve(sheet, by=second)
    assert Sheet.objects.get(pk=sheet.pk).state == "approved"


def test_where_nobody_else_holds_the_role_one_person_decides_both_and_the_sheet_says_so(
    director, people, today
):
    rule(director, "head", "head")
    sheet = waiting_decision(people["proposer"]).sheet
    engine.approve(sheet, by=people["head"])
    engine.approve(sheet, by=people["head"])
    last = sheet.steps.last()
    assert (last.repeats, last.exception) == (True, "没有另外一位中心负责人，所以由同一位同事审批两步。")
    assert Sheet.objects.get(pk=sheet.pk).exception == last.exception
