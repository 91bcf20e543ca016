"""Reminders of duties and tasks: on which working day, once, to whom, and the escalation (R70, R80-R88, R271)."""

from datetime import date

import pytest
from django.contrib.auth import get_user_model

from accounts.models import Supervision
from accounts.roles import Role
from employers.models import Contract
from relations.duties import settlement as duties
from relations.log.actions import withdraw_interaction
from relations.models import CadenceRule, Duty, Stakeholder
from relations.parties import actions as register
from relations.parties import standing
from relations.reminding.raising import reassign_reminders
from relations.rules import versions as rules
from reminders.models import Delivery, Reminder
from reminders.numbers import set_parameter
from reminders.steps import sweep
from tests.factories.accounts import DepartmentFactory, StandInFactory, UserFactory
from tests.factories.employers import EmployerFactory
from tests.factories.relations import InteractionFactory, StakeholderFactory, TaskFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def team(at):
    """A department with a head, a supervisor and a worker; a director and a council member above it."""
    at("2026-10-12")
    team = DepartmentFactory(name="社会服务部")
    team.head = UserFactory(department_head=True, department=team, name="主任")
    team.save()
    UserFactory(supervisor=True, department=team, name="督导")
    UserFactory(director=True, name="总干事")
    UserFactory(council=True, name="理事")
    return team


@pytest.fixture
def worker(team):
    return UserFactory(department=team, name="周慧敏")


@pytest.fixture
def employer(worker):
    return EmployerFactory(
        active=True, responsible=worker, name="荷塘街道公共服务办公室", watched_from=date(2026, 10, 1)
    )


def recipients(**which):
    """The names of the recipients of open reminders, in the order of the escalation."""
    reminders = Reminder.objects.open().filter(**which).order_by("key")
    return list(reminders.values_list("recipient__name", flat=True))


def october(employer):
    """The duty of the monthly contact in October."""
    return Duty.objects.get(
        stakeholder=employer, rule__code="resident-contact", period_start=date(2026, 10, 1)
    )


def raise_until(*days):
    """Runs the sweep on each of these days (texts like 2026-10-26)."""
    for day in days:
        sweep(date.fromisoformat(day))


@pytest.mark.parametrize(
    ("day", "raised"),
    [
        ("2026-10-23", 0),  # Friday, the sixth working day before the 31st
        ("2026-10-25", 0),  # Sunday
        ("2026-10-26", 1),  # Monday, the fifth working day before the 31st
        ("2026-10-31", 1),
    ],
)
def test_duty_is_spoken_of_five_working_days_before_it_is_due(employer, day, raised):
    sweep(date.fromisoformat(day))
    assert Reminder.objects.filter(subject=october(employer).key).count() == raised


@pytest.mark.parametrize(("day", "raised"), [("2026-09-15", 0), ("2026-09-16", 1)])
def test_quarter_is_spoken_of_ten_working_days_before_its_end(worker, at, day, raised):
    """R70: the make-up Sunday of 20 September counts as a working day, Mid-Autumn on the 25th does not."""
    at("2026-09-01")
    employer = EmployerFactory(active=True, responsible=worker)
    sweep(date.fromisoformat(day))
    duty = Duty.objects.get(stakeholder=employer, rule__code="sheet-check", due_on=date(2026, 9, 30))
    assert Reminder.objects.filter(subject=duty.key).count() == raised


def test_title_says_whom_what_and_until_when(employer):
    raise_until("2026-10-26")
    reminder = Reminder.objects.get(subject=october(employer).key)
    assert reminder.title == "荷塘街道公共服务办公室：10月驻点沟通，10月31日到期"
    assert (reminder.link, reminder.due_on) == (f"/relations/{employer.pk}/", date(2026, 10, 31))


def test_title_after_the_period_and_in_the_next_year(employer):
    raise_until("2027-01-02")
    titles = set(Reminder.objects.filter(kind="due").values_list("title", flat=True))
    assert "荷塘街道公共服务办公室：2026年12月驻点沟通没有记录，2026年12月31日已到期" in titles
    assert "荷塘街道公共服务办公室：2026年总干事沟通没有记录，2026年12月31日已到期" in titles


def test_met_duty_is_not_spoken_of(employer):
    InteractionFactory(stakeholder=employer)
    raise_until("2026-10-26", "2026-11-30")
    assert not Reminder.objects.filter(subject=october(employer).key).exists()


def test_contact_closes_its_reminder_and_withdrawing_opens_it(employer):
    raise_until("2026-10-26")
    contact = InteractionFactory(stakeholder=employer)
    assert recipients(subject=october(employer).key) == []
    withdraw_interaction(contact, by=employer.responsible, reason="记错了单位")
    assert recipients(subject=october(employer).key) == ["周慧敏"]


@pytest.mark.parametrize(
    ("day", "above"),
    [
        ("2026-11-03", []),  # due on Saturday the 31st: the second working day
        ("2026-11-04", ["督导"]),  # the third working day
        ("2026-11-09", ["督导", "主任"]),  # the sixth working day
        ("2026-11-12", ["督导", "主任", "总干事"]),
        ("2026-11-17", ["督导", "主任", "总干事", "理事"]),
        ("2026-12-31", ["督导", "主任", "总干事", "理事"]),
    ],
)
def test_overdue_duty_is_escalated_every_three_working_days(employer, day, above):
    sweep(date.fromisoformat(day))
    assert recipients(subject=october(employer).key, kind="escalated") == above


def test_long_holiday_does_not_count(worker, at):
    """Due on 30 September 2026; 1-7 October are free; the 8th, 9th and 10th (make-up day) are working days."""
    at("2026-09-01")
    employer = EmployerFactory(active=True, responsible=worker)
    duty = Duty.objects.get(
        stakeholder=employer, rule__code="resident-contact", period_start=date(2026, 9, 1)
    )
    raise_until("2026-10-09")
    assert recipients(subject=duty.key, kind="escalated") == []
    raise_until("2026-10-10")
    assert recipients(subject=duty.key, kind="escalated") == ["督导"]


def test_escalation_names_who_owes_it(employer):
    raise_until("2026-11-04")
    title = Reminder.objects.get(kind="escalated").title
    assert title == "荷塘街道公共服务办公室：10月驻点沟通没有记录，10月31日已到期，负责人周慧敏"


def test_steps_without_anybody_are_left_out(employer, team):
    get_user_model().objects.filter(name="督导").update(is_active=False)
    raise_until("2026-11-04")
    assert recipients(kind="escalated") == ["主任"]


def test_supervisor_of_another_department_is_not_told(employer, team):
    get_user_model().objects.filter(name="督导").update(department=DepartmentFactory())
    raise_until("2026-11-04")
    assert recipients(kind="escalated") == ["主任"]


def test_who_is_in_the_escalation_is_told_about_what_stands_above(team):
    """The supervisor is responsible for the employer, so the head of the department is the first level above."""
    supervisor = get_user_model().objects.get(name="督导")
    employer = EmployerFactory(active=True, responsible=supervisor, watched_from=date(2026, 10, 1))
    raise_until("2026-11-04")
    assert recipients(subject=october(employer).key) == ["督导", "主任"]


def test_duty_of_the_director_is_escalated_to_the_council_only(employer):
    raise_until("2027-02-26")
    duty = Duty.objects.get(rule__code="director-contact", stakeholder=employer)
    assert recipients(subject=duty.key) == ["总干事", "理事"]


def test_owner_who_has_left_is_replaced_by_the_head_and_then_the_director(employer, team):
    get_user_model().objects.filter(name="周慧敏").update(is_active=False)
    raise_until("2026-10-26")
    assert recipients(subject=october(employer).key) == ["主任"]
    Reminder.objects.all().delete()
    Duty.objects.update(notified=0)
    get_user_model().objects.filter(name="主任").update(is_active=False)
    raise_until("2026-10-26")
    assert recipients(subject=october(employer).key) == ["总干事"]


def test_duty_without_recipient_is_not_marked_as_notified(at):
    at("2026-10-26")
    employer = EmployerFactory(active=True, responsible=None, watched_from=date(2026, 10, 1))
    raise_until("2026-10-26")
    assert Reminder.objects.filter(subject=october(employer).key).count() == 0
    UserFactory(director=True, name="总干事")
    raise_until("2026-10-27")
    assert recipients(subject=october(employer).key) == ["总干事"]


def test_client_whom_nobody_sees_is_not_marked_as_notified_beside_a_director(worker, team, client):
    """The director sees employers; of clients only the head of the centre sees all."""
    Stakeholder.objects.filter(pk=client.pk).update(responsible=None, department=None)
    Duty.objects.filter(key="duty:test").update(owner=None, department=None)
    raise_until("2026-10-26")
    assert (recipients(subject="duty:test"), Duty.objects.get(key="duty:test").notified) == ([], 0)
    UserFactory(roles=[Role.HEAD], name="中心负责人")
    raise_until("2026-10-27")
    assert recipients(subject="duty:test") == ["中心负责人"]


def test_confidential_record_is_told_only_to_those_who_may_see_it(worker, team):
    employer = EmployerFactory(
        active=True, confidential=True, responsible=worker, name="某机关", watched_from=date(2026, 10, 1)
    )
    raise_until("2026-11-30", "2027-02-26")
    readers = set(Reminder.objects.filter(title__contains="某机关").values_list("recipient__name", flat=True))
    assert readers == {"周慧敏", "总干事", "理事"}
    assert recipients(subject=october(employer).key) == ["周慧敏", "总干事", "理事"]


@pytest.fixture
def client(worker):
    """A client of the worker with an unmet duty from before the days for which duties are derived."""
    client = StakeholderFactory(kind="client", name="黄伯", responsible=worker)
    Duty.objects.create(
        key="duty:test",
        rule=CadenceRule.objects.get(code="resident-contact"),
        stakeholder=client,
        period_start=date(2025, 12, 1),
        due_on=date(2025, 12, 31),
        owed=1,
        owner=worker,
        department=client.department,
    )
    return client


def test_client_is_told_to_the_supervisor_of_the_day_the_department_and_the_head(worker, team, client):
    """R299: the director, the council and the supervisors of other workers are not notified about a client."""
    head = UserFactory(roles=[Role.HEAD], name="中心负责人")
    supervisor = UserFactory(supervisor=True, name="她的督导")
    Supervision.objects.create(worker=worker, supervisor=supervisor, starts_on=date(2026, 10, 1), set_by=head)
    raise_until("2026-10-12", "2026-10-30", "2026-11-30", "2027-02-26")
    assert recipients(subject="duty:test") == ["周慧敏", "她的督导", "主任", "中心负责人"]
    named = Reminder.objects.filter(title__contains="黄伯").exclude(kind="due")
    assert set(named.values_list("record_kind", "is_personal")) == {("client", True)}


def test_reminder_of_a_supervisor_goes_to_the_next_when_supervision_is_over(at, worker, team, client):
    supervisor = UserFactory(supervisor=True, name="她的督导")
    row = Supervision.objects.create(
        worker=worker, supervisor=supervisor, starts_on=date(2026, 10, 1), set_by=worker
    )
    raise_until("2026-10-12")
    assert recipients(subject="duty:test", kind="escalated")[0] == "她的督导"
    row.ends_on = date(2026, 10, 11)
    row.save()
    assert "她的督导" not in recipients(subject="duty:test")
    assert "主任" in recipients(subject="duty:test")


def test_client_without_a_supervisor_is_told_to_the_department_next(team, client):
    raise_until("2026-10-12", "2026-10-30", "2026-11-30", "2027-02-26")
    assert recipients(subject="duty:test") == ["周慧敏", "主任"]


def test_colleague_is_told_only_to_those_who_see_the_record(worker, team):
    """The record of a colleague has no responsible worker: the head of the department owes its tasks."""
    record = StakeholderFactory(
        kind="staff", name="高文彬", responsible=None, department=team, account=worker
    )
    TaskFactory(stakeholder=record, due_on=date(2026, 9, 30), owner=UserFactory(director=True))
    raise_until("2026-10-12", "2026-10-30")
    assert recipients(title__contains="高文彬") == ["主任"]


def test_every_reader_may_see_what_the_title_names(worker, team):
    """The SQL of the escalation against visible_to, for every kind of record, owner and role."""
    other = DepartmentFactory()
    for role in Role:
        UserFactory(roles=[role], department=team)
        UserFactory(roles=[role], department=other)
    people = list(get_user_model().objects.all())
    for number, responsible in enumerate([*people, None]):
        for secret in (False, True):
            EmployerFactory(
                active=True,
                is_confidential=secret,
                responsible=responsible,
                department=[team, other, None][number % 3],
                watched_from=date(2026, 10, 1),
            )
    raise_until("2026-11-30", "2027-02-26")
    stakeholders = {str(pk): pk for pk in Stakeholder.objects.values_list("pk", flat=True)}
    told_of = set(Reminder.objects.exclude(kind="calendar").values_list("recipient", "link"))
    assert len(told_of) > 200
    visible = {
        person.pk: set(Stakeholder.objects.visible_to(person).values_list("pk", flat=True))
        for person in people
    }
    leaks = [
        (who, link)
        for who, link in told_of
        if stakeholders[link.strip("/").split("/")[1]] not in visible[who]
    ]
    assert leaks == []


def test_reminder_comes_with_its_deliveries(employer, worker):
    worker.email = "zhou@example.com"
    worker.save()
    raise_until("2026-10-26")
    rows = Delivery.objects.filter(reminder__subject=october(employer).key)
    assert sorted(rows.values_list("recipient__name", "channel", "state")) == [
        ("周慧敏", "email", "pending"),
        ("周慧敏", "in_app", "sent"),
    ]


@pytest.mark.parametrize(("field", "value"), [("wants_email", False), ("email", "")])
def test_no_email_to_users_without_address(employer, worker, field, value):
    worker.email = "zhou@example.com"
    setattr(worker, field, value)
    worker.save()
    raise_until("2026-10-26")
    assert not Delivery.objects.filter(channel="email").exists()


@pytest.mark.parametrize(("day", "readers"), [("2026-10-26", ["代班", "周慧敏"]), ("2026-10-30", ["周慧敏"])])
def test_stand_in_of_the_day_is_told_too(employer, worker, day, readers):
    StandInFactory(
        absent=worker,
        stand_in=UserFactory(name="代班"),
        starts_on=date(2026, 10, 26),
        ends_on=date(2026, 10, 29),
    )
    sweep(date.fromisoformat(day))
    rows = Delivery.objects.filter(reminder__subject=october(employer).key, channel="in_app")
    assert sorted(rows.values_list("recipient__name", flat=True)) == readers


def test_who_begins_to_stand_in_is_given_what_is_open(employer, worker):
    raise_until("2026-10-26")
    StandInFactory(
        absent=worker,
        stand_in=UserFactory(name="代班"),
        starts_on=date(2026, 10, 28),
        ends_on=date(2026, 10, 29),
    )
    raise_until("2026-10-27")
    assert not Delivery.objects.filter(recipient__name="代班").exists()
    counts, _failed = sweep(date(2026, 10, 28))
    assert counts["handed_to_stand_ins"] == 1
    assert sweep(date(2026, 10, 28))[0]["handed_to_stand_ins"] == 0


def test_handed_over_record_takes_its_reminders_along(employer, worker, team):
    raise_until("2026-11-04")
    colleague = UserFactory(department=team, name="吴浩然")
    register.hand_over(
        Stakeholder.objects.filter(pk=employer.pk),
        to=colleague,
        by=team.head,
        today=date(2026, 11, 4),
    )
    assert recipients(subject=october(employer).key) == ["吴浩然", "督导"]
    assert Delivery.objects.unread_by(worker).count() == 0
    assert Delivery.objects.unread_by(colleague).count() == 1


def test_reminder_that_returns_is_unread_again(employer, worker, team):
    raise_until("2026-10-26")
    colleague = UserFactory(department=team, name="吴浩然")
    for to in (colleague, worker):
        register.hand_over(
            Stakeholder.objects.filter(pk=employer.pk), to=to, by=team.head, today=date(2026, 10, 26)
        )
    assert Delivery.objects.unread_by(worker).count() == 1
    assert Delivery.objects.unread_by(colleague).count() == 0


def test_record_handed_to_another_department_is_hidden_from_the_former_supervisor(employer, team):
    raise_until("2026-11-04")
    other = DepartmentFactory()
    UserFactory(supervisor=True, department=other, name="另一督导")
    register.hand_over(
        Stakeholder.objects.filter(pk=employer.pk),
        to=UserFactory(department=other, name="罗少芬"),
        by=team.head,
        today=date(2026, 11, 4),
    )
    assert recipients(subject=october(employer).key) == ["罗少芬", "另一督导"]


def test_person_who_leaves_hands_the_reminders_on_at_once(employer, worker):
    raise_until("2026-10-26")
    worker.is_active = False
    worker.save()
    assert recipients(subject=october(employer).key) == ["主任"]


def test_new_head_owes_the_duties_of_the_department_after_the_next_sweep(employer, team, at):
    raise_until("2026-12-10")
    at("2026-12-10")
    team.head = UserFactory(department_head=True, department=team, name="新主任")
    team.save()
    raise_until("2026-12-10")
    duty = Duty.objects.get(rule__code="department-contact", stakeholder=employer)
    assert duty.owner.name == "新主任"
    assert recipients(subject=duty.key) == ["新主任"]
    assert duties.differences(date(2026, 12, 10)) == 0


def test_readdressing_what_is_right_moves_nothing(employer):
    raise_until("2026-11-30")
    assert reassign_reminders(date(2026, 11, 30)) == 0


def test_duty_owed_again_after_it_was_not_is_told_again(employer):
    raise_until("2026-10-26")
    contract = Contract.objects.get(stakeholder=employer)
    key = october(employer).key
    for ended_on in (date(2026, 9, 30), None):
        contract.ended_on = ended_on
        contract.save()
        standing.update_standing([employer.pk], date(2026, 10, 26))
        assert Duty.objects.filter(key=key).exists() == (ended_on is None)
        raise_until("2026-10-26")
        assert recipients(subject=key) == ([] if ended_on else ["周慧敏"])


def test_duty_owed_again_by_somebody_else_is_told_to_them_with_a_notice(employer, team):
    raise_until("2026-10-26")
    contract = Contract.objects.get(stakeholder=employer)
    colleague = UserFactory(department=team, name="吴浩然")
    end_on(contract, date(2026, 9, 30))
    register.hand_over(
        Stakeholder.objects.filter(pk=employer.pk), to=colleague, by=team.head, today=date(2026, 10, 26)
    )
    end_on(contract, None)
    raise_until("2026-10-26")
    assert recipients(subject=october(employer).key) == ["吴浩然"]
    assert Delivery.objects.unread_by(colleague).count() == 1


def end_on(contract, day):
    """Sets the day on which the contract ended early (None: it did not) and updates the standing."""
    contract.ended_on = day
    contract.save()
    standing.update_standing([contract.stakeholder_id], date(2026, 10, 26))


@pytest.mark.parametrize(
    ("due_on", "day", "raised"),
    [
        ("2026-10-23", "2026-10-20", 0),
        ("2026-10-23", "2026-10-21", 1),
        ("2026-10-13", "2026-10-12", 1),  # nearer than two working days: at once
        ("2026-10-12", "2026-10-12", 1),
    ],
)
def test_task_is_spoken_of_two_working_days_before_it_is_due(employer, due_on, day, raised):
    task = TaskFactory(stakeholder=employer, due_on=date.fromisoformat(due_on))
    sweep(date.fromisoformat(day))
    assert Reminder.objects.filter(subject=task.key, kind="due").count() == raised


def test_overdue_task_is_told_to_the_supervisor_and_no_further(employer):
    task = TaskFactory(stakeholder=employer, due_on=date(2026, 10, 13), title="把培训安排回复院方")
    raise_until("2026-10-15")
    assert recipients(subject=task.key) == ["周慧敏"]
    raise_until("2026-10-16", "2026-11-30")
    assert recipients(subject=task.key) == ["周慧敏", "督导"]
    title = Reminder.objects.get(subject=task.key, kind="due").title
    assert title == "荷塘街道公共服务办公室：把培训安排回复院方，10月13日已到期"


def test_task_of_somebody_who_may_not_see_the_record_goes_to_its_worker(employer):
    stranger = UserFactory(name="外人")
    task = TaskFactory(stakeholder=employer, owner=stranger)
    raise_until("2026-10-12")
    assert recipients(subject=task.key) == ["周慧敏"]


def test_finished_and_dropped_tasks_are_silent(employer):
    contact_task = TaskFactory(stakeholder=employer)
    InteractionFactory(stakeholder=employer, done_tasks=[contact_task])
    raise_until("2026-10-30")
    assert recipients(subject=contact_task.key) == []


def test_voided_record_is_silent(employer, team):
    TaskFactory(stakeholder=employer)
    raise_until("2026-10-26")
    register.void_record(employer, by=team.head, reason="重复登记", today=date(2026, 10, 26))
    assert Reminder.objects.open().exclude(kind="calendar").count() == 0
    raise_until("2026-11-30")
    assert Reminder.objects.open().exclude(kind="calendar").count() == 0


def test_escalation_follows_the_number_of_its_day(employer, team):
    director = get_user_model().objects.get(name="总干事")
    set_parameter(
        "escalate_after",
        1,
        by=director,
        today=date(2026, 10, 12),
        effective_from=date(2026, 11, 2),
        reason="试",
    )
    raise_until("2026-11-02")
    assert recipients(subject=october(employer).key, kind="escalated") == ["督导"]


def test_rules_lead_days_are_those_of_each_version(employer):
    director = get_user_model().objects.get(name="总干事")
    rules.change_rule(
        "resident-contact",
        by=director,
        today=date(2026, 10, 12),
        effective_from=date(2026, 11, 1),
        reason="试",
        lead_days=10,
    )
    raise_until("2026-11-13")
    assert not Reminder.objects.filter(due_on=date(2026, 11, 30), kind="due").exists()
    raise_until("2026-11-16")
    assert Reminder.objects.filter(due_on=date(2026, 11, 30), kind="due").count() == 1
