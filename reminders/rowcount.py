"""The number of rows written by a SQL statement, on both databases."""

from django.db import connection


def affected_rows(cursor):
    """Rows written by the last INSERT, UPDATE or DELETE; SQLite's driver returns none for one that starts with WITH."""
    if cursor.rowcount >= 0 or connection.vendor != "sqlite":
        return max(cursor.rowcount, 0)
    cursor.execute("SELECT changes()")
    return cursor.fetchone()[0]
