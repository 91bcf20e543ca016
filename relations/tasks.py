"""What beat wakes for relations."""

import logging

from celery import shared_task

from relations import duties
from reminders import clock

logger = logging.getLogger(__name__)


@shared_task
def check_duties():
    """The kept duties against the log; a difference is reported to those who may correct it, not hidden."""
    today = clock.today()
    count = duties.differences(today)
    if count:
        logger.error("%s duties differ from the log", count)
    return count
