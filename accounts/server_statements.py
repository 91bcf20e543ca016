"""Statements that PostgreSQL plans once for each connection (PREPARE), instead of anew at each execution.

Planning the SQL of a page takes longer than running it: 10-14 ms for the account behind a session and 7-18 ms for the
counts of the navigation, in the city of the benchmarks, both on every page. Only compiled queries
(`accounts.query_cache`) are prepared: these are few, and the same for all users with equal roles.

Switched off by PREPARED_STATEMENTS=0, which a pooler needs that hands a connection to another session after each
transaction (docs/operations.md). SQLite keeps its own cache of statements.
"""

from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from weakref import WeakKeyDictionary

from django.conf import settings
from django.db import connection
from django.db.utils import DatabaseError

SQL_TYPES = {int: "bigint", date: "date"}
MAX_STATEMENTS = 300  # of a connection; each holds a plan in the memory of the server
REFUSALS = {"0A000", "26000", "42P05"}  # result of another type; no such statement; there is one of that name
PREPARED = WeakKeyDictionary()  # {connection of psycopg2: names of the statements prepared in it}
DEFINITIONS = {}  # {name: definition} of all statements, for the benchmarks, which prepare them elsewhere too


@dataclass(frozen=True)
class Placeholder:
    """Stands for the value `name` among the parameters of a query."""

    name: str


class ServerStatement:
    """A statement with parameters.

    `params` has a value or a Placeholder for each `%s` in `sql`; `types` are the Python types of the values of the
    Placeholders (int or date), by name.
    """

    def __init__(self, sql, params, types):
        self.names = list(dict.fromkeys(param.name for param in params if isinstance(param, Placeholder)))
        listed = ", ".join(SQL_TYPES[types[name]] for name in self.names)
        self.definition = f"{f'({listed}) ' if listed else ''}AS {self.body(sql, params)}"
        self.name = f"lezhi_{sha256(self.definition.encode()).hexdigest()[:20]}"
        DEFINITIONS[self.name] = self.definition
        self.call = f"EXECUTE {self.name}" + (
            f"({', '.join(['%s'] * len(self.names))})" if self.names else ""
        )

    def body(self, sql, params):
        """Returns `sql` with `$1`, `$2`, ... for the Placeholders and the values as the driver quotes them."""
        from psycopg2.extensions import AsIs

        numbers = {name: AsIs(f"${place}") for place, name in enumerate(self.names, start=1)}
        values = [numbers[param.name] if isinstance(param, Placeholder) else param for param in params]
        with connection.cursor() as cursor:
            return cursor.cursor.mogrify(sql, values).decode()

    def execution(self, values):
        """Returns (SQL, parameters) that execute the statement with `values` ({name: value}) in this connection."""
        with connection.cursor() as cursor:  # connects, and again where the connection was lost
            self.prepare(cursor)
        return self.call, tuple(values[name] for name in self.names)

    def prepare(self, cursor):
        """Prepares the statement, once in each connection."""
        known = PREPARED.get(connection.connection)
        if known is not None and self.name in known:
            return
        with connection.wrap_database_errors:
            if known is None or len(known) >= MAX_STATEMENTS:
                cursor.cursor.execute("DEALLOCATE ALL")
                known = PREPARED[connection.connection] = set()
            cursor.cursor.execute(f"PREPARE {self.name} {self.definition}")
        known.add(self.name)


def is_usable():
    """Whether the present connection can prepare statements."""
    return settings.PREPARED_STATEMENTS and connection.vendor == "postgresql"


def executed(execute):
    """Returns `execute()`, which executes a ServerStatement; once more with nothing prepared where that fails.

    PostgreSQL refuses a statement when the type of one of its columns has changed since, as an upgrade does while the
    site runs, and when something else has removed or made it. Within a transaction the error is raised: it has ended
    that.
    """
    try:
        return execute()
    except DatabaseError as error:
        if getattr(error.__cause__, "pgcode", None) not in REFUSALS:
            raise
        PREPARED.pop(connection.connection, None)
        if connection.in_atomic_block:
            raise
        return execute()
