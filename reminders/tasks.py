"""Tasks of Celery beat. What is due is stored in rows, so a missed, repeated or late call does no harm."""

import logging

from celery import shared_task

from reminders import clock, deliveries, steps

logger = logging.getLogger(__name__)


class StepsFailed(Exception):
    """Raised when steps of a sweep failed; the log has their tracebacks, and the next sweep runs them again."""


@shared_task
def sweep():
    """Runs all steps for the present date in Shanghai."""
    counts, failed = steps.sweep(clock.today())
    logger.info("Sweep: %s", dict(counts))
    if failed:
        raise StepsFailed(", ".join(failed))


@shared_task
def deliver():
    """Sends waiting e-mails, in working hours."""
    logger.info("Deliveries: %s", dict(deliveries.deliver(clock.now())))
