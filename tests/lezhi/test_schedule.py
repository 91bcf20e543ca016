"""The schedule of beat: every entry names an existing task, at hours in Shanghai time."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest

from lezhi.celery import app
from lezhi.schedule import BEAT, SWEEP
from reminders import steps
from reminders.models import SweepMark

SHANGHAI = ZoneInfo("Asia/Shanghai")


@pytest.mark.parametrize("name", BEAT)
def test_entry_names_a_task_that_exists(name):
    app.loader.import_default_modules()
    assert BEAT[name]["task"] in app.tasks


def test_schedule_is_what_beat_reads_in_shanghai_hours():
    assert app.conf.beat_schedule is BEAT
    assert str(app.timezone) == "Asia/Shanghai"


def hours_of(task, day=datetime(2026, 11, 23, tzinfo=SHANGHAI)):
    """Returns the times of one day at which a task is started, as "HH:MM"."""
    times = {
        f"{hour:02}:{minute:02}"
        for entry in BEAT.values()
        if entry["task"] == task
        for hour in entry["schedule"].hour
        for minute in entry["schedule"].minute
        if day.isoweekday() % 7 in entry["schedule"].day_of_week
    }
    return sorted(times)


def test_sweep_runs_at_midnight_and_every_hour_of_the_day():
    assert hours_of("reminders.tasks.sweep") == ["00:10", *(f"{hour:02}:00" for hour in range(7, 21))]


def test_letters_are_tried_every_five_minutes():
    assert len(hours_of("reminders.tasks.deliver")) == 24 * 12


@pytest.mark.parametrize("name", BEAT)
def test_message_expires_before_the_next_of_its_kind(name):
    """A queue that no worker empties does not grow."""
    times = [int(time[:2]) * 60 + int(time[3:]) for time in hours_of(BEAT[name]["task"])]
    gaps = [later - earlier for earlier, later in zip(times, [*times[1:], times[0] + 24 * 60], strict=True)]
    assert BEAT[name]["options"]["expires"] < min(gaps) * 60


@pytest.mark.django_db
def test_sweep_runs_the_steps_that_the_page_lists_in_their_order():
    """Marks are written when steps start, so their keys show the order."""
    _counts, failed = steps.sweep(date(2026, 10, 12))
    assert failed == []
    assert tuple(SweepMark.objects.order_by("pk").values_list("step", flat=True)) == SWEEP


@pytest.mark.django_db
def test_step_that_the_page_does_not_list_is_found(monkeypatch):
    late = steps.Step(steps.Phase.FINISH, "zebra", lambda day: {})
    monkeypatch.setitem(steps.STEPS._entries, "zebra", late)
    steps.sweep(date(2026, 10, 12))
    assert (*SWEEP, "zebra") == tuple(SweepMark.objects.order_by("pk").values_list("step", flat=True))
