"""The schedule of beat: every entry names an existing task, at hours in Shanghai time."""

import re
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from celery.schedules import crontab

from lezhi.celery import app
from lezhi.schedule import BEAT, SWEEP
from reminders import steps
from reminders.models import SweepMark

SHANGHAI = ZoneInfo("Asia/Shanghai")
OPERATIONS = Path(__file__).resolve().parents[2] / "docs/operations.md"
ROW = re.compile(r"^\| ([^|]+) \| `([^`|]+)` \| [^|]+ \|$", re.MULTILINE)


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
    late = steps.SweepStep(steps.Phase.FINISH, "zebra", lambda day: {})
    monkeypatch.setitem(steps.STEPS._entries, "zebra", late)
    steps.sweep(date(2026, 10, 12))
    assert (*SWEEP, "zebra") == tuple(SweepMark.objects.order_by("pk").values_list("step", flat=True))


def when_in_words(when):
    """The times of a crontab as docs/operations.md writes them; fails when it runs on some days only."""
    assert when.day_of_week == set(range(7))
    assert when.day_of_month == set(range(1, 32))
    minutes, hours = sorted(when.minute), sorted(when.hour)
    if minutes == list(range(60)):
        times = "every minute"
    elif len(minutes) > 1:
        assert minutes == list(range(0, 60, minutes[1]))
        times = f"every {minutes[1]} minutes"
    elif len(hours) == 24:
        return f"every hour, at :{minutes[0]:02}"
    elif len(hours) == 1:
        return f"{hours[0]}:{minutes[0]:02}"
    else:
        assert hours == list(range(hours[0], hours[-1] + 1))
        return f"every hour from {hours[0]}:{minutes[0]:02} to {hours[-1]}:{minutes[0]:02}"
    assert len(hours) == 24
    return times


def documented_schedule(text):
    """{name of an entry: its times in words} of the table under "Schedule"."""
    section = text.partition("\n## Schedule\n")[2].partition("\n## ")[0]
    return {name: when for when, name in ROW.findall(section)}


def test_operations_page_lists_every_entry_with_its_times():
    schedule = {name: when_in_words(entry["schedule"]) for name, entry in BEAT.items()}
    assert documented_schedule(OPERATIONS.read_text()) == schedule


@pytest.mark.parametrize(
    ("when", "words"),
    [
        (crontab(), "every minute"),
        (crontab(minute="*/20"), "every 20 minutes"),
        (crontab(minute=5), "every hour, at :05"),
        (crontab(minute=5, hour=4), "4:05"),
        (crontab(minute=30, hour="8-17"), "every hour from 8:30 to 17:30"),
    ],
)
def test_times_are_put_into_words(when, words):
    assert when_in_words(when) == words


def test_missing_row_of_the_operations_page_is_found():
    text = OPERATIONS.read_text()
    without = "".join(line for line in text.splitlines(keepends=True) if "`passwords`" not in line)
    assert set(documented_schedule(text)) - set(documented_schedule(without)) == {"passwords"}
