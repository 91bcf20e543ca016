"""Reminders to enter next year's holiday notice: once a week from 1 November until it is registered."""

import pytest

from reminders.calendar.models import HolidayNotice
from reminders.calendar.signals import calendar_changed
from reminders.calendar.workdays import Calendar
from reminders.models import Parameter, Reminder
from reminders.steps import STEPS, run_step
from tests.factories.accounts import UserFactory

pytestmark = pytest.mark.django_db


def check_calendar(today):
    """Runs this step of the sweep for `today`. Returns the number of new reminders."""
    numbers = Parameter.objects.values_on(today)
    return run_step(STEPS["calendar"], today, numbers, Calendar.load())["calendar_warnings"]


@pytest.fixture
def keepers(at):
    """Two users who may change the calendar; a third user may not."""
    at("2026-10-31")
    UserFactory()
    return [UserFactory(director=True), UserFactory(administrator=True)]


@pytest.mark.parametrize(
    ("days", "raised"),
    [
        (["2026-10-31"], 0),
        (["2026-11-01"], 2),
        (["2026-11-02", "2026-11-08"], 2),  # Monday and Sunday of the same week
        (["2026-11-08", "2026-11-09"], 4),
        (["2026-12-31", "2027-01-01"], 2),  # the same week, across the turn of the year
    ],
)
def test_one_reminder_a_week_to_each_who_keeps_the_calendar(keepers, at, days, raised):
    for day in days:
        check_calendar(at(day))
    assert Reminder.objects.filter(kind="calendar").count() == raised


def test_asked_twice_it_raises_nothing_more(keepers, at):
    today = at("2026-11-01")
    assert [check_calendar(today), check_calendar(today)] == [2, 0]


def test_reminders_close_when_the_notice_is_loaded(keepers, at, monkeypatch):
    check_calendar(at("2026-11-01"))
    loaded = Calendar(announced_years=[2027])
    monkeypatch.setattr(Calendar, "load", classmethod(lambda cls: loaded))
    calendar_changed.send(sender=HolidayNotice, days=frozenset())
    assert Reminder.objects.open().count() == 0
    assert check_calendar(at("2026-11-09")) == 0
