"""The migrated database is created once and copied; it is never outdated or incomplete (tests/plugins/databases.py)."""

import subprocess
import sys
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from django.db import connection, transaction
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.recorder import MigrationRecorder

from accounts.models import Department
from relations.models import CadenceRule
from tests.plugins import databases

ROOT = Path(__file__).resolve().parent.parent
MIGRATION = "from rooms.values import FIRST\nimport elsewhere\n"
SECOND_PROCESS = """
import sys
from pathlib import Path
from tests.plugins.databases import cached_file, locked

def make(path):
    with Path(sys.argv[1], "made").open("a") as made:
        made.write("once\\n")
    path.write_text("a database")

with locked(Path(sys.argv[1], "lock")):
    cached_file(Path(sys.argv[1], "key.sqlite3"), make)
"""


@pytest.fixture
def tree(tmp_path):
    """The folder of a small project: a migration, a module of values that it imports, and an unrelated module."""
    for name, text in {
        "rooms/migrations/0001_initial.py": MIGRATION,
        "rooms/values.py": "FIRST = 1",
        "rooms/views.py": "",
    }.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    return tmp_path


def key_of(tree):
    """The key of the database of the small project."""
    return databases.key_of(sorted(tree.glob("*/migrations/*.py")), tree)


@pytest.mark.parametrize(
    ("changed", "is_another"),
    [
        ("rooms/migrations/0001_initial.py", True),
        ("rooms/migrations/0002_more.py", True),
        ("rooms/values.py", True),
        ("rooms/views.py", False),
    ],
)
def test_key_changes_with_what_migrating_reads(tree, changed, is_another):
    before = key_of(tree)
    with (tree / changed).open("a") as file:
        file.write("\n# changed")
    assert (key_of(tree) != before) is is_another


def test_key_changes_with_the_version_of_django(tree, monkeypatch):
    before = key_of(tree)
    monkeypatch.setattr(databases.django, "__version__", "0.96")
    assert key_of(tree) != before


def test_key_knows_what_a_migration_of_the_site_reads():
    """Control on the site itself: the first migration of the accounts imports the fields of the app."""
    first = ROOT / "accounts" / "migrations" / "0001_initial.py"
    assert first in databases.migration_files()
    assert ROOT / "accounts" / "fields.py" in databases.imported_files(first, ROOT)


def test_database_that_failed_halfway_is_not_kept(tmp_path):
    def fail(path):
        path.write_text("half a")
        raise RuntimeError("no space left")

    with pytest.raises(RuntimeError, match="no space left"):
        databases.cached_file(tmp_path / "key.sqlite3", fail)
    assert list(tmp_path.iterdir()) == []


def test_processes_that_need_it_at_once_make_it_once(tmp_path):
    command = [sys.executable, "-c", SECOND_PROCESS, str(tmp_path)]
    running = [subprocess.Popen(command, cwd=ROOT) for _ in range(3)]
    assert [process.wait() for process in running] == [0, 0, 0]
    assert (tmp_path / "made").read_text() == "once\n"


def test_only_the_last_versions_are_kept(tmp_path):
    for number in range(databases.KEPT_VERSIONS + 2):
        databases.cached_file(tmp_path / f"{number}.sqlite3", lambda path: path.write_text("a database"))
    assert len(list(tmp_path.iterdir())) == databases.KEPT_VERSIONS


def test_copied_database_is_wholly_migrated(db):
    executor = MigrationExecutor(connection)
    assert executor.migration_plan(executor.loader.graph.leaf_nodes()) == []
    applied = set(MigrationRecorder(connection).applied_migrations())
    assert applied == set(executor.loader.disk_migrations)
    assert CadenceRule.objects.exists()


MOMENT = datetime(2026, 10, 12, 12, tzinfo=ZoneInfo("Asia/Shanghai"))


def test_rows_of_a_module_stay_through_its_tests_and_are_gone_afterwards(django_db_setup, django_db_blocker):
    """`begin_anew` commits on SQLite what a rollback could then no longer undo; `restored` puts the database back."""
    with django_db_blocker.unblock():
        before = list(Department.objects.values_list("name", flat=True))
    with databases.once_for_a_module(django_db_blocker, MOMENT):
        Department.objects.create(name="一次")
        for _each_test in range(2):
            databases.begin_anew()
            with transaction.atomic():
                Department.objects.update(name="改了")
                transaction.set_rollback(True)
            assert Department.objects.filter(name="一次").count() == 1
    with django_db_blocker.unblock():
        assert list(Department.objects.values_list("name", flat=True)) == before


@pytest.mark.sqlite
def test_schema_is_not_read_again_after_each_rollback(django_db_setup, django_db_blocker):
    """Control of `begin_anew`: what it is there for. SQLite counts the pages it looks up."""
    with databases.once_for_a_module(django_db_blocker, MOMENT):
        changed = looked_up_after_a_rollback()
        databases.begin_anew()
        assert looked_up_after_a_rollback(changing=False) < changed / 2


def looked_up_after_a_rollback(*, changing=True):
    """Steps of SQLite's virtual machine in one query after a rollback to a savepoint."""
    if changing:
        with connection.cursor() as cursor:
            cursor.execute("CREATE TEMPORARY TABLE changes_the_schema AS SELECT 1")
            cursor.execute("DROP TABLE changes_the_schema")
    with transaction.atomic():
        transaction.set_rollback(True)
    steps = []
    connection.connection.set_progress_handler(lambda: steps.append(1), 1)
    try:
        Department.objects.exists()
    finally:
        connection.connection.set_progress_handler(None, 1)
    return len(steps)
