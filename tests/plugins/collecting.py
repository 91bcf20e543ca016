"""Every process collects the same tests: pytest-xdist runs none when two of its workers disagree.

The name of a test may hang on nothing that differs from one process to the next: the time, chance, the order of a set.
So that a mistake shows in every run and not in one of a thousand, each further worker collects with a later clock (and,
as Python does of itself, with another order of sets); pytest-xdist then compares. Bytes in a parametrize would become
the name as they are, time stamps of a zip included: they are called after their argument instead. Where a test makes
its names itself (`ids=`), bytes and addresses in memory among them end the collecting with the name of the test.
"""

import contextlib
import os
import re
from datetime import timedelta

import pytest
import time_machine

ADDRESS = re.compile(r"0x[0-9a-f]{6,}")  # in memory
BYTES = re.compile(r"\\x[0-9a-f]{2}|(?<!\w)b['\"]")  # escaped by pytest, or as Python writes them
STEP = timedelta(days=33, hours=5, minutes=7, seconds=11)  # another month, weekday, hour, minute and second


def number_of(worker):
    """3 of "gw3"; 0 without pytest-xdist."""
    return int(worker.removeprefix("gw")) if worker.startswith("gw") else 0


def later_clock(number):
    """The clock of the worker of this number while it collects; that of the first is right."""
    if not number:
        return contextlib.nullcontext()
    return time_machine.travel(STEP * number, tick=True)


@pytest.hookimpl(wrapper=True)
def pytest_collection(session):
    with later_clock(number_of(os.environ.get("PYTEST_XDIST_WORKER", ""))):
        return (yield)


@pytest.hookimpl(tryfirst=True)
def pytest_make_parametrize_id(config, val, argname):
    """The name of the argument for bytes, which pytest numbers where it needs to; every other value is pytest's own."""
    return argname if isinstance(val, bytes | bytearray | memoryview) else None


def is_unsound(case):
    """Whether the name of a parametrized test hangs on an address in memory or on bytes among its values."""
    has_bytes = any(isinstance(value, bytes | bytearray | memoryview) for value in case.params.values())
    return bool(ADDRESS.search(case.id) or (has_bytes and BYTES.search(case.id)))


def pytest_collection_modifyitems(items):
    """Refuse names made of bytes or of an address in memory: another process might make others."""
    unsound = [item.nodeid for item in items if hasattr(item, "callspec") and is_unsound(item.callspec)]
    if unsound:
        raise pytest.UsageError("names of tests from text, not from bytes: " + ", ".join(unsound))
