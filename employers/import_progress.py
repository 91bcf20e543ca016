"""How far an import is, and whether anybody works on it: told outside the database, where the running transaction would
hide it. One small file for each import, replaced as a whole; a thread renews it as long as the process lives.
"""

import json
import os
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from threading import Event, Lock, Thread

from django.conf import settings
from django.utils import timezone

from employers.importing.run import COMPARING, READING, WRITING

WAITING = "waiting"
BEAT_SECONDS = 10
SILENT = timedelta(seconds=60)
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
        return self.at is None or timezone.now() - self.at > SILENT

    @property
    def is_worked_on(self):
        return self.stage != WAITING and not self.is_silent


def path_of(pk, ending="json"):
    return Path(settings.VAR_DIR) / "progress" / f"import-{pk}.{ending}"


def of(pk):
    """The Progress of an import; an empty one when nothing is known."""
    try:
        found = json.loads(path_of(pk).read_text())
        return Progress(**found | {"at": datetime.fromisoformat(found["at"])})
    except (OSError, ValueError, TypeError, KeyError):
        return Progress()


def put(pk, **facts):
    """Replaces what is known; somebody who reads meanwhile sees the old or the new, never a half."""
    path = path_of(pk)
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_suffix(f".{os.getpid()}")
    fresh.write_text(json.dumps(facts | {"at": timezone.now().isoformat()}))
    fresh.replace(path)


def wait(pk):
    """The import waits for a worker from now on."""
    path_of(pk, "stop").unlink(missing_ok=True)
    put(pk)


def ask_to_stop(pk):
    path = path_of(pk, "stop")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch()


def is_asked_to_stop(pk):
    return path_of(pk, "stop").exists()


def forget(pk):
    for ending in ("json", "stop"):
        path_of(pk, ending).unlink(missing_ok=True)


class Telling:
    """Called by the work with (stage, done, of). Raises Cancelled when the person has asked to stop."""

    def __init__(self, pk, shares):
        self.pk, self.shares = pk, shares
        self.lock, self.ended = Lock(), Event()
        self.facts = {"stage": READING, "tries": of(pk).tries + 1}

    def __call__(self, stage, done, of):
        if is_asked_to_stop(self.pk):
            raise Cancelled
        first, last = self.shares[stage]
        percent = first + (last - first) * done // max(of, 1)
        self.tell(stage=stage, done=done, of=of, percent=percent)

    def tell(self, **facts):
        with self.lock:
            self.facts |= facts
            put(self.pk, **self.facts)

    def beat(self):
        while not self.ended.wait(BEAT_SECONDS):
            self.tell()


@contextmanager
def telling(pk, shares):
    """Gives a Telling that shows signs of life until the block ends or the process is killed."""
    told = Telling(pk, shares)
    told.tell()
    heart = Thread(target=told.beat, daemon=True)
    heart.start()
    try:
        yield told
    finally:
        told.ended.set()
        heart.join()
