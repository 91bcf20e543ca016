"""The daily step that creates the duties of new periods."""

from datetime import datetime, time

from relations.duties import settlement as duties
from relations.models import Stakeholder
from relations.reminding.raising import reassign_reminders
from reminders import steps
from reminders.clock import SHANGHAI

STEP = "duties"
MAX_SINGLE_RECORDS = 500  # with more new records, the duties of all records are derived


def open_duties(day):
    """Once a day: derives all duties when a month has started, otherwise those of newly registered records.

    Periods start with a month. Duties depend on terms, rules and workers, and every change of these derives duties
    itself, so that nothing else is missing on other days.
    """
    if day.is_done_today:
        return {"duties_opened": 0}
    written = open_periods(day) if is_new_month(day) else open_for_new_records(day)
    return {"duties_opened": written}


def is_new_month(day):
    return day.done_for is None or (day.done_for.year, day.done_for.month) != (
        day.today.year,
        day.today.month,
    )


def open_periods(day):
    if day.done_for is None:
        derived = duties.rebuild(day.today)
    else:
        derived = duties.derive(first=day.done_for + day.done_for.resolution, last=day.today)
    reassign_reminders(day.today)
    return derived.written


def open_for_new_records(day):
    since = datetime.combine(day.done_for, time(), tzinfo=SHANGHAI)
    pks = list(
        Stakeholder.objects.filter(created_at__gte=since).values_list("pk", flat=True)[
            : MAX_SINGLE_RECORDS + 1
        ]
    )
    if len(pks) > MAX_SINGLE_RECORDS:
        return duties.derive(first=day.done_for, last=day.today).written
    return duties.rederive(pks, day.today).written


def schedule_full_derivation(today):
    """Makes the next sweep derive all duties, after a change of a user's tier, a department's head or a rule.

    This includes duties that are met, because their owners depend on the same tiers and heads.
    """
    steps.redo_step_since(STEP, duties.first_watched_day(today).replace(day=1))
