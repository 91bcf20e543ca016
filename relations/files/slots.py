"""Dear work takes one of a few places on this machine, whichever process and thread it is in.

A place is a lock on a file: the system lets go of it when a process is killed. As many may wait as work, for some
seconds; who comes then is told to come again, so that most threads of the site stay free for everybody else.
"""

import fcntl
import time
from contextlib import ExitStack, contextmanager
from contextvars import ContextVar
from pathlib import Path

from django.conf import settings

WAIT_SECONDS = 8
POLL_SECONDS = 0.05
LARGE = "large"  # large workbooks and papers
HELD = ContextVar("held", default=frozenset())


class NoFreeSlot(Exception):
    """All places are taken; nothing was done, and it may be asked for again. lezhi.middleware.busy shows a page."""


class RequestTooLarge(Exception):
    """More than is done in one request; the text says what to do. lezhi.middleware.busy makes a page of it."""


@contextmanager
def slot(name, places=1, *, waits=True):
    """Holds one of `places` for the work called `name`; within it, the same is held already.

    Raises Busy: after a while, or at once when it does not wait.
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
    """Whether the lock `name` is ours until `held` is closed."""
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
