"""What beat wakes for accounts. Letters about passwords do not wait for working hours."""

import logging
from importlib import import_module

from celery import shared_task
from django.conf import settings

from accounts.login import lockouts
from accounts.passwords import forgotten, letters

logger = logging.getLogger(__name__)


@shared_task
def clear_sessions():
    """Removes the sessions of the staff site that have run out; Django itself leaves them in the table for ever."""
    import_module(settings.SESSION_ENGINE).SessionStore.clear_expired()


@shared_task
def send_password_letters():
    """Links that people asked for, those whose accounts were shut, and the letters that wait."""
    counts = {
        "links": forgotten.answer_requests(),
        "lockouts": lockouts.notify_owners(),
        "letters": letters.send_due(),
    }
    if any(counts.values()):
        logger.info("Passwords: %s", counts)
