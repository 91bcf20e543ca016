"""`python manage.py sweep` raises everything that is due once, however often, late or interrupted it runs."""

import json
from datetime import date

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from reminders import steps
from reminders.models import Delivery, Reminder, SweepMark
from tests.factories.accounts import DepartmentFactory, UserFactory
from tests.factories.employers import EmployerFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def sweep(capsys):
    """sweep("2026-10-12") runs the command for that day and returns what it printed."""

    def run(today):
        call_command("sweep", f"--today={today}")
        return json.loads(capsys.readouterr().out)

    return run


@pytest.fixture
def employer(at):
    """An employer with a contract of 2026, a department with its people; the day is 12 October."""
    at("2026-10-12")
    department = DepartmentFactory(name="社会服务部")
    department.head = UserFactory(department_head=True, department=department, name="主任")
    department.save()
    UserFactory(director=True, name="总干事")
    worker = UserFactory(department=department, name="周慧敏", email="zhou@example.com", reachable=True)
    return EmployerFactory(
        active=True, responsible=worker, name="荷塘街道公共服务办公室", watched_from=date(2026, 9, 1)
    )


def test_second_run_raises_nothing(employer, sweep):
    first = sweep("2026-10-12")
    second = sweep("2026-10-12")
    assert first == {
        "today": "2026-10-12",
        "reminders_reassigned": 0,
        "duties_opened": 0,
        "reminders_raised": 2,
        "escalated": 2,
        "tasks_raised": 0,
        "renewals": 0,
        "greetings": 0,
        "monthly_sheets": 0,
        "reports": 0,
        "calendar_warnings": 0,
        "handed_to_stand_ins": 0,
        "refusals_forgotten": 0,
        "information_closed": 0,
        "approvals escalated": 0,
        "delivered": 1,
        "undelivered": 0,
    }
    assert second == dict.fromkeys(first, 0) | {"today": "2026-10-12"}


def test_without_a_day_it_is_today_in_shanghai(employer, capsys, at):
    at("2026-11-01", 0, 1)
    call_command("sweep")
    assert json.loads(capsys.readouterr().out)["today"] == "2026-11-01"


def raised():
    """Returns (key, recipient) of every reminder except those about the calendar, which come once a week."""
    return sorted(Reminder.objects.exclude(kind="calendar").values_list("key", "recipient__name"))


def test_one_sweep_after_a_month_equals_daily_sweeps(employer, sweep):
    for day in range(12, 32):
        sweep(f"2026-10-{day}")
    for day in range(1, 31):
        sweep(f"2026-11-{day:02}")
    daily = raised()
    Reminder.objects.all().delete()
    employer.duties.all().delete()
    employer.tasks.all().delete()
    SweepMark.objects.update(done_for=date(2026, 10, 11))
    steps.redo_step_since("duties", date(2026, 9, 1))
    sweep("2026-11-30")
    assert raised() == daily


def test_a_failing_step_is_told_and_stops_no_other(employer, capsys, monkeypatch):
    def fail(day):
        raise ValueError("broken")

    monkeypatch.setitem(steps.STEPS._entries, "renewals", steps.SweepStep(steps.Phase.OPEN, "renewals", fail))
    with pytest.raises(CommandError, match="renewals"):
        call_command("sweep", "--today=2026-10-12")
    assert json.loads(capsys.readouterr().out)["reminders_raised"] == 2
    assert not SweepMark.objects.filter(step="renewals").exists()


def test_letters_and_in_app_rows_come_with_the_reminders(employer, sweep, mailoutbox):
    sweep("2026-10-12")
    rows = Delivery.objects.filter(recipient__name="周慧敏").values_list("channel", "state")
    assert sorted(rows) == [("email", "sent")] * 2 + [("in_app", "sent")] * 2
    assert [letter.to for letter in mailoutbox] == [["zhou@example.com"]]


def test_the_number_of_statements_does_not_grow_with_the_rows(employer, django_assert_num_queries):
    with CaptureQueriesContext(connection) as few:
        steps.sweep(date(2026, 10, 12))
    for number in range(30):
        EmployerFactory(
            active=True,
            responsible=employer.responsible,
            name=f"单位{number}",
            watched_from=date(2026, 9, 1),
        )
    SweepMark.objects.all().delete()
    with django_assert_num_queries(len(few)):
        counts, _failed = steps.sweep(date(2026, 10, 12))
    assert counts["reminders_raised"] == 60


def test_a_sweep_with_nothing_new_asks_little(employer, django_assert_max_num_queries):
    steps.sweep(date(2026, 10, 12))
    marks = 3 * len(list(steps.STEPS))  # each step locks its own mark, in a savepoint
    with django_assert_max_num_queries(marks + 29) as queries:
        steps.sweep(date(2026, 10, 12))
    assert not [query for query in queries if "expected AS" in query["sql"]]
