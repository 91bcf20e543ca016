"""Statements that PostgreSQL plans once for each connection (PREPARE), instead of anew at each execution.

Planning the SQL of a page takes longer than running it: 10-14 ms for the account behind a session and 7-18 ms for the
counts of the navigation, in the city of the benchmarks, both on every page. Only compiled queries
(`accounts.query_cache`) are prepared: these are few, and the same for all users with equal roles.

Switched off by PREPARED_STATEMENTS=0, which a pooler needs that hands a connection to another session after each
transaction (docs/operations.md). SQLite keeps its own cache of statements.
"""

from datetime import date
from hashlib import sha256
from weakref import WeakKeyDictionary

from django.conf import settings
from django.db import connection

SQL_TYPES = {int: "bigint", date: "date"}
MAX_STATEMENTS = 300  # of a connection; each holds a plan in the memory of the server
PREPARED = WeakKeyDictionary()  # {connection of psycopg2: names of the statements prepared in it}
DEFINITIONS = {}  # {name: definition}, of all connections


def is_usable():
    """Whether the present connection can prepare statements."""
    return settings.PREPARED_STATEMENTS and connection.vendor == "postgresql"


class ServerStatement:
    """A statement with parameters; `types` are the Python types of their values (int or date), by name.

    `sql` has a `%s` for each of `params`, which are values, or objects of the class `reference` with a `name`.
    """

    def __init__(self, sql, params, types, reference):
        self.names = list(dict.fromkeys(param.name for param in params if isinstance(param, reference)))
        numbers = {name: f"${place}" for place, name in enumerate(self.names, start=1)}
        listed = ", ".join(SQL_TYPES[types[name]] for name in self.names)
        body = with_literals(
            sql, [numbers[each.name] if isinstance(each, reference) else Literal(each) for each in params]
        )
        self.definition = f"{f'({listed}) ' if listed else ''}AS {body}"
        self.name = f"lezhi_{sha256(self.definition.encode()).hexdigest()[:20]}"
        DEFINITIONS[self.name] = self.definition
        self.call = f"EXECUTE {self.name}" + (
            f"({', '.join(['%s'] * len(self.names))})" if self.names else ""
        )

    def execution(self, values):
        """Returns (SQL, parameters) that execute the statement with `values` ({name: value}) in this connection."""
        with connection.cursor() as cursor:  # connects, and again where the connection was lost
            self.prepare(cursor)
        return self.call, tuple(values[name] for name in self.names)

    def prepare(self, cursor):
        """Prepares the statement, once in each connection."""
        known = PREPARED.setdefault(connection.connection, set())
        if self.name in known:
            return
        with connection.wrap_database_errors:
            if len(known) >= MAX_STATEMENTS:
                cursor.cursor.execute("DEALLOCATE ALL")
                known.clear()
            cursor.cursor.execute(f"PREPARE {self.name} {self.definition}")
        known.add(self.name)


class Literal:
    """A value that is part of the statement."""

    def __init__(self, value):
        self.value = value


def with_literals(sql, params):
    """Returns `sql` with texts in the place of `%s`: numbers of parameters as they are, Literals quoted."""
    from psycopg2.extensions import AsIs

    with connection.cursor() as cursor:
        adapted = [each.value if isinstance(each, Literal) else AsIs(each) for each in params]
        return cursor.cursor.mogrify(sql, adapted).decode()
