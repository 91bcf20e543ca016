"""Selects the tests of a run by database; the rules are defined only here.

A single run of pytest takes all tests on its database. `make test` has two runs: PostgreSQL, the database of real use,
takes all tests; SQLite, with the option `--beside-postgres`, leaves out

- the files in ONCE, whose results do not depend on the database, except those in ALSO_ON_SQLITE;
- the parametrized cases of tests marked `once`, which are generated from all URLs, forms or states. Tests in the same
  file without parameters run on both.

A test marked `sqlite` or `postgres` is about this database and runs only there, whatever its file. On a machine without
PostgreSQL all tests except those marked `postgres` run on SQLite.

The files in WAITING start first, because they mostly wait for processes of their own; in the meantime the other workers
(one more than there are cores) run the rest.
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
WAITING = ("faults",)
ALSO_ON_SQLITE = {"attack/test_permission_matrix.py": "who sees what is asked of the database"}


def pytest_addoption(parser):
    parser.getgroup("lezhi").addoption(
        "--beside-postgres",
        action="store_true",
        help="leave to the other run, on PostgreSQL, what runs once (tests/plugins/where.py)",
    )


def is_under(path, names):
    """Whether a file is one of `names` (folders and files in tests/), or inside one of them."""
    return any(path.is_relative_to(TESTS / name) for name in names)


def runs_once(path, is_generated_once):
    """Whether a test of this file runs on PostgreSQL only; `is_generated_once`: a parametrized case marked `once`."""
    if is_under(path, ALSO_ON_SQLITE):
        return False
    return is_generated_once or is_under(path, ONCE)


def is_left_out(item, database, beside_postgres):
    """Whether another run is responsible for this test."""
    bound = [name for name in DATABASES if item.get_closest_marker(name)]
    if bound:
        return database not in bound
    is_generated_once = hasattr(item, "callspec") and bool(item.get_closest_marker("once"))
    return beside_postgres and runs_once(item.path, is_generated_once)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config, items):
    """Deselects tests of other runs; they are not reported as skipped, because nothing is missing."""
    database, beside_postgres = config.getoption("database"), config.getoption("beside_postgres")
    left = [item for item in items if is_left_out(item, database, beside_postgres)]
    if left:
        config.hook.pytest_deselected(items=left)
        gone = set(left)
        items[:] = [item for item in items if item not in gone]
    items.sort(key=lambda item: not is_under(item.path, WAITING))
