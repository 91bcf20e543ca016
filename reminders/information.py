"""Notices that only inform: nothing is asked, so reading one is all that can be done with it, and closes it."""

from django.db.models import Exists, OuterRef
from django.utils import timezone

from reminders.models import Delivery, Reminder


def close_read(day):
    """Closes what its recipient has read; a stand-in who has read it closes nothing."""
    read = Delivery.objects.filter(
        reminder=OuterRef("pk"),
        recipient=OuterRef("recipient"),
        channel=Delivery.Channel.IN_APP,
        read_at__isnull=False,
    )
    waiting = Reminder.objects.open().filter(Exists(read), is_for_information=True)
    return {"information_closed": waiting.update(closed_at=timezone.now())}
