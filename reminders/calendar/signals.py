"""The signal that the table of holidays changed: sent once per transaction, after its commit."""

from django.db import transaction
from django.dispatch import Signal

calendar_changed = Signal()
"""Sent after the commit of a change in the table, once per transaction, with `days`: a frozenset of dates.

Apps that store due dates connect here and recalculate their open deadlines. A receiver that fails is logged and does
not undo the change; the daily sweep recalculates open deadlines as well.
"""

_version = 0


def calendar_version():
    """A number that grows with every change made in this process; caches compare it to detect outdated values."""
    return _version


class Announcement:
    """The pending signal of one transaction, sent on commit and dropped by a rollback."""

    def __init__(self):
        self.days = set()

    def __call__(self):
        _increase_version()
        calendar_changed.send_robust(sender=Announcement, days=frozenset(self.days))


def announce_change(days):
    """Announces that the rule of `days` (dates) changed. Call it inside the transaction that writes the rows.

    Days of an inner atomic block are added to those of the outer one: if only the inner block is rolled back, the
    signal contains a day too many, which causes a needless recalculation and nothing else.
    """
    _increase_version()
    announcement = next((each for savepoints, each in _waiting() if savepoints <= _savepoints()), None)
    if announcement is None:
        announcement = Announcement()
        announcement.days.update(days)
        transaction.on_commit(announcement)
    else:
        announcement.days.update(days)


def is_change_pending():
    """Whether the present, uncommitted transaction has changed the table."""
    return next(_waiting(), None) is not None


def _increase_version():
    global _version
    _version += 1


def _waiting():
    for savepoints, callback, *_rest in transaction.get_connection().run_on_commit:
        if isinstance(callback, Announcement):
            yield savepoints, callback


def _savepoints():
    return set(transaction.get_connection().savepoint_ids)
