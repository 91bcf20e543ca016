"""The sweep: what has to be done each day, step by step; lezhi.schedule lists all steps in the order they run.

A step runs in a transaction of its own behind the lock of its SweepMark, so two schedulers at once do its work one
after the other, and a worker that is killed leaves nothing half done. A step finds what is due in the tables and
raises each thing once, by its key; running it again, late or after missed days is always right.
"""

import logging
from collections import Counter
from dataclasses import dataclass, field
from datetime import date
from enum import IntEnum

from django.db import transaction
from django.utils import translation

from accounts.registry import Registry
from reminders.calendar.workdays import Calendar
from reminders.models import Parameter, SweepMark

logger = logging.getLogger(__name__)


class Phase(IntEnum):
    """The order of the steps of one sweep."""

    OWED = 1  # what is owed: duties of a new period, tasks
    ASKED = 2  # reminders of what is owed
    ESCALATED = 3  # reminders to those above
    TOLD = 4  # everything else about reminders


@dataclass(frozen=True)
class SweepDay:
    """What a step is told: the day, the last day it was done for (None: never), the numbers and the calendar."""

    today: date
    done_for: date | None
    numbers: dict
    calendar: Calendar

    @property
    def is_done_today(self):
        return self.done_for is not None and self.done_for >= self.today

    def asked_until(self, lead):
        """The last due date of which one speaks today, `lead` working days before it."""
        return self.calendar.add_working_days(self.today, lead)

    def overdue_since(self, after):
        """The last due date whose `after`-th working day has come by today (`after` ≥ 1)."""
        tomorrow = self.today + date.resolution
        return self.calendar.add_working_days(tomorrow, -after) - date.resolution


@dataclass(frozen=True, order=True)
class Step:
    """One step. `run(day)` takes a Day and returns {what: how many}; equal words of several steps are added up."""

    phase: Phase
    name: str
    run: callable = field(compare=False)


# Name of the step, which is also that of its SweepMark: a Step.
STEPS = Registry("steps of the sweep")


def in_order():
    """The steps as they run: by phase, then by name."""
    return sorted(STEPS.values())


def sweep(today):
    """Does every step for `today`, missed days included. Returns (counts, names of the steps that failed).

    A failing step is logged with its traceback and keeps no other from running.
    """
    numbers, calendar = Parameter.objects.values_on(today), Calendar.load()
    counts, failed = Counter(), []
    for step in in_order():
        try:
            counts.update(run_step(step, today, numbers, calendar))
        except Exception:
            logger.exception("The step %s failed for %s", step.name, today)
            failed.append(step.name)
    return counts, failed


@transaction.atomic
def run_step(step, today, numbers, calendar):
    """One step behind the lock of its mark. What it stores is worded in Chinese, whoever started it."""
    mark, is_new = SweepMark.objects.select_for_update().get_or_create(
        step=step.name, defaults={"done_for": today}
    )
    done_for = None if is_new else mark.done_for
    with translation.override("zh-hans"):
        counts = step.run(SweepDay(today, done_for, numbers, calendar))
    if done_for and done_for < today:
        mark.done_for = today
        mark.save(update_fields=["done_for", "done_at"])
    return counts


def redo_step_since(name, since):
    """Lets the next sweep do the step `name` anew for `since` and the days after it: what it rests on changed."""
    SweepMark.objects.filter(step=name, done_for__gte=since).update(done_for=since - date.resolution)
