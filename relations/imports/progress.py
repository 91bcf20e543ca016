"""How far an import is, and whether anybody works on it: kept in the cache `progress`, outside the database, where the
running transaction would hide it. A thread renews it as long as the process lives.

The cache is Redis, so that web and worker need not share a disk; without Redis it is files in VAR_DIR. When Redis is
away or the disk is full, the work goes on: nothing is known of it meanwhile, and it cannot be asked to stop.
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
CACHE_SECONDS = 7 * 24 * 3600  # of an import that nobody ends
# Where each stage begins and ends in the bar, in percent: of checking a file, and of writing it.
CHECK = {READING: (0, 75), COMPARING: (75, 100)}
WRITE = {READING: (0, 12), COMPARING: (12, 16), WRITING: (16, 100)}


class Cancelled(Exception):
    """The person does not want the import any more."""


@dataclass(frozen=True)
class Progress:
    """`tries` is how often somebody has begun; `at` the last sign of life."""

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
    """Calls a method of the cache; None when its files cannot be read or written."""
    try:
        return getattr(caches["progress"], method)(*args, **kwargs)
    except OSError as problem:
        logger.warning("The cache of progress is away: %s", problem)
        return None


def key_of(pk):
    return f"import:{pk}"


def stop_key_of(pk):
    return f"import:{pk}:stop"


def progress_of(pk):
    """The Progress of an import; an empty one when nothing is known."""
    return Progress(**call_cache("get", key_of(pk)) or {})


def store_progress(pk, **facts):
    """Replaces what is known of an import (fields of Progress) and gives a sign of life."""
    call_cache("set", key_of(pk), facts | {"at": timezone.now()}, timeout=CACHE_SECONDS)


def mark_waiting(pk):
    """The import waits for a worker from now on."""
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
    """Called by the work with (stage, done, of). Raises Cancelled when the person has asked to stop."""

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
    """Gives a Reporter that shows signs of life until the block ends or the process is killed."""
    reporter = Reporter(pk, shares)
    reporter.store()
    heart = Thread(target=reporter.show_life, daemon=True)
    heart.start()
    try:
        yield reporter
    finally:
        reporter.ended.set()
        heart.join()
