"""A real worker process executes the periodic tasks: it runs the sweep and sends the e-mails."""

from datetime import timedelta

import pytest

from reminders import clock
from reminders.calendar.models import HolidayOverride
from reminders.models import Delivery, Parameter, Reminder
from reminders.tasks import deliver, sweep
from tests.factories.accounts import UserFactory
from tests.factories.employers import EmployerFactory
from tests.factories.relations import TaskFactory


@pytest.fixture
def open_office(transactional_db):
    """Makes all hours of today and tomorrow working hours, so that the test can run at any time. Returns today."""
    today = clock.today()
    for day in (today, today + timedelta(days=1)):
        HolidayOverride.objects.create(date=day, is_working=True, name="测试", notice="测试")
    by = UserFactory(director=True)
    for key, value in (("work_starts", 0), ("work_ends", 24)):
        Parameter.objects.create(key=key, value=value, effective_from=today, reason="试", set_by=by)
    return today


def test_worker_sweeps_and_sends(open_office, real_worker):
    reader = UserFactory(email="zhou@example.com")
    employer = EmployerFactory(responsible=reader, watched_from=open_office)
    TaskFactory(stakeholder=employer, due_on=open_office)
    sweep.delay()
    real_worker.wait_until(Reminder.objects.filter(recipient=reader).exists)
    deliver.delay()
    real_worker.wait_until(Delivery.objects.filter(channel="email", state="sent").exists)
    assert real_worker.letters()[-1]["To"] == "zhou@example.com"
