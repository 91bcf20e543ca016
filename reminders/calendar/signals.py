"""Telling everyone that the table of holidays changed: once per transaction, after its commit."""

from django.db import transaction
from django.dispatch import Signal

calendar_changed = Signal()
"""Sent after the commit of a change in the table, once per transaction, with `days`: a frozenset of dates.

Owners of stored due dates connect here and compute their open clocks anew. A receiver that fails is logged and does
not undo the change; the daily sweep computes open clocks anew as well.
"""

_version = 0


def calendar_version():
    """Grows with every change made in this process, so that what was read before it is known to be old."""
    return _version


class Announcement:
    """The message of one transaction, waiting for its commit; a rollback drops it."""

    def __init__(self):
        self.days = set()

    def __call__(self):
        _increase_version()
        calendar_changed.send_robust(sender=Announcement, days=frozenset(self.days))


def announce_change(days):
    """Say that the rule of `days` (dates) changed. Call it inside the transaction that writes the rows.

    Days of an inner block join those of the block around it: if only the inner one is rolled back, a day too many is
    named, which costs its readers a needless look and nothing else.
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
    """Whether the transaction we are in has changed the table and is not committed yet."""
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
