"""How many rows a statement wrote."""

from django.db import connection


def affected_rows(cursor):
    """Rows written by the last INSERT, UPDATE or DELETE; SQLite's driver is silent after one that begins with WITH."""
    if cursor.rowcount >= 0 or connection.vendor != "sqlite":
        return max(cursor.rowcount, 0)
    cursor.execute("SELECT changes()")
    return cursor.fetchone()[0]
