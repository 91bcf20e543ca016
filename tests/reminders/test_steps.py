"""How the sweep runs: marks, missed days, failed steps, two schedulers at once, an unreachable broker."""

import threading
from datetime import date

import pytest
from celery import shared_task
from django.db import connections
from django.utils import translation
from kombu.exceptions import OperationalError

from reminders import steps, tasks
from reminders.actions import remind
from reminders.models import Delivery, Reminder, SweepMark
from reminders.wake import run_on_commit
from tests.factories.accounts import UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def received_days(monkeypatch):
    """Replaces all steps by one that records, in this list, the (today, done_for, is_done_today) it receives."""
    days = []

    def note(day):
        days.append((day.today, day.done_for, day.is_done_today))
        return {"noted": 1}

    monkeypatch.setattr(steps, "STEPS", {"note": steps.SweepStep(steps.Phase.OPEN, "note", note)})
    return days


def test_step_is_told_the_last_day_it_was_done_for(received_days):
    for day in (12, 12, 20):
        steps.sweep(date(2026, 10, day))
    assert received_days == [
        (date(2026, 10, 12), None, False),
        (date(2026, 10, 12), date(2026, 10, 12), True),
        (date(2026, 10, 20), date(2026, 10, 12), False),
    ]


def test_sweep_for_a_day_in_the_past_does_not_move_the_mark_back(received_days):
    for day in (20, 12, 21):
        steps.sweep(date(2026, 10, day))
    assert SweepMark.objects.get().done_for == date(2026, 10, 21)
    assert received_days[1] == (date(2026, 10, 12), date(2026, 10, 20), True)


def test_step_asked_for_again_is_done_for_those_days_anew(received_days):
    steps.sweep(date(2026, 10, 20))
    steps.redo_step_since("note", date(2026, 10, 1))
    steps.sweep(date(2026, 10, 20))
    assert received_days[-1] == (date(2026, 10, 20), date(2026, 9, 30), False)


def test_failed_step_leaves_no_mark_and_nothing_half_done(monkeypatch, caplog):
    def fail(day):
        remind(UserFactory(), kind="due", key="x", subject="x", title="x", today=day.today)
        raise ValueError("broken")

    monkeypatch.setattr(steps, "STEPS", {"bad": steps.SweepStep(steps.Phase.OPEN, "bad", fail)})
    assert steps.sweep(date(2026, 10, 12)) == ({}, ["bad"])
    assert (Reminder.objects.count(), SweepMark.objects.count()) == (0, 0)
    with pytest.raises(tasks.StepsFailed, match="bad"):
        tasks.sweep()


def test_reminder_titles_are_chinese_in_every_locale(monkeypatch):
    monkeypatch.setattr(
        steps,
        "STEPS",
        {"say": steps.SweepStep(steps.Phase.OPEN, "say", lambda day: {translation.get_language(): 1})},
    )
    with translation.override("en"):
        assert steps.sweep(date(2026, 10, 12))[0] == {"zh-hans": 1}


@pytest.mark.django_db(transaction=True)
def test_two_schedulers_at_once_raise_each_reminder_once(monkeypatch):
    reader = UserFactory()

    def tell(day):
        if day.is_done_today:
            return {"raised": 0}
        key = f"x:{day.today}"
        return {"raised": remind(reader, kind="due", key=key, subject="x", title="x", today=day.today)}

    monkeypatch.setattr(steps, "STEPS", {"tell": steps.SweepStep(steps.Phase.OPEN, "tell", tell)})
    raised, start = [], threading.Barrier(2)

    def scheduler():
        start.wait()
        counts, failed = steps.sweep(date(2026, 10, 12))
        raised.append((counts["raised"], failed))
        connections.close_all()

    threads = [threading.Thread(target=scheduler) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(raised) == [(0, []), (1, [])]
    assert (Reminder.objects.count(), Delivery.objects.filter(channel="in_app").count()) == (1, 1)


@shared_task
def noted():
    """Records its runs in NOTES."""
    NOTES.append(1)


NOTES = []


@pytest.mark.parametrize("problem", [OperationalError("gone"), ConnectionRefusedError("gone")])
def test_page_works_while_the_broker_is_unavailable(
    monkeypatch, django_capture_on_commit_callbacks, caplog, problem
):
    def fail(*args, **kwargs):
        raise problem

    monkeypatch.setattr(noted, "apply_async", fail)
    with django_capture_on_commit_callbacks(execute=True):
        run_on_commit(noted)
    assert "The broker is unreachable" in caplog.text


def test_worker_is_woken_after_the_commit(django_capture_on_commit_callbacks):
    NOTES.clear()
    with django_capture_on_commit_callbacks(execute=True):
        run_on_commit(noted)
        assert NOTES == []
    assert NOTES == [1]
