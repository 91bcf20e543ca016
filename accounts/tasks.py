"""What beat wakes for accounts."""

from importlib import import_module

from celery import shared_task
from django.conf import settings


@shared_task
def clear_sessions():
    """Removes the sessions of the staff site that have run out; Django itself leaves them in the table for ever."""
    import_module(settings.SESSION_ENGINE).SessionStore.clear_expired()
