"""Defines which tests run on which database.

A run on its own takes every test on the database it names. `make test` runs two that share the tests (`--shared`):

- SQLite takes the ordinary suites. It leaves to PostgreSQL the files under ONCE, except those of ORDINARY, and the
  parametrized cases of tests marked `once`: walks that a program generates over URLs, forms or states. Tests in
  such a file that are not parametrized are ordinary ones.
- PostgreSQL takes what SQLite leaves, the faults, and of the ordinary tests those under BOTH: their subject is SQL
  written by hand, a lock, or an order or comparison that the two databases could see differently.

A test marked `sqlite` or `postgres` runs on that database only, wherever its file is. Without PostgreSQL, everything
except the tests marked `postgres` runs on SQLite. `make test ARGS=--everywhere` runs every test on both.

The files under WAITING start first: they mostly wait for other processes, and meanwhile the other workers, of which
there is one more than cores, run the rest.
"""

from pathlib import Path

import pytest

TESTS = Path(__file__).resolve().parents[1]
DATABASES = ("sqlite", "postgres")

# {folder or file in tests/: reason why it runs once}
ONCE = {
    "attack": "who is let in and what a page draws is decided in Python; the queries run in the suites of the apps",
    "browser": "what a page looks like and says to a screen reader does not hang on the database",
    "test_mutants.py": "speaks of the source",
    "test_architecture.py": "speaks of the source",
    "test_benchmarks.py": "speaks of the benchmarks",
    "test_crawl_pages.py": "speaks of a tool",
    "test_documents.py": "speaks of the documents",
    "test_translations.py": "speaks of the catalogue",
    "test_settings.py": "starts settings in processes of their own",
    "test_run.py": "speaks of the runner of the tests",
    "test_strictness.py": "speaks of the templates",
    "lezhi/test_every_reminder_ends.py": "speaks of the keys of reminders",
    "lezhi/test_template_loading.py": "draws pages",
    "lezhi/test_scripts.py": "runs our scripts in a browser",
    "lezhi/test_fields.py": "draws forms",
    "lezhi/test_marks.py": "draws pages",
}
# Ordinary files and folders that PostgreSQL takes too, with the reason.
BOTH = {
    "accounts/test_access.py": "who sees which record, as SQL",
    "accounts/test_approvals_at_once.py": "locks of requests and of rules",
    "accounts/test_query_cache.py": "prepared queries",
    "accounts/test_sessions.py": "sessions and their locks",
    "accounts/test_stand_ins.py": "overlapping periods",
    "complaints/test_list.py": "counts and order of a list",
    "complaints/test_need_to_know.py": "who sees which complaint, as SQL",
    "complaints/test_review.py": "repeats, as SQL",
    "employers/test_duplicates.py": "similar names, as SQL",
    "employers/test_import_beside_others.py": "locks of an import",
    "employers/test_import_killed.py": "transactions of an import",
    "employers/test_importing.py": "rows written in bulk",
    "fifth_kind": "a further kind through every room",
    "lezhi/test_dashboard.py": "figures and their rows, as SQL",
    "lezhi/test_health.py": "asks the database how it is",
    "lezhi/test_plans.py": "plans of PostgreSQL, over the city",
    "lezhi/test_nav.py": "counts of the navigation, as SQL",
    "lezhi/test_sweep.py": "the whole sweep",
    "lezhi/test_upgrade_of_reminders.py": "data moved by a migration",
    "lists": "paging by keys",
    "relations/test_approval_sight.py": "who sees what is to be approved, as SQL",
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
    "reminders": "claims, deliveries and marks",
}
WAITING = ("faults",)
ORDINARY = {"attack/test_permission_matrix.py": "the same queries are asked in every suite"}


def pytest_addoption(parser):
    group = parser.getgroup("lezhi")
    group.addoption(
        "--shared", action="store_true", help="take one half of a double run: tests/plugins/where.py"
    )
    group.addoption("--everywhere", action="store_true", help="take every test, also in a double run")


def is_under(path, names):
    """Whether a file is one of `names` (folders and files in tests/), or inside one of them."""
    return any(path.is_relative_to(TESTS / name) for name in names)


def runs_once(path, is_generated_once):
    """Whether a test of this file runs on PostgreSQL only; `is_generated_once`: a parametrized case marked `once`."""
    if is_under(path, ORDINARY):
        return False
    return is_generated_once or is_under(path, ONCE)


def is_left_out(item, database, is_shared):
    """Whether the other run takes this test."""
    bound = [name for name in DATABASES if item.get_closest_marker(name)]
    if bound:
        return database not in bound
    if not is_shared or is_under(item.path, WAITING):
        return False
    is_generated_once = hasattr(item, "callspec") and bool(item.get_closest_marker("once"))
    if runs_once(item.path, is_generated_once):
        return database == "sqlite"
    return database == "postgres" and not is_under(item.path, BOTH)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config, items):
    """Deselects tests of other runs; they are not reported as skipped, because nothing is missing."""
    is_shared = config.getoption("shared") and not config.getoption("everywhere")
    left = [item for item in items if is_left_out(item, config.getoption("database"), is_shared)]
    if left:
        config.hook.pytest_deselected(items=left)
        gone = set(left)
        items[:] = [item for item in items if item not in gone]
    items.sort(key=lambda item: not is_under(item.path, WAITING))
