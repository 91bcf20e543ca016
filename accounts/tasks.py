"""What beat wakes every minute: letters about passwords do not wait for working hours."""

import logging

from celery import shared_task

from accounts import forgotten, lockouts, security_letters

logger = logging.getLogger(__name__)


@shared_task
def tell_about_passwords():
    """Links that people asked for, those whose accounts were shut, and the letters that wait."""
    counts = {
        "links": forgotten.answer_requests(),
        "lockouts": lockouts.handle(),
        "letters": security_letters.send_due(),
    }
    if any(counts.values()):
        logger.info("Passwords: %s", counts)
