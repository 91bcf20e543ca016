"""Which tests run on which database: this page alone says it.

A run of one's own takes every test on the database it names. `make test` runs two: PostgreSQL, which real use stands
on, takes every test; SQLite, which takes part with `--beside-postgres`, leaves to it

- the files under ONCE, whose result does not depend on the database, but for those of ALSO_ON_SQLITE;
- the parametrized cases of tests marked `once`: walks that a program generates over addresses, forms or states. What is
  not parametrized in such a file runs on both.

A test marked `sqlite` or `postgres` speaks of that database alone and runs there, wherever its file stands. On a
machine without PostgreSQL everything but those marked `postgres` runs on SQLite.

The files under WAITING are begun first: they mostly wait for processes of their own, and meanwhile the other workers,
one more than there are cores, do the rest.
"""

from pathlib import Path

import pytest

TESTS = Path(__file__).resolve().parents[1]
DATABASES = ("sqlite", "postgres")

# Folders and files of tests/, each with the reason why it runs once.
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
WAITING = ("faults",)
ALSO_ON_SQLITE = {"attack/test_permission_matrix.py": "who sees what is asked of the database"}


def pytest_addoption(parser):
    parser.getgroup("lezhi").addoption(
        "--beside-postgres",
        action="store_true",
        help="leave to the other run, on PostgreSQL, what runs once (tests/plugins/where.py)",
    )


def is_under(path, names):
    """Whether a file is one of `names`, folders and files of tests/, or lies in one of them."""
    return any(path.is_relative_to(TESTS / name) for name in names)


def runs_once(path, is_generated_once):
    """Whether a test of this file is left to PostgreSQL; `is_generated_once`: a parametrized case marked `once`."""
    if is_under(path, ALSO_ON_SQLITE):
        return False
    return is_generated_once or is_under(path, ONCE)


def is_left_out(item, database, beside_postgres):
    """Whether another run takes this test."""
    bound = [name for name in DATABASES if item.get_closest_marker(name)]
    if bound:
        return database not in bound
    is_generated_once = hasattr(item, "callspec") and bool(item.get_closest_marker("once"))
    return beside_postgres and runs_once(item.path, is_generated_once)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config, items):
    """Leave out what runs elsewhere: these tests are no skips, nothing is missing."""
    database, beside_postgres = config.getoption("database"), config.getoption("beside_postgres")
    left = [item for item in items if is_left_out(item, database, beside_postgres)]
    if left:
        config.hook.pytest_deselected(items=left)
        gone = set(left)
        items[:] = [item for item in items if item not in gone]
    items.sort(key=lambda item: not is_under(item.path, WAITING))
