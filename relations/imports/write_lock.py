"""Lock by which registers are written one at a time, and the database errors after which writing is retried."""

import sqlite3
import time

from django.db import OperationalError, connection

from accounts.exceptions import EditConflict
from relations.imports import progress

LOCK = 7_032_026  # advisory lock held while a register is written; the application uses no other
POLL_SECONDS = 0.5
RETRYABLE_CODES = {"40P01", "40001"}  # PostgreSQL: deadlock, serialization failure


def acquire(pk):
    """Waits, inside the writing transaction, until no other import is being written.

    Does nothing on SQLite, which has a single writer. Raises Cancelled when the user cancels while it waits.
    """
    if connection.vendor != "postgresql":
        return
    with connection.cursor() as cursor:
        while True:
            cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [LOCK])
            if cursor.fetchone()[0]:
                return
            if progress.is_asked_to_stop(pk):
                raise progress.Cancelled
            time.sleep(POLL_SECONDS)


def is_retryable(problem):
    """Whether `problem` was caused by concurrent writers, so that another attempt may succeed."""
    return isinstance(problem, EditConflict) or (
        isinstance(problem, OperationalError) and is_write_conflict(problem)
    )


def is_write_conflict(problem):
    """Whether the database error is a conflict with another writer: a deadlock, or SQLite's lock held for too long."""
    cause = problem.__cause__
    busy = getattr(cause, "sqlite_errorcode", None) == sqlite3.SQLITE_BUSY
    return busy or getattr(cause, "pgcode", None) in RETRYABLE_CODES
