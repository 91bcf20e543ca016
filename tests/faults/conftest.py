"""Fixtures: sites under fault, each with its own database, queue, folder, mail server and processes."""

import contextlib
import itertools
import json
import shutil
import subprocess
import sys

import pytest

from tests.faults.centre import DAY, FIRST_DAY
from tests.faults.post_office import PostOffice
from tests.faults.servers import Postgres, Redis
from tests.faults.site import ROOT, Site, ahead_of_now
from tests.plugins import databases
from tests.plugins.services import need

NUMBERS = itertools.count()


def make_centre(site):
    """Fills a migrated database; returns {login name: {pk, session}}."""
    site.ahead = ahead_of_now(FIRST_DAY)
    command = [sys.executable, "-m", "tests.faults.centre"]
    made = subprocess.run(
        command, env=site.environment(), cwd=ROOT, capture_output=True, text=True, check=False
    )
    if made.returncode:
        raise RuntimeError(made.stderr)
    return json.loads(made.stdout.splitlines()[-1])


@pytest.fixture(scope="session")
def postgres():
    """A PostgreSQL cluster for the sites of this session; its database `centre` is copied for each of them."""
    with contextlib.ExitStack() as cleanups:
        server = Postgres(cleanups)
        server.start()
        with databases.whole_key() as key:
            databases.Server(server.port).make("centre", key)
        yield server


@pytest.fixture(scope="session")
def _centre_on_postgres(postgres, tmp_path_factory):
    """The accounts of the database `centre`, which is filled once for the session."""
    site = Site(tmp_path_factory.mktemp("centre"), postgres.url("centre"))
    return make_centre(site)


@pytest.fixture(scope="session")
def _centre_on_sqlite(tmp_path_factory):
    """(file, accounts) of the SQLite database that is filled once for the session and copied for each site."""
    folder = tmp_path_factory.mktemp("centre")
    file = folder / "centre.sqlite3"
    with databases.whole_key() as key:
        databases.copy_sqlite(key, file)
    return file, make_centre(Site(folder, f"sqlite:///{file}"))


@pytest.fixture
def redis():
    need("redis-server")
    with contextlib.ExitStack() as cleanups:
        yield Redis(cleanups)


@pytest.fixture(scope="session")
def make_site(request):
    """make_site(folder, redis="") returns a Site: the centre at ten o'clock on DAY, in the database of this run.

    None of its processes is started yet; the caller closes it.
    """

    def make(folder, redis=""):
        if request.config.getoption("database") == "sqlite":
            file, people = request.getfixturevalue("_centre_on_sqlite")
            shutil.copy(file, folder / "site.sqlite3")
            made = Site(folder, f"sqlite:///{folder / 'site.sqlite3'}", redis, people)
        else:
            people = request.getfixturevalue("_centre_on_postgres")
            database = request.getfixturevalue("postgres").copy("centre", f"site{next(NUMBERS)}")
            made = Site(folder, database, redis, people)
        made.ahead = ahead_of_now(DAY)
        return made

    return make


@pytest.fixture
def site(request, make_site, tmp_path):
    """A site for one test. On PostgreSQL its queue is Redis, on SQLite a folder of files, as in `make run`."""
    on_sqlite = request.config.getoption("database") == "sqlite"
    with contextlib.closing(
        make_site(tmp_path, "" if on_sqlite else request.getfixturevalue("redis").url)
    ) as made:
        yield made


@pytest.fixture
def post_office(site):
    """The mail server of the site, which accepts every e-mail unless a test says otherwise."""
    with PostOffice() as office:
        site.mail_port = office.port
        yield office
