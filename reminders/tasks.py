"""What beat wakes. What is due lives in rows; a call that is missed, repeated or late does no harm."""

import logging

from celery import shared_task

from reminders import clock, deliveries, steps
from reminders.calendar import watch as calendar_watch

logger = logging.getLogger(__name__)


class StepsFailed(Exception):
    """Some steps of a sweep failed; the log has their tracebacks and the next sweep does them again."""


@shared_task
def sweep():
    """All daily steps for the day it is in Shanghai."""
    counts, failed = steps.sweep(clock.today())
    logger.info("Sweep: %s", dict(counts))
    if failed:
        raise StepsFailed(", ".join(failed))


@shared_task
def deliver():
    """Letters that wait, in working hours."""
    logger.info("Deliveries: %s", dict(deliveries.deliver(clock.now())))


@shared_task
def check_calendar():
    """Warns while the notice of next year is missing."""
    logger.info("Calendar: %s", calendar_watch.check_missing_notice(clock.today()))
