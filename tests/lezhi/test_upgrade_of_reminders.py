"""Upgrading from the release before: no reminder is sent twice, and reminders it wrongly suppressed are raised."""

from contextlib import contextmanager
from datetime import date
from importlib import import_module
from types import SimpleNamespace

import pytest
from django.apps import apps
from django.db import connection
from django.db.models import CharField, F, Value
from django.db.models.functions import Cast, Concat

from accounts.roles import Role
from complaints.models import Complaint, Improvement
from employers.models import Contract
from relations.models import Task
from relations.reminding.raising import key_sql
from reminders import clock, steps
from reminders.calendar.models import HolidayOverride
from reminders.models import Delivery, Reminder
from tests.factories.accounts import DepartmentFactory, UserFactory
from tests.factories.complaints import ComplaintFactory, take_step
from tests.factories.employers import EmployerFactory
from tests.factories.relations import TaskFactory

pytestmark = pytest.mark.django_db
MIGRATIONS = [
    ("reminders.migrations.0004_dates_in_keys", ["rewrite"]),
    ("relations.migrations.0008_reminders_of_moved_tasks", ["mend"]),
    ("complaints.migrations.0004_dates_in_reminder_keys", ["rewrite", "close_what_asks_for_nothing"]),
    ("employers.migrations.0004_renewals_asked_again", ["free"]),
]


def editor():
    """Returns a stand-in for the schema editor of a migration."""

    def execute(sql, params=None):
        with connection.cursor() as cursor:
            cursor.execute(sql, params)

    return SimpleNamespace(connection=connection, execute=execute)


def upgrade():
    """Runs the data migrations."""
    for module, names in MIGRATIONS:
        for name in names:
            getattr(import_module(module), name)(apps, editor())


def as_before():
    """Gives reminders the keys they had in the release before."""
    for reminder in Reminder.objects.filter(due_on__isnull=False):
        key = reminder.key.replace(f":{reminder.due_on}", "", 1)
        if reminder.subject.startswith("duty:"):
            key = f"{reminder.subject}:{reminder.step}"
        Reminder.objects.filter(pk=reminder.pk).update(key=key, step=0)


@pytest.fixture
def centre(at):
    """Returns a complaint; there are reminders of every kind, swept up to 26 October."""
    at("2026-09-28")
    team = DepartmentFactory()
    UserFactory(roles=[Role.HEAD])
    UserFactory(director=True)
    UserFactory(council=True)
    UserFactory(supervisor=True, department=team)
    worker = UserFactory(department=team, email="worker@example.com")
    employer = EmployerFactory(active=True, responsible=worker, contract__ends_on=date(2026, 11, 27))
    TaskFactory(stakeholder=employer, due_on=date(2026, 10, 13))
    case = ComplaintFactory()
    Improvement.objects.create(
        complaint=case, measure="改期", owner=worker, due_on=date(2026, 10, 13), check_on=date(2026, 12, 1)
    )
    for day in ("2026-10-10", "2026-10-13", "2026-10-26"):
        assert steps.sweep(at(day))[1] == []
    return case


def everything():
    """Returns all values that the upgrade must not change."""
    rows = Reminder.objects.order_by("pk").values_list("pk", "key", "step", "closed_at", "retired_at")
    return list(rows), Delivery.objects.count(), list(Task.objects.order_by("pk").values_list("notified"))


def test_upgrade_of_a_live_database_tells_nothing_twice(centre):
    now = everything()
    assert len(now[0]) > 10
    as_before()
    assert everything() != now
    upgrade()
    assert everything() == now
    counts, failed = steps.sweep(clock.today())
    assert (counts["reminders_raised"], counts["escalated"], failed) == (0, 0, [])
    assert everything() == now


@contextmanager
def server_that_writes_dates_as(style):
    """Sets the datestyle of PostgreSQL inside the block."""
    with connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL datestyle TO {style}")
        yield cursor
        cursor.execute("SET LOCAL datestyle TO DEFAULT")


@pytest.mark.postgres
@pytest.mark.parametrize("style", ["German", "SQL, MDY", "Postgres, DMY"])
def test_keys_hold_the_same_date_whatever_the_server_s_datestyle(centre, style):
    now = everything()
    as_before()
    with server_that_writes_dates_as(style) as cursor:
        cursor.execute("SELECT CAST(due_on AS TEXT) FROM reminders_reminder WHERE due_on = '2026-10-13'")
        assert "2026-10-13" not in cursor.fetchone()[0]  # control
        import_module("reminders.migrations.0004_dates_in_keys").rewrite(apps, editor())
        cursor.execute(
            f"SELECT {key_sql('relations_task', 0)} FROM relations_task WHERE due_on = '2026-10-13'"
        )
        assert cursor.fetchone()[0].endswith(":2026-10-13:0")
    import_module("complaints.migrations.0004_dates_in_reminder_keys").rewrite(apps, None)
    assert everything() == now


def test_closing_what_asks_for_nothing_costs_the_same_for_many(centre, django_assert_num_queries):
    cases = [ComplaintFactory(anonymous=True, personnel=True) for _each in range(3)]
    for case in cases:
        case.viewings.create(user=case.head, what="case")
    reminders = Reminder.objects.open().filter(subject__endswith=":new")
    assert reminders.filter(subject__in=[f"complaint:{case.pk}:new" for case in cases]).count() == 3
    module = import_module("complaints.migrations.0004_dates_in_reminder_keys")
    with django_assert_num_queries(1):
        module.close_what_asks_for_nothing(apps, None)
    waiting = Complaint.objects.get(
        state="with_head"
    )  # control: the complaint being processed keeps its reminder
    assert [reminder.subject for reminder in reminders] == [f"complaint:{waiting.pk}:new"]


def test_without_the_upgrade_all_would_be_told_again(centre):
    """Control. Duties and tasks store that they were reminded of; complaints do not."""
    as_before()
    assert steps.sweep(clock.today())[0]["reminders_raised"] > 0


def test_task_that_was_moved_and_never_told_again_is_told_after_the_upgrade(centre):
    moved = Task.objects.get(key__startswith="task:test:")
    as_before()
    Task.objects.filter(pk=moved.pk).update(
        due_on=date(2026, 10, 28), notified=1
    )  # as the release before left it
    Reminder.objects.filter(subject=moved.key, kind="escalated").delete()
    upgrade()
    assert not Reminder.objects.open().filter(subject=moved.key).exists()
    assert steps.sweep(clock.today())[0]["reminders_raised"] == 1
    reminder = Reminder.objects.open().get(subject=moved.key)
    assert (reminder.due_on, "10月28日到期" in reminder.title) == (date(2026, 10, 28), True)
    assert Delivery.objects.filter(reminder=reminder, channel="email", state="pending").count() == 1


def test_clock_that_the_calendar_had_moved_on_its_day_is_told_on_the_new_day(centre, at):
    """The release before wrote the new date into the row of the old day."""
    case = ComplaintFactory(received_on=date(2026, 10, 26))
    due_on = case.response_due_on
    HolidayOverride.objects.create(date=due_on, is_working=False, name="台风", notice="甲")
    Reminder.objects.create(
        key=f"complaint:{case.pk}:response:0:due:{case.head_id}",
        subject=f"complaint:{case.pk}:response",
        kind="complaint",
        recipient=case.head,
        title="x",
        raised_on=due_on,
        due_on=date(2026, 11, 5),
    )
    upgrade()
    steps.sweep(at("2026-11-05"))
    raised = Reminder.objects.filter(subject=f"complaint:{case.pk}:response", raised_on=date(2026, 11, 5))
    assert raised.filter(recipient=case.head, key__contains=":due:").count() == 1


def test_key_that_was_freed_is_retired_by_the_upgrade(centre):
    handler = UserFactory(roles=[Role.DEPUTY])
    case = take_step(centre, "appoint", centre.head, user=handler)
    about = Reminder.objects.filter(recipient=handler, subject=f"complaint:{case.pk}:handler")
    freed = Concat("key", Value(":"), Cast("pk", CharField()))
    about.update(closed_at=F("raised_at"), key=freed)
    upgrade()
    assert about.get().retired_at is not None


def test_not_processed_complaint_that_was_looked_at_is_no_longer_asked_for(centre, client):
    case = ComplaintFactory(anonymous=True, personnel=True)
    reminders = Reminder.objects.filter(subject=f"complaint:{case.pk}:new")
    upgrade()
    assert reminders.open().count() == 1
    case.viewings.create(user=case.head, what="case")
    upgrade()
    assert reminders.open().count() == 0


def test_renewal_that_was_dropped_by_a_change_is_asked_for_again_when_it_is_taken_back(centre):
    task = Task.objects.get(origin="renewal")
    Task.objects.filter(pk=task.pk).update(
        dropped_at=task.created_at, drop_reason="已有新合同，或合同日期已改"
    )
    assert steps.sweep(clock.today())[0]["renewals"] == 0
    upgrade()
    assert Contract.objects.get().ends_on == date(2026, 11, 27)
    assert steps.sweep(clock.today())[0]["renewals"] == 1
