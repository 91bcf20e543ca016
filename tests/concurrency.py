"""A second database connection that works beside the test, on PostgreSQL; SQLite has one writer at a time."""

import threading
from contextlib import contextmanager

from django.db import connection, transaction


@contextmanager
def another_connection(acts, expected=()):
    """Context manager: another connection runs `acts(wait)` in a transaction; the block runs while it is in `wait()`.

    `wait()` ends with the block; `wait(until=check)` ends as well when `check()` is true. Yields (the exceptions of
    `acts` of the types `expected`, a list that is complete after the block; a function that ends `wait()` early).
    """
    has_begun, is_over, problems = threading.Event(), threading.Event(), []

    def wait(until=None):
        has_begun.set()
        if until is None:
            is_over.wait(60)
            return
        while not is_over.wait(0.02) and not until():
            pass

    def work():
        try:
            with transaction.atomic():
                acts(wait)
        except expected as problem:
            problems.append(problem)
        finally:
            has_begun.set()
            connection.close()

    thread = threading.Thread(target=work)
    thread.start()
    has_begun.wait(60)
    try:
        yield problems, is_over.set
    finally:
        is_over.set()
        thread.join()


def is_waited_for():
    """Returns whether another connection waits for a lock of this one."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_stat_activity WHERE pg_backend_pid() = ANY(pg_blocking_pids(pid))")
        return cursor.fetchone() is not None
