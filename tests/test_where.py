"""What runs on which database is what tests/plugins/where.py says."""

from types import SimpleNamespace

import pytest

from tests.plugins.where import ALSO_ON_SQLITE, ONCE, TESTS, WAITING, is_left_out


def item(name, *marks, is_case=False):
    """A test of the file `name` as pytest has collected it, with these marks."""
    found = SimpleNamespace(path=TESTS / name)
    found.get_closest_marker = lambda mark: mark if mark in marks else None
    if is_case:
        found.callspec = "[0]"
    return found


CASES = {
    "ordinary": item("relations/test_log.py"),
    "file that runs once": item("browser/test_walk.py"),
    "file below a folder that runs once": item("attack/resets/test_slips.py"),
    "generated case": item("test_admin.py", "once", is_case=True),
    "test beside generated cases": item("test_admin.py", "once"),
    "permission matrix": item("attack/test_permission_matrix.py", is_case=True),
    "of SQLite": item("attack/test_complaint_leaks.py", "sqlite"),
    "of PostgreSQL": item("faults/test_kills.py", "postgres"),
}
EVERYWHERE = {"ordinary", "test beside generated cases", "permission matrix"}
ONCE_ONLY = {"file that runs once", "file below a folder that runs once", "generated case"}


@pytest.mark.parametrize(
    ("database", "beside_postgres", "right"),
    [
        ("postgres", False, EVERYWHERE | ONCE_ONLY | {"of PostgreSQL"}),
        ("sqlite", True, EVERYWHERE | {"of SQLite"}),
        ("sqlite", False, EVERYWHERE | ONCE_ONLY | {"of SQLite"}),
    ],
    ids=["PostgreSQL", "SQLite beside it", "SQLite alone"],
)
def test_each_run_takes_what_is_declared(database, beside_postgres, right):
    taken = {name for name, test in CASES.items() if not is_left_out(test, database, beside_postgres)}
    assert taken == right


def test_what_is_declared_is_there():
    assert [name for name in (*ONCE, *ALSO_ON_SQLITE, *WAITING) if not (TESTS / name).exists()] == []
