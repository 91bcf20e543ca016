"""Cases that a program generates are shared out: of those marked `shared`, each database gets every second one.

Only `make test`, which runs on both, shares (`--share`); a run of one's own takes every case. Which database a case
falls to hangs on its name alone, so that a failure is found again on the same one. What is not parametrized, controls
above all, what is marked for one database, and what counts its cases for each (`on_both`) runs where it always did
(docs/adr/0005-closed-doors.md).
"""

from zlib import crc32

import pytest

DATABASES = ("sqlite", "postgres")


def pytest_addoption(parser):
    parser.getgroup("lezhi").addoption(
        "--share",
        action="store_true",
        help="run only the half of the generated cases that falls to this database",
    )


def database_of(name):
    """The database that the generated case of this name falls to."""
    return DATABASES[crc32(name.encode()) % len(DATABASES)]


def is_elsewhere(item, here):
    """Whether the other database runs this case."""
    generated = hasattr(item, "callspec") and item.get_closest_marker("shared")
    bound = any(item.get_closest_marker(name) for name in (*DATABASES, "on_both"))
    return bool(generated) and not bound and database_of(item.nodeid) != here


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config, items):
    if not config.getoption("share"):
        return
    here = config.getoption("database")
    left = [item for item in items if is_elsewhere(item, here)]
    config.hook.pytest_deselected(items=left)
    kept = set(items) - set(left)
    items[:] = [item for item in items if item in kept]
