"""The sweep: the daily work, in steps. lezhi.schedule lists all steps in the order they run.

A step runs in its own transaction with a lock on its SweepMark: concurrent sweeps run it one after the other, and a
killed worker leaves nothing half done. A step reads what is due from the tables and creates each reminder once, by its
key; it may run again, late or after missed days.
"""

import logging
from collections import Counter
from dataclasses import dataclass, field
from datetime import date
from enum import IntEnum

from django.db import transaction

from accounts.registry import Registry
from accounts.stored_texts import stored_in_chinese
from reminders.calendar.workdays import Calendar
from reminders.models import Parameter, SweepMark

logger = logging.getLogger(__name__)


class Phase(IntEnum):
    """The phases of a sweep, in order; lezhi/schedule.py lists the steps of each under the same name."""

    OPEN = 1  # duties of a new period, tasks
    REMIND = 2  # reminders of due records
    ESCALATE = 3  # escalations to superiors
    FINISH = 4  # everything else: checks of stored data, tidying up, reminders given to stand-ins


@dataclass(frozen=True)
class SweepDay:
    """The input of a step: the day, the last day for which it was done (None: never), the numbers and the calendar."""

    today: date
    done_for: date | None
    numbers: dict
    calendar: Calendar

    @property
    def is_done_today(self):
        return self.done_for is not None and self.done_for >= self.today

    def reminded_until(self, lead):
        """The last due date that is reminded about today, `lead` working days before it."""
        return self.calendar.add_working_days(self.today, lead)

    def overdue_since(self, after):
        """The last due date that is at least `after` (≥ 1) working days overdue today."""
        tomorrow = self.today + date.resolution
        return self.calendar.add_working_days(tomorrow, -after) - date.resolution


@dataclass(frozen=True, order=True)
class SweepStep:
    """One step. `run(day)` takes a SweepDay and returns {name of a count: number}; equal names are added up.

    With `is_before_letters`, no letter is sent on a day before the step was done for it.
    """

    phase: Phase
    name: str
    run: callable = field(compare=False)
    is_before_letters: bool = field(default=False, compare=False)


# {name of the step, also of its SweepMark: SweepStep}
STEPS = Registry("steps of the sweep")


def ordered_steps():
    """The steps in the order they run: by phase, then by name."""
    return sorted(STEPS.values())


def sweep(today):
    """Runs every step for `today`, missed days included. Returns (counts, names of the steps that failed).

    A failing step is logged with its traceback and does not stop the others.
    """
    numbers, calendar = Parameter.objects.values_on(today), Calendar.load()
    counts, failed = Counter(), []
    for step in ordered_steps():
        try:
            counts.update(run_step(step, today, numbers, calendar))
        except Exception:
            logger.exception("The step %s failed for %s", step.name, today)
            failed.append(step.name)
    return counts, failed


def prepare_letters(today, numbers):
    """Runs the steps that letters wait for, if no sweep has done them for `today`."""
    waited_for = [step for step in ordered_steps() if step.is_before_letters]
    names = [step.name for step in waited_for]
    done = set(SweepMark.objects.filter(step__in=names, done_for__gte=today).values_list("step", flat=True))
    for step in waited_for:
        if step.name not in done:
            run_step(step, today, numbers, Calendar.load())


@transaction.atomic
def run_step(step, today, numbers, calendar):
    """Runs one step with a lock on its SweepMark. Stored texts are in Chinese, whatever the active language."""
    mark, is_new = SweepMark.objects.select_for_update().get_or_create(
        step=step.name, defaults={"done_for": today}
    )
    done_for = None if is_new else mark.done_for
    with stored_in_chinese():
        counts = step.run(SweepDay(today, done_for, numbers, calendar))
    if done_for and done_for < today:
        mark.done_for = today
        mark.save(update_fields=["done_for", "done_at"])
    return counts


def redo_step_since(name, since):
    """Makes the next sweep run the step `name` again for `since` and the days after, because its input has changed."""
    SweepMark.objects.filter(step=name, done_for__gte=since).update(done_for=since - date.resolution)
