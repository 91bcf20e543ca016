"""Closes reminders for information, which require no action, once they have been read."""

from django.db.models import Exists, OuterRef
from django.utils import timezone

from reminders.models import Delivery, Reminder


def close_read_notices(day):
    """Sweep step: closes those that their recipient has read; reading by a stand-in does not count."""
    read = Delivery.objects.filter(
        reminder=OuterRef("pk"),
        recipient=OuterRef("recipient"),
        channel=Delivery.Channel.IN_APP,
        read_at__isnull=False,
    )
    waiting = Reminder.objects.open().filter(Exists(read), is_for_information=True)
    return {"information_closed": waiting.update(closed_at=timezone.now())}
