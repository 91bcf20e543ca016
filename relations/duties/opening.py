"""The daily step that opens the duties of new periods."""

from datetime import datetime, time

from relations.duties import settlement as duties
from relations.models import Stakeholder
from relations.reminding.raising import reassign_reminders
from reminders import steps
from reminders.clock import SHANGHAI

STEP = "duties"
MAX_SINGLE_RECORDS = 500  # above so many new records everybody's duties are derived at once


def open_duties(day):
    """Once a day: everybody's duties when a month has begun, otherwise those of records registered since.

    Periods begin with a month, and what is owed in one depends on terms, rules and workers, whose changes derive by
    themselves. So on other days there is nothing to find.
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
    """Somebody's rank, a department's head or a rule changed: the next sweep derives every duty anew.

    Those that are met too: whose they are is read from the same ranks and heads.
    """
    steps.redo_step_since(STEP, duties.first_watched_day(today).replace(day=1))
