"""待我审批: what waits for whom, since when, and what it costs; reminders of it."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.approvals import engine
from accounts.approvals.assignment import resolve_roles, similar_matters, steps_waiting_for
from accounts.approvals.models import Sheet, Step
from accounts.approvals.registers import MATTERS
from accounts.roles import Permission, Role
from lezhi.counts import counts
from relations.approvals import decisions
from relations.approvals.matter import CourseDecision
from relations.models import Cycle, Decision, Stage, Stakeholder
from relations.parties.actions import hand_over
from reminders.models import Reminder
from reminders.steps import sweep
from tests.accounts.waiting import rule, waiting_decision
from tests.factories.accounts import UserFactory
from tests.factories.approvals import CONTENT, open_sheet, propose
from tests.factories.relations import CycleFactory, StakeholderFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def today(at):
    return at("2026-12-02")


def test_request_follows_the_record_that_is_handed_over(director, today):
    """Without a head of the department the head of the centre is asked; the department that takes over has its own."""
    worker, taker = UserFactory(resident=True), UserFactory(resident=True)
    lead = UserFactory(department_head=True, department=taker.department)
    rule(director, "department", "head")
    sheet = waiting_decision(worker).sheet
    assert not steps_waiting_for(lead).filter(sheet=sheet).exists()
    records = Stakeholder.objects.filter(cycles__decisions__sheet=sheet)
    hand_over(records, to=taker, by=director, today=today)
    assert steps_waiting_for(lead).filter(sheet=sheet).exists()


class TrialMatter(CourseDecision):
    """A second matter that hangs on a record, as another app would declare it."""


def test_request_of_any_matter_follows_its_record(director, today, monkeypatch):
    monkeypatch.setitem(MATTERS._entries, "trial", TrialMatter())
    worker, taker = UserFactory(resident=True), UserFactory(resident=True)
    lead = UserFactory(department_head=True, department=taker.department)
    rule(director, "department", "head")
    sheet = waiting_decision(worker).sheet
    Sheet.objects.filter(pk=sheet.pk).update(matter="trial")
    assert not steps_waiting_for(lead).filter(sheet=sheet).exists()
    hand_over(Stakeholder.objects.filter(cycles__decisions__sheet=sheet), to=taker, by=director, today=today)
    assert steps_waiting_for(lead).filter(sheet=sheet).exists()


def create_open_sheets(number, by):
    """Creates `number` open decisions and as many open requests for a role, all by `by`."""
    made = Stakeholder.objects.bulk_create(
        Stakeholder(
            kind="partner",
            name=f"第{place}队",
            responsible=by,
            department=by.department,
            watched_from=timezone.localdate(),
        )
        for place in range(number)
    )
    cycles = Cycle.objects.bulk_create(
        Cycle(
            stakeholder=one,
            number=1,
            stage=Stage.DECISION,
            stage_since=timezone.localdate(),
            opened_on=timezone.localdate(),
        )
        for one in made
    )
    new = [Sheet(matter="decision", subject=f"cycle:{cycle.pk}", asked_by=by) for cycle in cycles]
    sheets = Sheet.objects.bulk_create(new)
    Decision.objects.bulk_create(
        Decision(
            cycle=cycle, sheet=sheet, course="refer", justification="x", proposed_by=by, **CONTENT["refer"]
        )
        for cycle, sheet in zip(cycles, sheets, strict=True)
    )
    rights = {"roles": ["resident"], "department": None, "active": True}
    change = {"was": rights, "then": {**rights, "roles": ["resident", "finance"]}}
    sheets += Sheet.objects.bulk_create(
        Sheet(matter="roles", subject=f"user:{cycle.pk}", about=by, asked=change) for cycle in cycles
    )
    Step.objects.bulk_create(
        Step(
            sheet=sheet,
            position=1,
            asks="approver" if sheet.matter == "decision" else "second_name",
            state="asked",
            opened_by=sheet.asked_by,
            about=sheet.about,
            asked_on=timezone.localdate(),
        )
        for sheet in sheets
    )
    resolve_roles()


def test_inbox_costs_the_same_for_ten_and_for_a_thousand(client, director):
    worker = UserFactory(resident=True)
    client.force_login(director)
    create_open_sheets(5, worker)
    client.get("/approvals/")
    with CaptureQueriesContext(connection) as few:
        client.get("/approvals/")
    create_open_sheets(495, worker)
    with CaptureQueriesContext(connection) as lots:
        page = client.get("/approvals/")
    assert len(page.context["found"].rows) == 50
    assert len(lots) == len(few)
    assert len(lots) <= 10
    assert counts(director)["approvals"] == steps_waiting_for(director).count() == 1000
    assert {name: number for name, _label, number in page.context["matters"]} == {
        "decision": 500,
        "roles": 500,
    }


def test_my_work_lists_the_first_and_says_how_many_there_are(client, director):
    """The panel, the navigation and the inbox show one number, also when the panel has no space for all."""
    create_open_sheets(4, UserFactory(resident=True))
    client.force_login(director)
    shown = client.get("/")
    assert len(shown.context["aside"]["approvals"]) == 6
    panel = re.search(r"<h2>待我审批</h2>(.*?)</section>", shown.content.decode(), re.DOTALL)[1]
    assert re.findall(r"(\d+)项", panel) == ["8"]
    assert 'href="/approvals/"' in panel
    assert len(client.get("/approvals/").context["found"].rows) == counts(director)["approvals"] == 8


def test_inbox_says_since_when_and_until_when(client, director, at):
    at("2026-12-02")
    worker = UserFactory(resident=True)
    rule(director, ("approver", 2))
    decision = waiting_decision(worker)
    at("2026-12-09")
    client.force_login(director)
    [row] = client.get("/approvals/?matter=decision").context["found"].rows
    assert (row.sheet, row.waited, row.due_on.isoformat(), row.is_overdue) == (
        decision.sheet,
        5,
        "2026-12-04",
        True,
    )
    assert client.get("/approvals/?matter=roles").context["found"].rows == []


@pytest.mark.once
@pytest.mark.parametrize("role", Role)
def test_count_is_the_length_of_the_inbox_for_every_role(role, client, today):
    worker, administrator = UserFactory(resident=True), UserFactory(administrator=True)
    reader = UserFactory(roles=[role], department=worker.department)
    UserFactory(director=True)
    cycle = CycleFactory(stakeholder=StakeholderFactory(responsible=worker, department=worker.department))
    propose(cycle, worker)
    rights = {"roles": ["resident"], "department": None, "active": True}
    change = {"was": rights, "then": rights}
    open_sheet(Sheet(matter="roles", subject="user:1", about=worker, asked=change, asked_by=administrator))
    client.force_login(reader)
    shown = client.get("/approvals/")
    assert counts(reader)["approvals"] == len(shown.context["found"].rows)
    entries = [item for _group, items in shown.context["nav"].groups for item in items]
    entry = [item.count for item in entries if item.href == "/approvals/"]
    assert sum(entry) == counts(reader)["approvals"]


# Reminders.


def test_what_waits_too_long_is_told_to_the_next_one_up_once(at):
    at("2026-12-02")
    worker = UserFactory(resident=True)
    lead = UserFactory(department_head=True, department=worker.department)
    business = UserFactory(roles=[Role.BUSINESS_LEAD])
    decision = waiting_decision(worker)
    about = Reminder.objects.open().filter(subject=f"decision:{decision.pk}")
    sweep(at("2026-12-04"))
    assert [row.recipient for row in about.all()] == [lead]
    for day in ("2026-12-07", "2026-12-08"):
        sweep(at(day))
    assert {row.recipient for row in about.all()} == {lead, business}
    assert "已等了3个工作日" in about.get(recipient=business).title
    decisions.approve(decision, by=business)
    assert not about.exists()


def test_second_step_asks_when_the_first_is_decided(people, today):
    decision = waiting_decision(people["proposer"])
    about = Reminder.objects.open().filter(subject=f"decision:{decision.pk}")
    assert [row.recipient for row in about.all()] == [people["lead"]]
    engine.approve(decision.sheet, by=people["lead"])
    assert [row.recipient for row in about.all()] == [people["head"]]
    engine.send_back(decision.sheet, by=people["head"], opinion="不妥")
    assert not about.exists()
    answer = Reminder.objects.open().get(subject=f"decision:{decision.pk}:answer")
    assert answer.recipient == people["proposer"]


# Matters that are queried together.


@pytest.mark.parametrize(
    ("base", "changed"),
    [
        ("decision", {}),
        ("decision", {"needs_visibility": False}),
        ("decision", {"approver_roles": ("approver",)}),
        (Sheet.ROLES, {"confirm_permission": Permission.APPOINT_HEAD}),
        (Sheet.ROLES, {"request_permission": Permission.APPOINT_HEAD}),
    ],
)
def test_matter_is_grouped_with_another_only_if_all_that_decides_who_is_asked_is_equal(
    monkeypatch, base, changed
):
    other = type("Other", (type(MATTERS[base]),), changed)()
    monkeypatch.setattr(MATTERS, "_entries", dict(MATTERS) | {"other": other})
    [group] = [names for names in similar_matters() if "other" in names]
    assert (base in group) is (not changed)
