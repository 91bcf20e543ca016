"""Bulk writes in a fixed number of SQL statements, on PostgreSQL and SQLite: insert with primary keys, update from a
list, and copy rows into the history table.

Nothing here calls `save` or sends signals: the caller writes whatever depends on the rows.
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
# Negative: in KiB. With the default of 2 MB, a bulk write writes each index page many times.
SQLITE_CACHE = -65_536
# A date as text like 2026-12-01, whatever the DateStyle of the PostgreSQL server; SQLite stores dates as such text.
DATE_TEXT = {"postgresql": "to_char({column}, 'YYYY-MM-DD')", "sqlite": "CAST({column} AS TEXT)"}
MOMENT_PARAMETER = {"postgresql": "CAST(%s AS timestamp with time zone)", "sqlite": "%s"}
SPECIAL = re.compile(r"[\\\t\n\r]").search
ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


def date_text(column):
    """Returns the SQL expression of the date in `column` as text like 2026-12-01."""
    return DATE_TEXT[connection.vendor].format(column=column)


@contextmanager
def larger_cache():
    """Context manager: a larger page cache for SQLite during a bulk write."""
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
    """Returns (SQL, parameter) of the condition "is one of `pks`", to follow a column: one parameter for any number."""
    if connection.vendor == "postgresql":
        return "= ANY(%s)", list(pks)
    return "IN (SELECT value FROM json_each(%s))", json.dumps(list(pks))


def reserve_keys(model, count):
    """Returns `count` primary keys for new rows of `model`. On SQLite the caller must hold the write lock."""
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
    """Inserts unsaved objects of one model and sets their primary keys; writes the rows of parent models as well."""
    if not objects:
        return
    model = type(objects[0])
    for row, pk in zip(objects, keys or reserve_keys(model, len(objects)), strict=True):
        for ancestor in (*model._meta.get_parent_list(), model):
            setattr(row, ancestor._meta.pk.attname, pk)
    for ancestor in (*reversed(model._meta.get_parent_list()), model):
        copy_objects(ancestor, ancestor._meta.local_concrete_fields, objects)


def insert_without_keys(objects):
    """Inserts unsaved objects of one model without setting their primary keys on the objects."""
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
    """Inserts `rows`, an iterable of tuples in the order of `columns`, by COPY (PostgreSQL) or executemany (SQLite)."""
    names = ", ".join(map(connection.ops.quote_name, columns))
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            with connection.wrap_database_errors:
                cursor.copy_expert(f"COPY {table} ({names}) FROM STDIN", CopyFile(rows))
        else:
            places = ", ".join(["%s"] * len(columns))
            cursor.executemany(f"INSERT INTO {table} ({names}) VALUES ({places})", rows)  # noqa: S608


class CopyFile:
    """A file object for COPY that formats rows when they are read, so that not all of them are in memory."""

    def __init__(self, rows):
        self.rows = iter(rows)

    def read(self, _size):
        return "".join(copy_line(row) for row in islice(self.rows, COPY_BATCH))


def copy_line(row):
    return "\t".join(map(copy_value, row)) + "\n"


def copy_value(value):
    """Formats a value for COPY. Most values need no escape, and the search is faster than `translate`."""
    if value is None:
        return "\\N"
    text = value if type(value) is str else str(value)
    return text.translate(ESCAPES) if SPECIAL(text) else text


def update_rows(model, columns, rows):
    """Updates `columns` of the table of `model` (not of its parents) from `rows`, a list of (pk, *values).

    When the first column is `version`, its values are the versions as read: each is increased by one. Raises
    EditConflict when a row has another version by now or no longer exists.
    """
    if not rows:
        return
    table, key = model._meta.db_table, model._meta.pk.column
    is_versioned = columns[0] == "version"
    sets = [f"{name} = copied.{name}" for name in columns if name != "version"]
    sets += ["version = copied.version + 1"] if is_versioned else []
    same_version = f" AND {table}.version = copied.version" if is_versioned else ""
    with connection.cursor() as cursor:
        names = ", ".join([key, *columns])
        cursor.execute(f"CREATE TEMPORARY TABLE copied AS SELECT {names} FROM {table} WHERE 1 = 0")  # noqa: S608
        copy_rows("copied", [key, *columns], rows)
        cursor.execute(
            f"UPDATE {table} SET {', '.join(sets)} FROM copied WHERE {table}.{key} = copied.{key}{same_version}"  # noqa: S608
        )
        changed = affected_rows(cursor)
        cursor.execute("DROP TABLE copied")
    if changed != len(rows):
        raise EditConflict


def write_history(model, pks, *, kind, by, reason):
    """Copies the present rows into the history table; `kind` is "+" for new and "~" for changed rows."""
    history = model.history.model
    fields = history.tracked_fields
    parents = [link for link in model._meta.parents.values() if link]
    joins = "".join(
        f" JOIN {link.related_model._meta.db_table} ON {link.related_model._meta.db_table}.id"
        f" = {model._meta.db_table}.{link.column}"
        for link in parents
    )
    condition, pks_parameter = pk_condition(pks)
    history_columns = ", ".join(history._meta.get_field(field.name).column for field in fields)
    sources = ", ".join(f"{field.model._meta.db_table}.{field.column}" for field in fields)
    key = f"{model._meta.db_table}.{model._meta.pk.column}"
    moment = connection.ops.adapt_datetimefield_value(timezone.now())
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {history._meta.db_table}"  # noqa: S608
            f" ({history_columns}, history_date, history_type, history_user_id, history_change_reason)"
            f" SELECT {sources}, {MOMENT_PARAMETER[connection.vendor]}, %s, %s, %s FROM {model._meta.db_table}{joins}"
            f" WHERE {key} {condition} ORDER BY {key}",
            [moment, kind, by.pk, reason, pks_parameter],
        )
