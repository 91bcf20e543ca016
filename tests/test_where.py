"""The tests that run on each database are those that tests/plugins/where.py declares."""

import re
from types import SimpleNamespace

import pytest

from tests.plugins.where import BOTH, POSTGRES, TESTS, WAITING, is_left_out


def item(name, *marks, is_case=False):
    """A collected pytest item of the file `name` with these marks."""
    test = SimpleNamespace(path=TESTS / name)
    test.get_closest_marker = lambda mark: mark if mark in marks else None
    if is_case:
        test.callspec = "[0]"
    return test


CASES = {
    "ordinary": item("relations/test_log.py"),
    "ordinary with SQL by hand": item("relations/test_search.py"),
    "fault": item("faults/test_at_once.py"),
    "file of PostgreSQL": item("attack/test_payloads.py"),
    "file below a folder of PostgreSQL": item("browser/pages/test_walk.py"),
    "generated case": item("lezhi/test_dashboard.py", "once", is_case=True),
    "test beside generated cases": item("lezhi/test_dashboard.py", "once"),
    "generated case of an ordinary file": item("attack/test_permission_matrix.py", "once", is_case=True),
    "of SQLite": item("attack/test_payloads.py", "sqlite"),
    "of PostgreSQL": item("relations/test_log.py", "postgres"),
}
ON_BOTH = {"ordinary with SQL by hand", "fault", "test beside generated cases"}
ON_SQLITE = {"ordinary", "generated case", "generated case of an ordinary file"}
ON_POSTGRES = {"file of PostgreSQL", "file below a folder of PostgreSQL"}
ALL = ON_BOTH | ON_SQLITE | ON_POSTGRES


@pytest.mark.parametrize(
    ("database", "is_shared", "right"),
    [
        ("sqlite", True, ON_BOTH | ON_SQLITE | {"of SQLite"}),
        ("postgres", True, ON_BOTH | ON_POSTGRES | {"of PostgreSQL"}),
        ("sqlite", False, ALL | {"of SQLite"}),
        ("postgres", False, ALL | {"of PostgreSQL"}),
    ],
    ids=["SQLite", "PostgreSQL", "SQLite alone", "PostgreSQL alone"],
)
def test_each_run_takes_what_is_declared(database, is_shared, right):
    taken = {name for name, test in CASES.items() if not is_left_out(test, database, is_shared)}
    assert taken == right


def test_what_is_declared_is_there():
    assert [name for name in (*POSTGRES, *BOTH, *WAITING) if not (TESTS / name).exists()] == []


# {module that writes SQL by hand or checks which database it is: its test that PostgreSQL takes}
SQL_BY_HAND = {
    "accounts/access.py": "accounts/test_access.py",
    "accounts/approvals/inbox.py": "accounts/test_approval_inbox.py",
    "accounts/backends.py": "accounts/test_access.py",
    "accounts/query_cache.py": "accounts/test_query_cache.py",
    "accounts/server_statements.py": "accounts/test_query_cache.py",
    "lezhi/counts.py": "lezhi/test_nav.py",
    "lezhi/dashboard/expiring_contracts.py": "lezhi/test_dashboard.py",
    "lezhi/dashboard/figures.py": "lezhi/test_dashboard.py",
    "lezhi/dashboard/page.py": "lezhi/test_dashboard.py",
    "lezhi/demo/city.py": "lezhi/test_plans.py",
    "lezhi/demo/city_complaints.py": "lezhi/test_plans.py",
    "lezhi/health.py": "lezhi/test_health.py",
    "lists/paging.py": "lists",
    "relations/bulk.py": "employers/test_importing.py",
    "relations/cycle/panel.py": "relations/test_cycle_views.py",
    "relations/duties/dialects.py": "relations/test_duties.py",
    "relations/duties/settlement.py": "relations/test_duties.py",
    "relations/duties/sql.py": "relations/test_duties.py",
    "relations/duties/sums.py": "relations/test_duty_sums.py",
    "relations/imports/write_lock.py": "employers/test_import_beside_others.py",
    "relations/interactions/views.py": "relations/test_interactions.py",
    "relations/log/views.py": "browser/test_quick_log.py",
    "relations/parties/record_page.py": "employers/test_record_views.py",
    "relations/reminding/raising.py": "relations/test_raising.py",
    "relations/reminding/stale_reminders.py": "relations/test_outlived_notices.py",
    "relations/search/ranking.py": "relations/test_search.py",
    "relations/shares/sight_sql.py": "relations/test_sight_sql.py",
    "relations/shares/who_sees.py": "relations/test_shares.py",
    "relations/timeline/events.py": "relations/test_timeline.py",
    "relations/work/bulk_tasks.py": "relations/test_tasks.py",
    "relations/work/workbench.py": "relations/test_work.py",
    "reminders/raising.py": "reminders/test_raising.py",
    "reminders/rowcount.py": "reminders/test_deliveries.py",
}
BY_HAND = re.compile(r"connection\.(cursor|vendor)|RawSQL|\.raw\(|Prepared(Rows|Sql|Pks)\(")
ROOMS = ("accounts", "complaints", "employers", "lezhi", "lists", "relations", "reminders")


def test_what_is_written_by_hand_runs_on_both_databases():
    root = TESTS.parent
    files = [path for room in ROOMS for path in (root / room).rglob("*.py") if "migrations" not in path.parts]
    modules = {str(path.relative_to(root)) for path in files if BY_HAND.search(path.read_text())}
    assert modules == set(SQL_BY_HAND)


@pytest.mark.parametrize("name", sorted(set(SQL_BY_HAND.values())))
def test_postgres_takes_what_is_written_by_hand(name):
    assert not is_left_out(item(name), "postgres", True)
