"""Ensures that every process collects the same tests: pytest-xdist refuses to run when two of its workers disagree.

The name of a test must not depend on anything that differs between processes: time, random numbers, the order of a set.
So that a mistake shows in every run and not only rarely, each further worker collects with a later clock (and, by
Python's hash randomization, with another order of sets); pytest-xdist then compares. Bytes in a parametrize would be
part of the name, including the time stamps of a zip: such values get the name of their argument instead. For names that
a test makes itself (`ids=`), bytes and memory addresses in them stop the collection with the name of the test.
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
    """The number of a pytest-xdist worker: 3 for "gw3", 0 without pytest-xdist."""
    return int(worker.removeprefix("gw")) if worker.startswith("gw") else 0


def later_clock(number):
    """A context manager that sets the clock of worker `number` ahead; the first one keeps the real time."""
    if not number:
        return contextlib.nullcontext()
    return time_machine.travel(STEP * number, tick=True)


@pytest.hookimpl(wrapper=True)
def pytest_collection(session):
    with later_clock(number_of(os.environ.get("PYTEST_XDIST_WORKER", ""))):
        return (yield)


@pytest.hookimpl(tryfirst=True)
def pytest_make_parametrize_id(config, val, argname):
    """The id of a bytes value is the name of its argument, numbered by pytest if needed; others use the default."""
    return argname if isinstance(val, bytes | bytearray | memoryview) else None


def is_unsound(case):
    """Whether the name of a parametrized test contains a memory address or bytes from its values."""
    has_bytes = any(isinstance(value, bytes | bytearray | memoryview) for value in case.params.values())
    return bool(ADDRESS.search(case.id) or (has_bytes and BYTES.search(case.id)))


def pytest_collection_modifyitems(items):
    """Refuses names with bytes or a memory address, which may differ in another process."""
    unsound = [item.nodeid for item in items if hasattr(item, "callspec") and is_unsound(item.callspec)]
    if unsound:
        raise pytest.UsageError("names of tests from text, not from bytes: " + ", ".join(unsound))
