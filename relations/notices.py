"""Telling one colleague one thing, once; whoever stands in for the colleague is told as well (R271)."""

from django.utils import timezone

from accounts.models import StandIn
from reminders.models import Delivery, Reminder


def tell(recipient, *, key, subject, kind, title, link, today, due_on=None):
    """Raises a Reminder under `key`, once however often it is called, with its deliveries in the application."""
    reminder, is_new = Reminder.objects.get_or_create(
        key=key,
        defaults={
            "subject": subject,
            "kind": kind,
            "recipient": recipient,
            "title": title[:300],
            "link": link,
            "due_on": due_on,
            "raised_on": today,
        },
    )
    if is_new:
        readers = {recipient.pk, *stand_ins_of(recipient, today)}
        Delivery.objects.bulk_create(
            Delivery(reminder=reminder, recipient_id=reader, channel=Delivery.Channel.IN_APP)
            for reader in sorted(readers)
        )
    return reminder


def stand_ins_of(user, today):
    """The keys of those who stand in for `user` on `today`."""
    return StandIn.objects.active_on(today).filter(absent=user).values_list("stand_in", flat=True)


def close(subject):
    """Closes what is still open about `subject`."""
    Reminder.objects.open().filter(subject=subject).update(closed_at=timezone.now())
