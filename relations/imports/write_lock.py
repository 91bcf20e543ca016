"""Large registers are written one after the other; what two writers do to each other passes, and is tried again."""

import sqlite3
import time

from django.db import OperationalError, connection

from accounts.exceptions import EditConflict
from relations.imports import progress

LOCK = 7_032_026  # the advisory lock of whoever writes a register; no other part of the application takes any
POLL_SECONDS = 0.5
RETRYABLE_CODES = {"40P01", "40001"}  # PostgreSQL: deadlock, serialization failure


def acquire(pk):
    """Waits, inside the transaction that will write, until no other import is written.

    SQLite has one writer anyway. Raises Cancelled when the person asks to stop meanwhile.
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
    """Whether `problem` came of others who wrote at the same time, so that another try may succeed."""
    return isinstance(problem, EditConflict) or (
        isinstance(problem, OperationalError) and is_conflict(problem)
    )


def is_conflict(problem):
    """Whether the database gave way to another writer: a deadlock, or SQLite's lock held for too long."""
    cause = problem.__cause__
    busy = getattr(cause, "sqlite_errorcode", None) == sqlite3.SQLITE_BUSY
    return busy or getattr(cause, "pgcode", None) in RETRYABLE_CODES
