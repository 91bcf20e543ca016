"""Many rows in few statements, the same on both databases: inserted with their keys, changed from a list, and copied
into the history by the database itself. The number of statements never depends on the number of rows.

Nothing here runs `save` or sends a signal: what follows from a row is the caller's to write.
"""

import json
import re
from contextlib import contextmanager
from itertools import islice

from django.db import connection
from django.utils import timezone

from accounts.exceptions import EditConflict
from reminders.rowcount import affected_rows

COPY_BATCH = 500
# In KiB, while many rows are written; with the default of 2 MB each page of an index is written many times.
SQLITE_CACHE = -65_536
# A date as a text like 2026-12-01, whatever DateStyle a PostgreSQL server has; SQLite keeps such a text.
DATE_TEXT = {"postgresql": "to_char({column}, 'YYYY-MM-DD')", "sqlite": "CAST({column} AS TEXT)"}
MOMENT_PARAMETER = {"postgresql": "CAST(%s AS timestamp with time zone)", "sqlite": "%s"}
SPECIAL = re.compile(r"[\\\t\n\r]").search
ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


def date_text(column):
    """The date in `column` as a text like 2026-12-01, in words of SQL."""
    return DATE_TEXT[connection.vendor].format(column=column)


@contextmanager
def larger_cache():
    """A larger cache for SQLite as long as many rows are written."""
    if connection.vendor != "sqlite":
        yield
        return
    with connection.cursor() as cursor:
        before = cursor.execute("PRAGMA cache_size").fetchone()[0]
        cursor.execute(f"PRAGMA cache_size = {SQLITE_CACHE}")
        try:
            yield
        finally:
            cursor.execute(f"PRAGMA cache_size = {before}")


def pk_condition(pks):
    """(SQL, parameter) that follow a column and ask whether it is one of `pks`, however many: one parameter."""
    if connection.vendor == "postgresql":
        return "= ANY(%s)", list(pks)
    return "IN (SELECT value FROM json_each(%s))", json.dumps(list(pks))


def reserve_keys(model, count):
    """`count` keys for rows of `model` that are about to be inserted. On SQLite call it with the lock to write."""
    table = (model._meta.get_parent_list() or [model])[-1]._meta.db_table
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)", [table, count]
            )
            return [row[0] for row in cursor.fetchall()]
        cursor.execute("SELECT seq FROM sqlite_sequence WHERE name = %s", [table])
        last = (cursor.fetchone() or [0])[0]
        return list(range(last + 1, last + 1 + count))


def insert(objects, keys=None):
    """Inserts unsaved objects of one model and gives each its key; of a model that extends another, both rows."""
    if not objects:
        return
    model = type(objects[0])
    for row, pk in zip(objects, keys or reserve_keys(model, len(objects)), strict=True):
        for ancestor in (*model._meta.get_parent_list(), model):
            setattr(row, ancestor._meta.pk.attname, pk)
    for ancestor in (*reversed(model._meta.get_parent_list()), model):
        copy_objects(ancestor, ancestor._meta.local_concrete_fields, objects)


def insert_without_keys(objects):
    """Inserts unsaved objects of one model that nobody will ask for their keys."""
    if objects:
        model = type(objects[0])
        fields = [field for field in model._meta.local_concrete_fields if not field.primary_key]
        copy_objects(model, fields, objects)


def copy_objects(model, fields, objects):
    columns = [field.column for field in fields]
    copy_rows(model._meta.db_table, columns, (database_values(row, fields) for row in objects))


def database_values(row, fields):
    return [field.get_db_prep_save(field.pre_save(row, add=True), connection) for field in fields]


def copy_rows(table, columns, rows):
    """Writes rows (tuples in the order of `columns`, made as they are asked for) by COPY, or by one prepared INSERT."""
    names = ", ".join(map(connection.ops.quote_name, columns))
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            with connection.wrap_database_errors:
                cursor.copy_expert(f"COPY {table} ({names}) FROM STDIN", CopyFile(rows))
        else:
            places = ", ".join(["%s"] * len(columns))
            cursor.executemany(f"INSERT INTO {table} ({names}) VALUES ({places})", rows)  # noqa: S608


class CopyFile:
    """Rows as the file that COPY reads, so that the database writes while the next rows are made."""

    def __init__(self, rows):
        self.rows = iter(rows)

    def read(self, _size):
        return "".join(copy_line(row) for row in islice(self.rows, COPY_BATCH))


def copy_line(row):
    return "\t".join(map(copy_value, row)) + "\n"


def copy_value(value):
    """A value as COPY reads it. Most need no escape, and to look is quicker than to translate."""
    if value is None:
        return "\\N"
    text = value if type(value) is str else str(value)
    return text.translate(ESCAPES) if SPECIAL(text) else text


def update_rows(model, columns, rows):
    """Writes `rows`, a list of (pk, *values), over the columns of `model`, which are of its own table.

    When `version` is the first of the columns, its value is the one that was read: it is raised by one, and
    EditConflict is raised when any row has another one by now (or is gone).
    """
    if not rows:
        return
    table, key = model._meta.db_table, model._meta.pk.column
    counted = columns[0] == "version"
    sets = [f"{name} = copied.{name}" for name in columns if name != "version"]
    sets += ["version = copied.version + 1"] if counted else []
    fits = f" AND {table}.version = copied.version" if counted else ""
    with connection.cursor() as cursor:
        wanted = ", ".join([key, *columns])
        cursor.execute(f"CREATE TEMPORARY TABLE copied AS SELECT {wanted} FROM {table} WHERE 1 = 0")  # noqa: S608
        copy_rows("copied", [key, *columns], rows)
        cursor.execute(
            f"UPDATE {table} SET {', '.join(sets)} FROM copied WHERE {table}.{key} = copied.{key}{fits}"  # noqa: S608
        )
        changed = affected_rows(cursor)
        cursor.execute("DROP TABLE copied")
    if changed != len(rows):
        raise EditConflict


def write_history(model, pks, *, kind, by, reason):
    """The history of rows as they stand now; `kind` is "+" for new ones and "~" for changed ones."""
    history = model.history.model
    fields = history.tracked_fields
    parents = [link for link in model._meta.parents.values() if link]
    joins = "".join(
        f" JOIN {link.related_model._meta.db_table} ON {link.related_model._meta.db_table}.id"
        f" = {model._meta.db_table}.{link.column}"
        for link in parents
    )
    which, chosen = pk_condition(pks)
    named = ", ".join(history._meta.get_field(field.name).column for field in fields)
    found = ", ".join(f"{field.model._meta.db_table}.{field.column}" for field in fields)
    key = f"{model._meta.db_table}.{model._meta.pk.column}"
    moment = connection.ops.adapt_datetimefield_value(timezone.now())
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {history._meta.db_table}"  # noqa: S608
            f" ({named}, history_date, history_type, history_user_id, history_change_reason)"
            f" SELECT {found}, {MOMENT_PARAMETER[connection.vendor]}, %s, %s, %s FROM {model._meta.db_table}{joins}"
            f" WHERE {key} {which} ORDER BY {key}",
            [moment, kind, by.pk, reason, chosen],
        )
