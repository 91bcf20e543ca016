"""The test database is migrated once and then copied: for every worker, and for the next run too.

Migrating takes as long as a few hundred tests. What it leads to hangs on the migrations, on the modules of ours that
they import and on the version of Django; under a key made of these it is kept in var/test-databases/, for SQLite as a
file and for PostgreSQL as a dump. The first worker that needs it makes it, the others wait. On PostgreSQL the dump is
loaded once for each run, into a database that those of the workers are copies of.
"""

import ast
import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from contextlib import contextmanager
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
KEPT_VERSIONS = 4  # of each kind of database: a few branches side by side


def migration_files():
    """The files that migrating reads, those of libraries included."""
    folders = [Path(config.path) / "migrations" for config in apps.get_app_configs()]
    return sorted(path for folder in folders for path in folder.glob("*.py"))


def imported_files(path, root):
    """The modules under `root` that a migration imports: seeds may be made of the values they define."""
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
    """The key of the database that these migrations lead to."""
    files = {found for path in migrations for found in [path, *imported_files(path, root)]}
    digest = hashlib.sha256(django.__version__.encode())
    for path in sorted(files):
        digest.update(f"\n{path.parent.name}/{path.name}\n".encode() + path.read_bytes())
    return digest.hexdigest()[:20]


@contextmanager
def whole_key():
    """The key of the site's own database; inside, this process alone makes and copies it."""
    with locked(KEPT / "lock"):
        yield key_of(migration_files(), ROOT)


@contextmanager
def locked(path):
    """Only one process at a time is inside; the lock ends with its process."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def kept(target, make):
    """The file `target`; `make(path)` makes it when it is not there. One that failed halfway is never kept."""
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
    """Remove all but the last used versions of files like `target`."""
    alike = sorted(target.parent.glob(f"*{target.suffix}"), key=lambda path: path.stat().st_mtime)
    for path in alike[:-KEPT_VERSIONS]:
        path.unlink(missing_ok=True)


def migrate(database, **environment):
    """Migrate a database of this name, or the file of this path, in a process of its own."""
    command = [sys.executable, "manage.py", "migrate", "--verbosity=0", "--no-input"]
    environment |= {"DJANGO_SETTINGS_MODULE": "tests.settings", "LEZHI_TEST_DATABASE": str(database)}
    subprocess.run(command, cwd=ROOT, env=os.environ | environment, check=True)


def copy_sqlite(key, name):
    if not Path(name).exists():
        shutil.copyfile(kept(KEPT / f"{key}.sqlite3", migrate), name)


class Server:
    """A PostgreSQL, by its programs and by statements outside every transaction."""

    def __init__(self, port, host="127.0.0.1", user="lezhi"):
        self.address = {"host": host, "port": port, "user": user}

    def ask(self, statement, *values):
        """The rows of a statement, or None where it gives none."""
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
        """A migrated database, from the dump where there is one; it has its name only when it is whole."""
        path, unfinished = KEPT / f"{key}-{self.version()}.sql", f"unfinished_{os.getpid()}"
        self.ask(f'CREATE DATABASE "{unfinished}"')
        if path.exists():
            self.load(unfinished, path)
        else:
            migrate(unfinished, DATABASE_URL="postgres://{user}@{host}:{port}/any".format(**self.address))
        kept(path, lambda target: self.dump(unfinished, target))
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
    """For a fixture of a module: what is made inside, at `moment`, is there for its tests and taken back at its end."""
    with blocker.unblock(), time_machine.travel(moment, tick=False), transaction.atomic():
        yield
        transaction.set_rollback(True)


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings):
    """Lay the migrated database where Django looks for one of an earlier run; it then finds nothing left to migrate."""
    name = connection.creation._get_test_db_name()
    with whole_key() as key:
        (copy_sqlite if connection.vendor == "sqlite" else copy_postgres)(key, name)
