"""Defines which tests run on which database, and how deep walks over roles go.

A run on its own takes every test on the database it names. `make test` runs two that share the tests (`--shared`):

- SQLite takes all but the files under POSTGRES. It asks less of the processor than PostgreSQL does (docs/testing.md).
- PostgreSQL takes these, and of the others those under BOTH: their subject is SQL written by hand, a lock,
  or an order or comparison that the two databases could see differently. Of those it leaves the parametrized cases
  marked `once` to SQLite: walks that a program generates over roles, URLs, forms or states.

A test marked `sqlite` or `postgres` runs on that database only, wherever its file is. Without PostgreSQL, everything
except the tests marked `postgres` runs on SQLite. `make test ARGS=--everywhere` runs every test on both.

Cases marked `deep` are left out unless the option `--deep` is given: another case stands for their class.

The files under WAITING start first: they mostly wait for other processes, and meanwhile the other workers, of which
there is one more than cores, run the rest.
"""

from pathlib import Path

import pytest

TESTS = Path(__file__).resolve().parents[1]
DATABASES = ("sqlite", "postgres")

# {folder or file in tests/: reason why it runs on PostgreSQL alone}
POSTGRES = {
    "browser": "a server beside the browser, with connections of its own, as in real use",
    "attack/test_payloads.py": "what a column refuses is for the database of real use to say",
    "attack/test_generated.py": "the same, for what a program types into forms",
    "attack/test_addresses.py": "the same, for what stands in an address",
    "attack/test_requests.py": "the same, for odd requests",
    "attack/test_extra_fields.py": "the same, for fields that no form has",
    "attack/test_large_bodies.py": "the same, for texts too long",
    "faults/test_midnight.py": "processes as in real use; what they do is the same",
    "faults/test_missed_days.py": "the same",
    "faults/test_resets_at_once.py": "the same, and locks of rows",
}
# Files and folders that run on both, with the reason.
BOTH = {
    "accounts/test_access.py": "who sees which record, as SQL",
    "accounts/test_approval_inbox.py": "what waits for whom, as prepared SQL",
    "accounts/test_approvals_at_once.py": "locks of requests and of rules",
    "accounts/test_query_cache.py": "prepared queries",
    "accounts/test_sessions.py": "sessions and their locks",
    "complaints/test_review.py": "repeats, as SQL",
    "employers/test_import_beside_others.py": "locks of an import",
    "employers/test_import_killed.py": "transactions of an import",
    "employers/test_importing.py": "rows written in bulk",
    "employers/test_record_views.py": "prepared queries of the record",
    "faults": "real processes at the same moment: locks",
    "lezhi/test_dashboard.py": "figures and their rows, as SQL",
    "lezhi/test_dashboard_alone.py": "the same",
    "lezhi/test_health.py": "asks the database how it is",
    "lezhi/test_plans.py": "plans of PostgreSQL, over the city",
    "lezhi/test_nav.py": "counts of the navigation, as SQL",
    "lezhi/test_sweep.py": "the whole sweep",
    "lezhi/test_upgrade_of_reminders.py": "data moved by a migration",
    "lists": "paging by keys",
    "relations/test_check_duties.py": "kept sums against the duties",
    "relations/test_cycle_views.py": "the panel of a cycle",
    "relations/test_duties.py": "duties owed and met, as SQL",
    "relations/test_duty_histories.py": "duties after any history",
    "relations/test_duty_locks.py": "locks of duties",
    "relations/test_duty_sums.py": "sums of duties",
    "relations/test_escalation.py": "reminders of those above, as SQL",
    "relations/test_exchange.py": "rows written in bulk",
    "relations/test_interactions.py": "list of contacts",
    "relations/test_opening.py": "duties opened in bulk",
    "relations/test_raising.py": "reminders raised by SQL",
    "relations/test_search.py": "ranking, as SQL",
    "relations/test_shares.py": "who sees a record, as SQL",
    "relations/test_outlived_notices.py": "what a stand-in sees and what ended, as SQL",
    "relations/test_sight.py": "sight by kind, as SQL",
    "relations/test_sight_sql.py": "who sees a record, as SQL for many",
    "relations/test_standing.py": "standing from terms",
    "relations/test_tasks.py": "many tasks at once",
    "relations/test_timeline.py": "a union of many tables",
    "relations/test_work.py": "the workbench, as SQL",
    "reminders/test_deliveries.py": "claims, deliveries and marks",
    "reminders/test_notices.py": "marks of what was read",
    "reminders/test_raising.py": "reminders raised by SQL",
    "reminders/test_steps.py": "steps of the sweep and their locks",
    "reminders/test_tasks.py": "a worker and its claims",
}
WAITING = ("faults",)


def deep(*values):
    """The case of a parametrized test for `values`, run with `--deep` alone: another case stands for it."""
    return pytest.param(*values, marks=pytest.mark.deep)


def pytest_addoption(parser):
    group = parser.getgroup("lezhi")
    group.addoption(
        "--shared", action="store_true", help="take one half of a double run: tests/plugins/where.py"
    )
    group.addoption("--everywhere", action="store_true", help="take every test, also in a double run")
    group.addoption("--deep", action="store_true", help="walk with every role, not with one of each class")


@pytest.fixture(scope="session")
def is_deep(request):
    """Whether walks ask every role (option `--deep`), not only one of each class."""
    return request.config.getoption("deep")


def is_under(path, names):
    """Whether a file is one of `names` (folders and files in tests/), or inside one of them."""
    return any(path.is_relative_to(TESTS / name) for name in names)


def is_left_out(item, database, is_shared):
    """Whether the other run takes this test."""
    bound = [name for name in DATABASES if item.get_closest_marker(name)]
    if bound:
        return database not in bound
    if not is_shared:
        return False
    if is_under(item.path, POSTGRES):
        return database == "sqlite"
    is_generated_once = hasattr(item, "callspec") and bool(item.get_closest_marker("once"))
    return database == "postgres" and (is_generated_once or not is_under(item.path, BOTH))


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config, items):
    """Deselects tests of other runs; they are not reported as skipped, because nothing is missing."""
    is_shared = config.getoption("shared") and not config.getoption("everywhere")
    database, is_deep = config.getoption("database"), config.getoption("deep")
    left = [
        item
        for item in items
        if is_left_out(item, database, is_shared) or (item.get_closest_marker("deep") and not is_deep)
    ]
    if left:
        config.hook.pytest_deselected(items=left)
        gone = set(left)
        items[:] = [item for item in items if item not in gone]
    items.sort(key=lambda item: not is_under(item.path, WAITING))
