"""The record of what happens to somebody's password, and who is told: rooms above listen to `recorded`."""

from django.dispatch import Signal
from django.utils import timezone

from accounts.models import AccountEvent, User

# Sent with `event` (an AccountEvent) inside the transaction that writes it.
recorded = Signal()

Kind = AccountEvent.Kind
# What the person finds on the first page after the next log-in.
ANNOUNCED_KINDS = {
    Kind.STARTED,
    Kind.PRINTED,
    Kind.USED,
    Kind.CANCELLED,
    Kind.SESSIONS,
    Kind.VOIDED,
    Kind.COMMAND,
    Kind.ADDRESS,
    Kind.REOPENED,
}


def record_event(user, kind, *, by=None, reset=None):
    """Writes one line about `user`. What the person did alone, and how the account was opened, needs no telling."""
    opening = reset is not None and reset.cause == reset.Cause.NEW
    tell = kind in ANNOUNCED_KINDS and not opening and by != user
    event = AccountEvent.objects.create(
        user=user, kind=kind, at=timezone.now(), by=by, reset=reset, tell=tell
    )
    recorded.send(sender=User, event=event)
    return event
