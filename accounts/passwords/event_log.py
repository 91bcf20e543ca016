"""The event log of passwords. Apps above receive the signal `recorded` and notify people."""

from django.dispatch import Signal
from django.utils import timezone

from accounts.models import AccountEvent, User

# Sent with `event` (an AccountEvent) inside the transaction that writes it.
recorded = Signal()

Kind = AccountEvent.Kind
# Kinds of events that the user is shown on the first page after the next login.
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
    """Writes one event about `user` and sends `recorded`. Returns the AccountEvent.

    The user is not shown their own actions, nor how the account was opened.
    """
    opening = reset is not None and reset.cause == reset.Cause.NEW
    is_announced = kind in ANNOUNCED_KINDS and not opening and by != user
    event = AccountEvent.objects.create(
        user=user, kind=kind, at=timezone.now(), by=by, reset=reset, is_announced=is_announced
    )
    recorded.send(sender=User, event=event)
    return event
