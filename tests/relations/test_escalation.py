"""The owner of a duty or task and the levels above, at every level and with people missing (R80-R88)."""

from datetime import date

import pytest

from accounts.models import User
from relations.duties import settlement as duties
from relations.log import actions as log
from relations.models import CadenceRule, Duty, Stakeholder, Task
from relations.parties import actions as register
from relations.parties import terms
from relations.reminding.raising import conditions, reassign_reminders, remind_of_duties
from reminders.calendar.workdays import Calendar
from reminders.models import Parameter, Reminder
from reminders.steps import SweepDay, sweep
from tests.factories.accounts import DepartmentFactory, UserFactory
from tests.factories.employers import EmployerFactory
from tests.factories.relations import InteractionFactory, TaskFactory

pytestmark = pytest.mark.django_db
OCTOBER = date(2026, 10, 1)


@pytest.fixture
def team(at):
    at("2026-10-12")
    team = DepartmentFactory()
    team.head = UserFactory(department_head=True, department=team, name="主任")
    team.save()
    UserFactory(department=team, name="社工")
    UserFactory(supervisor=True, department=team, name="督导")
    UserFactory(director=True, name="总干事")
    UserFactory(council=True, name="理事")
    return team


def kept_by(name, team, **given):
    """An employer of the department with this responsible worker, for whom a contact is owed in October."""
    worker = User.objects.get(name=name) if name else None
    fields = {"active": True, "watched_from": OCTOBER, "department": team} | given
    return EmployerFactory(responsible=worker, **fields)


def october(employer):
    """The duty of the monthly contact in October."""
    return Duty.objects.get(stakeholder=employer, rule__code="resident-contact", period_start=OCTOBER)


def recipients(subject, **which):
    """The names of the recipients of open reminders about `subject`, in the order of the escalation."""
    reminders = Reminder.objects.open().filter(subject=subject, **which).order_by("key")
    return list(reminders.values_list("recipient__name", flat=True))


def raise_until(*days):
    """Runs the sweep on each of these days (texts like 2026-10-26)."""
    for day in days:
        sweep(date.fromisoformat(day))


def leave(name):
    """Deactivates the account of this name."""
    User.objects.filter(name=name).update(is_active=False)


@pytest.mark.parametrize(
    ("worker", "names"),
    [
        ("社工", ["社工", "督导", "主任", "总干事", "理事"]),
        ("督导", ["督导", "主任", "总干事", "理事"]),
        ("主任", ["主任", "总干事", "理事"]),
        ("总干事", ["总干事", "理事"]),
        ("理事", ["理事"]),
    ],
)
def test_duty_climbs_from_where_its_worker_stands(team, worker, names):
    employer = kept_by(worker, team)
    raise_until("2026-10-26", "2026-12-31")
    assert recipients(october(employer).key) == names


@pytest.mark.parametrize("gone", [["督导"], ["主任"], ["督导", "主任", "总干事"]])
def test_departed_users_are_skipped_in_escalation(team, gone):
    employer = kept_by("社工", team)
    for name in gone:
        leave(name)
    raise_until("2026-10-26", "2026-12-31")
    here = [name for name in ["社工", "督导", "主任", "总干事", "理事"] if name not in gone]
    assert recipients(october(employer).key) == here


def test_duty_of_nobody_falls_to_the_head_and_then_to_the_director(team):
    employer = kept_by(None, team)
    raise_until("2026-10-26")
    assert recipients(october(employer).key) == ["主任"]
    other = kept_by(None, None)
    raise_until("2026-10-27")
    assert recipients(october(other).key) == ["总干事"]


def test_task_of_nobody_falls_to_the_worker_the_head_or_the_director(team):
    tasks = [
        TaskFactory(stakeholder=kept_by(worker, department), owner=None)
        for worker, department in (("社工", team), (None, team), (None, None))
    ]
    raise_until("2026-10-12")
    assert [recipients(task.key) for task in tasks] == [["社工"], ["主任"], ["总干事"]]


def test_overdue_task_without_a_supervisor_is_told_to_the_head_only(team):
    leave("督导")
    task = TaskFactory(stakeholder=kept_by("社工", team))
    raise_until("2026-10-12", "2026-11-30")
    assert recipients(task.key) == ["社工", "主任"]


def test_what_nobody_can_be_told_does_not_hold_up_the_rest(team):
    leave("总干事")
    employer, orphan = kept_by("社工", team), kept_by(None, None)
    raise_until("2026-10-26", "2026-11-04")
    assert recipients(october(employer).key) == ["社工", "督导"]
    assert (recipients(october(orphan).key), october(orphan).notified) == ([], 0)


def test_who_loses_the_rank_loses_the_reminder_even_if_nobody_takes_it_over(team):
    """The duty is raised again as soon as there is a user who may view the record."""
    employer = kept_by(None, None)
    raise_until("2026-10-26")
    director = User.objects.get(name="总干事")
    director.roles = ["supervisor"]
    director.save()
    assert (recipients(october(employer).key), october(employer).notified) == ([], 0)
    UserFactory(director=True, name="新总干事")
    raise_until("2026-10-27")
    assert recipients(october(employer).key) == ["新总干事"]


def test_confidential_duty_skips_those_who_may_not_see_it(team):
    employer = kept_by("社工", team, confidential=True)
    raise_until("2026-10-26", "2026-12-31")
    assert recipients(october(employer).key) == ["社工", "总干事", "理事"]


def test_link_of_a_reminder_leads_to_its_record(team):
    employer = kept_by("社工", team)
    task = TaskFactory(stakeholder=employer, title="甲" * 150)
    raise_until("2026-10-26")
    reminders = {each.subject: each for each in Reminder.objects.filter(kind="due")}
    assert {each.link for each in reminders.values()} == {f"/relations/{employer.pk}/"}
    assert reminders[task.key].title == f"{employer.name}：{'甲' * 120}，10月12日已到期"
    assert reminders[task.key].raised_on == date(2026, 10, 26)
    assert reminders[task.key].due_on == date(2026, 10, 12)


def test_step_is_taken_once_and_counted(team):
    employer = kept_by("社工", team)
    raise_until("2026-10-26", "2026-10-26")
    assert october(employer).notified == 1
    raise_until("2026-11-04", "2026-11-04")
    assert october(employer).notified == 2
    assert Reminder.objects.filter(subject=october(employer).key).count() == 2


def test_sweep_says_how_many_it_raised(team):
    kept_by("社工", team)
    TaskFactory(stakeholder=kept_by("社工", team))
    counts, failed = sweep(date(2026, 10, 26))
    assert (counts["reminders_raised"], counts["escalated"], failed) == (3, 1, [])
    counts, failed = sweep(date(2026, 10, 26))
    assert (counts["reminders_raised"], counts["escalated"], failed) == (0, 0, [])


def test_frozen_duty_is_silent(team):
    employer = kept_by("社工", team)
    Duty.objects.update(frozen_at="2026-10-12T00:00:00Z")
    raise_until("2026-10-26", "2026-11-30")
    assert not Reminder.objects.filter(subject=october(employer).key).exists()


def test_reminders_of_a_changed_owner_are_given_on_by_record_and_by_person(team):
    today = date(2026, 11, 30)
    first, second = kept_by("社工", team), kept_by("社工", team)
    task = TaskFactory(stakeholder=first)
    raise_until("2026-10-26", "2026-11-30")
    taker = UserFactory(department=team, name="接手")
    Stakeholder.objects.update(responsible=taker)
    Task.objects.update(owner=taker)
    duties.rebuild(today)
    assert reassign_reminders(today, stakeholders=[first.pk]) > 0
    assert recipients(october(first).key)[0] == recipients(task.key)[0] == "接手"
    assert recipients(october(second).key)[0] == "社工"
    assert reassign_reminders(today, recipient=User.objects.get(name="社工")) > 0
    assert recipients(october(second).key) == ["接手", "督导", "主任", "总干事", "理事"]
    assert reassign_reminders(today) == 0


def test_reminder_that_is_opened_again_goes_to_whom_the_record_was_handed(team):
    """The contact is withdrawn after the hand-over; the former worker may not view the record any longer."""
    employer, taker = kept_by("社工", team), UserFactory(name="接手")
    raise_until("2026-10-26", "2026-11-04")
    contact = InteractionFactory(stakeholder=employer, contact_on=date(2026, 10, 30))
    assert recipients(october(employer).key) == []
    chosen = Stakeholder.objects.filter(pk=employer.pk)
    register.hand_over(chosen, to=taker, by=taker, today=date(2026, 11, 4))
    log.withdraw_interaction(contact, by=taker, reason="记错了")
    assert recipients(october(employer).key)[0] == "接手"
    sees = {user.name for user in User.objects.all() if chosen.visible_to(user).exists()}
    assert set(recipients(october(employer).key)) <= sees


def test_reminder_opened_by_a_change_of_the_rule_goes_to_whom_the_record_was_handed(team):
    employer, taker = kept_by("社工", team), UserFactory(name="接手")
    raise_until("2026-10-26")
    InteractionFactory(stakeholder=employer, contact_on=date(2026, 10, 30), purpose="renewal")
    chosen = Stakeholder.objects.filter(pk=employer.pk)
    register.hand_over(chosen, to=taker, by=taker, today=date(2026, 10, 30))
    CadenceRule.objects.filter(code="resident-contact").update(purpose_mask=1)
    duties.rebuild(date(2026, 10, 30))
    assert recipients(october(employer).key) == ["接手"]


def test_step_that_was_not_taken_again_stays_closed(team):
    """A contract is ended and restored: the levels above are notified again only when their turn comes."""
    employer = kept_by("社工", team)
    raise_until("2026-10-26", "2026-11-04")
    contract = employer.terms.get().contract
    for ended_on in (date(2026, 9, 30), None):
        contract.ended_on = ended_on
        terms.update_term(contract, today=date(2026, 11, 4))
    remind_of_duties(
        SweepDay(date(2026, 11, 4), None, Parameter.objects.values_on(date(2026, 11, 4)), Calendar.load())
    )
    duties.rebuild(date(2026, 11, 4))
    assert recipients(october(employer).key) == ["社工"]
    raise_until("2026-11-04")
    assert recipients(october(employer).key) == ["社工", "督导"]


def test_escalation_goes_to_next_tier_when_a_member_leaves(team):
    employer = kept_by("社工", team)
    raise_until("2026-10-26", "2026-11-04")
    supervisor = User.objects.get(name="督导")
    supervisor.is_active = False
    supervisor.save()
    assert recipients(october(employer).key) == ["社工", "主任"]


def test_many_records_are_asked_about_in_portions():
    sizes = [len(params) for _which, params in conditions(list(range(1001)), None)]
    assert sizes == [500, 500, 1]
