"""Limits the number of expensive operations that run on this machine at the same time, across processes and threads.

A slot is a lock on a file, which the operating system releases when a process is killed. As many callers may wait as
there are slots, for some seconds; further ones are refused, so that most threads of the site stay free for others.
"""

import fcntl
import time
from contextlib import ExitStack, contextmanager
from contextvars import ContextVar
from pathlib import Path

from django.conf import settings

WAIT_SECONDS = 8
POLL_SECONDS = 0.05
LARGE = "large"  # large workbooks and printed forms
HELD = ContextVar("held", default=frozenset())


class NoFreeSlot(Exception):
    """All slots are taken; nothing was done, the user may retry. lezhi.middleware.busy shows a page."""


class RequestTooLarge(Exception):
    """Too much for one request; the message gives the remedy. lezhi.middleware.busy shows it on a page."""


@contextmanager
def slot(name, places=1, *, waits=True):
    """Context manager: holds one of `places` slots named `name`; may be nested (then it does nothing).

    Raises NoFreeSlot: after WAIT_SECONDS, or immediately with `waits=False`.
    """
    if name in HELD.get():
        yield
        return
    with ExitStack() as held:
        if not any(is_taken(held, f"{name}-{place}") for place in range(places)):
            if not waits:
                raise NoFreeSlot
            wait(held, name, places)
        before = HELD.set(HELD.get() | {name})
        try:
            yield
        finally:
            HELD.reset(before)


def wait(held, name, places):
    with ExitStack() as waiting:
        if not any(is_taken(waiting, f"{name}-waiting-{place}") for place in range(places)):
            raise NoFreeSlot
        deadline = time.monotonic() + WAIT_SECONDS
        while not any(is_taken(held, f"{name}-{place}") for place in range(places)):
            if time.monotonic() > deadline:
                raise NoFreeSlot
            time.sleep(POLL_SECONDS)


def is_taken(held, name):
    """Tries to take the lock `name`, released when `held` (an ExitStack) is closed. Returns whether it succeeded."""
    folder = Path(settings.VAR_DIR) / "slots"
    folder.mkdir(parents=True, exist_ok=True)
    file = (folder / f"{name}.lock").open("w")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        file.close()
        return False
    held.callback(file.close)
    return True
