"""Periodic tasks of accounts, run by beat. E-mails about passwords do not wait for working hours."""

import logging
from importlib import import_module

from celery import shared_task
from django.conf import settings

from accounts.login import lockouts
from accounts.passwords import forgotten, letters

logger = logging.getLogger(__name__)


@shared_task
def clear_sessions():
    """Deletes expired sessions of the staff site; Django itself would leave them in the table for ever."""
    import_module(settings.SESSION_ENGINE).SessionStore.clear_expired()


@shared_task
def send_password_letters():
    """Sends requested reset links, e-mails to owners of locked accounts, and queued e-mails."""
    counts = {
        "links": forgotten.answer_requests(),
        "lockouts": lockouts.notify_owners(),
        "letters": letters.send_due(),
    }
    if any(counts.values()):
        logger.info("Passwords: %s", counts)
