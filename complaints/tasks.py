"""Celery tasks of complaints, started by beat."""

from celery import shared_task

from complaints.portal import short_tokens


@shared_task
def clear_portal_sessions():
    """Deletes expired sessions of the public portal."""
    short_tokens.delete_expired()
