"""Migrates the test database once and copies it for every worker and for later runs.

Migrating takes as long as a few hundred tests. Its result depends on the migrations, on our modules that they import
and on the version of Django; it is stored in var/test-databases/ under a key made of these, for SQLite as a file and
for PostgreSQL as a dump. The first worker that needs it creates it while the others wait. On PostgreSQL the dump is
loaded once for each run, into a database that is then copied for each worker.
"""

import ast
import fcntl
import hashlib
import itertools
import os
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing, contextmanager
from pathlib import Path

import django
import psycopg2
import pytest
import time_machine
from django.apps import apps
from django.conf import settings
from django.db import connection, transaction

from tests.plugins.services import find_program

ROOT = Path(__file__).resolve().parents[2]
KEPT = ROOT / "var" / "test-databases"
KEPT_VERSIONS = 4  # of each kind of database, for a few branches in parallel


def migration_files():
    """All migration files, including those of libraries."""
    folders = [Path(config.path) / "migrations" for config in apps.get_app_configs()]
    return sorted(path for folder in folders for path in folder.glob("*.py"))


def imported_files(path, root):
    """The modules under `root` that a migration imports; their values may be part of seeded rows."""
    nodes = list(ast.walk(ast.parse(path.read_text())))
    names = {node.module for node in nodes if isinstance(node, ast.ImportFrom) and node.module}
    names |= {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    names |= {
        f"{node.module}.{alias.name}"
        for node in nodes
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    paths = [root / name.replace(".", "/") for name in names]
    candidates = [place for path in paths for place in (path.with_suffix(".py"), path / "__init__.py")]
    return sorted(place for place in candidates if place.is_file())


def key_of(migrations, root):
    """The key (a hash) of the database that results from these migrations."""
    files = {file for path in migrations for file in [path, *imported_files(path, root)]}
    digest = hashlib.sha256(django.__version__.encode())
    for path in sorted(files):
        digest.update(f"\n{path.parent.name}/{path.name}\n".encode() + path.read_bytes())
    return digest.hexdigest()[:20]


@contextmanager
def whole_key():
    """Context manager: the key of the site's database, with a lock for creating and copying it."""
    with locked(KEPT / "lock"):
        yield key_of(migration_files(), ROOT)


@contextmanager
def locked(path):
    """Context manager: an exclusive lock between processes, released when the process ends."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def cached_file(target, make):
    """Returns the file `target`, created by `make(path)` if missing. An incomplete file is never stored."""
    if not target.exists():
        unfinished = target.with_name(f"unfinished-{os.getpid()}{target.suffix}")
        try:
            make(unfinished)
            unfinished.replace(target)
        finally:
            unfinished.unlink(missing_ok=True)
        forget_old(target)
    target.touch()
    return target


def forget_old(target):
    """Deletes all but the most recently used files with the same suffix as `target`."""
    alike = sorted(target.parent.glob(f"*{target.suffix}"), key=lambda path: path.stat().st_mtime)
    for path in alike[:-KEPT_VERSIONS]:
        path.unlink(missing_ok=True)


def migrate(database, **environment):
    """Migrates the database of this name (SQLite: the file at this path) in a separate process."""
    command = [sys.executable, "manage.py", "migrate", "--verbosity=0", "--no-input"]
    environment |= {"DJANGO_SETTINGS_MODULE": "tests.settings", "LEZHI_TEST_DATABASE": str(database)}
    subprocess.run(command, cwd=ROOT, env=os.environ | environment, check=True)


def copy_sqlite(key, name):
    if not Path(name).exists():
        shutil.copyfile(cached_file(KEPT / f"{key}.sqlite3", migrate), name)


class Server:
    """A PostgreSQL server, used by its command-line programs and by SQL outside transactions."""

    def __init__(self, port, host="127.0.0.1", user="lezhi"):
        self.address = {"host": host, "port": port, "user": user}

    def ask(self, statement, *values):
        """Executes a statement. Returns its rows, or None if it has no result set."""
        server = psycopg2.connect(**self.address, dbname="postgres")
        server.autocommit = True
        try:
            with server.cursor() as cursor:
                cursor.execute(statement, values)
                return cursor.fetchall() if cursor.description else None
        finally:
            server.close()

    def has(self, name):
        return bool(self.ask("SELECT 1 FROM pg_database WHERE datname = %s", name))

    def version(self):
        return self.ask("SHOW server_version_num")[0][0]

    def run(self, program, *options):
        address = [
            f"--{'username' if name == 'user' else name}={value}" for name, value in self.address.items()
        ]
        subprocess.run([find_program(program), *address, *options], check=True, stdout=subprocess.DEVNULL)

    def dump(self, name, path):
        self.run("pg_dump", "--no-owner", f"--file={path}", name)

    def load(self, name, path):
        self.run(
            "psql", "--quiet", "--no-psqlrc", "--set=ON_ERROR_STOP=1", f"--dbname={name}", f"--file={path}"
        )

    def make(self, name, key):
        """Creates a migrated database, from the dump if there is one; it gets its name only when complete."""
        path, unfinished = KEPT / f"{key}-{self.version()}.sql", f"unfinished_{os.getpid()}"
        self.ask(f'CREATE DATABASE "{unfinished}"')
        if path.exists():
            self.load(unfinished, path)
        else:
            migrate(unfinished, DATABASE_URL="postgres://{user}@{host}:{port}/any".format(**self.address))
        cached_file(path, lambda target: self.dump(unfinished, target))
        self.ask(f'ALTER DATABASE "{unfinished}" RENAME TO "{name}"')

    def copy(self, source, name):
        self.ask(f'CREATE DATABASE "{name}" TEMPLATE "{source}"')


def copy_postgres(key, name):
    server, source = Server(settings.DATABASES["default"]["PORT"]), f"migrated_{key}"
    if not server.has(source):
        server.make(source, key)
    if not server.has(name):
        server.copy(source, name)


@contextmanager
def once_for_a_module(blocker, moment):
    """Context manager for module fixtures: rows created inside, at `moment`, are gone after the tests."""
    with blocker.unblock(), time_machine.travel(moment, tick=False), restored(), transaction.atomic():
        yield
        transaction.set_rollback(True)


@contextmanager
def restored():
    """Context manager: afterwards a database of SQLite is as it was, without what `begin_anew` has committed."""
    if connection.vendor != "sqlite":
        yield
        return
    connection.ensure_connection()
    with closing(sqlite3.connect(":memory:")) as kept:
        connection.connection.backup(kept)
        try:
            yield
        finally:
            kept.backup(connection.connection)


def begin_anew():
    """Ends the open transaction of a module on SQLite and begins the next, without a word to Django.

    Once a transaction has changed the schema (settling duties makes temporary tables), SQLite reads the whole schema
    again after each rollback to a savepoint, until the transaction ends: a third of the time of a request that is
    undone.
    """
    if connection.vendor == "sqlite" and connection.in_atomic_block and not connection.savepoint_ids:
        connection.connection.execute("COMMIT")
        connection.connection.execute("BEGIN")


TESTS_BETWEEN = 100  # tests with the rows they leave behind, undone, before a PostgreSQL is tidied up


def tidy_up():
    """Frees the space of rows that were undone, on PostgreSQL, outside of the transactions of a module.

    The server does not do so by itself here (autovacuum is off): during a test it notes that a table has pages without
    rows, and when the test then makes a thousand, its plans are those for none, and a page takes minutes.
    """
    if connection.vendor == "postgresql" and connection.connection and not connection.in_atomic_block:
        with connection.connection.cursor() as cursor:
            cursor.execute("VACUUM")


NUMBERS = itertools.count(1)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup():
    begin_anew()
    if next(NUMBERS) % TESTS_BETWEEN == 0:
        tidy_up()


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings):
    """Puts the migrated database where Django looks for one of an earlier run, so that nothing is left to migrate."""
    name = connection.creation._get_test_db_name()
    with whole_key() as key:
        (copy_sqlite if connection.vendor == "sqlite" else copy_postgres)(key, name)
