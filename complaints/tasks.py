"""What beat wakes for complaints."""

from celery import shared_task

from complaints.portal import short_tokens


@shared_task
def clear_portal_sessions():
    """Removes what the public door kept for browsers whose minutes have run out."""
    short_tokens.delete_expired()
