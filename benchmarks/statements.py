"""The SQL of a page: captured with Django's test client, and timed again with psycopg2 only."""

import gzip
import time
from dataclasses import dataclass
from statistics import median

from django.db import connection
from django.test import Client

from accounts.server_statements import DEFINITIONS


@dataclass(frozen=True)
class Statement:
    """One SQL statement as sent to the database."""

    sql: str
    params: tuple | None

    @property
    def prepared(self):
        """The name of the prepared statement that is executed, or None."""
        return self.sql.split("(")[0].split()[1] if self.sql.startswith("EXECUTE") else None

    @property
    def is_read(self):
        return self.sql.lstrip(" (\n").upper().startswith(("SELECT", "WITH", "EXECUTE"))


@dataclass(frozen=True)
class PageStatements:
    """The SQL statements of one page, and its response."""

    statements: list
    response: object

    @property
    def count(self):
        """The number of statements, without BEGIN, COMMIT and savepoints."""
        return len(self.statements)

    @property
    def gzipped(self):
        return len(gzip.compress(self.response.content, 6))


class Catcher:
    """An execute wrapper of a connection that records every statement."""

    BESIDE = ("SAVEPOINT", "RELEASE", "BEGIN", "COMMIT", "ROLLBACK")

    def __init__(self):
        self.found = []

    def __call__(self, execute, sql, params, many, context):
        if not sql.startswith(self.BESIDE):
            self.found.append(Statement(sql, params if params is None else tuple(params)))
        return execute(sql, params, many, context)


def statements_of_page(asker, path, data=None):
    """Requests `path` as `asker`, GET twice to fill the caches. Returns the PageStatements of the last request."""
    client = Client(SERVER_NAME="127.0.0.1")
    client.cookies.load(asker.cookies)
    if data is None:
        client.get(path)
    catcher = Catcher()
    with connection.execute_wrapper(catcher):
        response = client.get(path) if data is None else client.post(path, data)
    if response.status_code not in (200, 302):
        raise AssertionError(f"{path} answered {response.status_code}")
    return PageStatements(catcher.found, response)


@dataclass(frozen=True)
class Times:
    """The seconds of several runs."""

    found: list

    @property
    def best(self):
        return min(self.found)

    @property
    def median(self):
        return median(self.found)

    def __str__(self):
        return f"{self.best * 1000:.1f} / {self.median * 1000:.1f} ms"


def raw():
    """A cursor of a separate psycopg2 connection to the same database, in autocommit mode."""
    connection.ensure_connection()
    import psycopg2

    other = psycopg2.connect(connection.connection.dsn)
    other.autocommit = True
    return other.cursor()


def timed(statements, times=15):
    """The Times of executing all reads among `statements` one after the other and fetching their rows."""
    reads, cursor, seconds = [one for one in statements if one.is_read], raw(), []
    prepare(reads, cursor)
    for number in range(times + 1):
        started = time.perf_counter()
        for one in reads:
            cursor.execute(one.sql, one.params)
            cursor.fetchall()
        if number:
            seconds.append(time.perf_counter() - started)
    cursor.connection.close()
    return Times(seconds)


def prepare(statements, cursor):
    """Prepares in the connection of `cursor` what `statements` execute, as a connection of the site has done."""
    for name in {one.prepared for one in statements} - {None}:
        cursor.execute(f"PREPARE {name} {DEFINITIONS[name]}")


def slowest(statements, times=5):
    """(Times, Statement) of the slowest read among `statements`."""
    reads = [one for one in statements if one.is_read]
    return max(((timed([one], times), one) for one in reads), key=lambda pair: pair[0].best)
