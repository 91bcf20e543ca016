"""Progress of imports, stored in the cache `progress`, not in the database, where other processes could not see it
before the running transaction ends. A thread renews the entry as long as the process lives.

The cache is Redis, so that web and worker processes need not share a disk; without Redis it is files in VAR_DIR. When
Redis is unreachable or the disk is full, the import continues, but shows no progress and cannot be cancelled.
"""

import logging
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Event, Lock, Thread

from django.core.cache import caches
from django.utils import timezone

from relations.imports.stages import COMPARING, READING, WAITING, WRITING

logger = logging.getLogger(__name__)

HEARTBEAT_SECONDS = 10
SILENCE_LIMIT = timedelta(seconds=60)
CACHE_SECONDS = 7 * 24 * 3600  # for imports that are never finished
# Start and end of each stage in the progress bar, in percent: when a file is checked, and when it is written.
CHECK = {READING: (0, 75), COMPARING: (75, 100)}
WRITE = {READING: (0, 12), COMPARING: (12, 16), WRITING: (16, 100)}


class Cancelled(Exception):
    """The user has cancelled the import."""


@dataclass(frozen=True)
class Progress:
    """`done` of `of` rows in `stage`; `tries` is the number of attempts, `at` the time of the last heartbeat."""

    stage: str = WAITING
    done: int = 0
    of: int = 0
    percent: int = 0
    tries: int = 0
    at: datetime | None = None

    @property
    def is_silent(self):
        return self.at is None or timezone.now() - self.at > SILENCE_LIMIT

    @property
    def is_worked_on(self):
        return self.stage != WAITING and not self.is_silent


def call_cache(method, *args, **kwargs):
    """Calls a method of the cache; returns None when the cache is unavailable (OSError)."""
    try:
        return getattr(caches["progress"], method)(*args, **kwargs)
    except OSError as problem:
        logger.warning("The cache of import progress is unreachable: %s", problem)
        return None


def key_of(pk):
    return f"import:{pk}"


def stop_key_of(pk):
    return f"import:{pk}:stop"


def progress_of(pk):
    """Returns the Progress of an import; a default one when none is stored."""
    return Progress(**call_cache("get", key_of(pk)) or {})


def store_progress(pk, **facts):
    """Replaces the stored progress of an import with `facts` (fields of Progress) and the present time."""
    call_cache("set", key_of(pk), facts | {"at": timezone.now()}, timeout=CACHE_SECONDS)


def mark_waiting(pk):
    """Resets the progress of an import that now waits for a worker process."""
    call_cache("delete", stop_key_of(pk))
    store_progress(pk)


def ask_to_stop(pk):
    call_cache("set", stop_key_of(pk), True, timeout=CACHE_SECONDS)


def is_asked_to_stop(pk):
    return bool(call_cache("get", stop_key_of(pk)))


def delete_progress(pk):
    for key in (key_of(pk), stop_key_of(pk)):
        call_cache("delete", key)


class Reporter:
    """Progress callback, called with (stage, done, of). Raises Cancelled when the user has cancelled the import."""

    def __init__(self, pk, shares):
        self.pk, self.shares = pk, shares
        self.lock, self.ended = Lock(), Event()
        self.facts = {"stage": READING, "tries": progress_of(pk).tries + 1}

    def __call__(self, stage, done, of):
        if is_asked_to_stop(self.pk):
            raise Cancelled
        first, last = self.shares[stage]
        percent = first + (last - first) * done // max(of, 1)
        self.store(stage=stage, done=done, of=of, percent=percent)

    def store(self, **facts):
        with self.lock:
            self.facts |= facts
            store_progress(self.pk, **self.facts)

    def show_life(self):
        while not self.ended.wait(HEARTBEAT_SECONDS):
            self.store()


@contextmanager
def reporting(pk, shares):
    """Context manager: yields a Reporter that sends heartbeats until the block ends or the process is killed."""
    reporter = Reporter(pk, shares)
    reporter.store()
    heart = Thread(target=reporter.show_life, daemon=True)
    heart.start()
    try:
        yield reporter
    finally:
        reporter.ended.set()
        heart.join()
