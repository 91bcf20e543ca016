"""SQL expressions for duties that differ between PostgreSQL and SQLite."""

from django.db import connection

DIALECTS = {
    "postgresql": {
        "least": "LEAST",
        "greatest": "GREATEST",
        "days": "({0} - {1})",
        "date": "CAST(%s AS date)",
        "month": "CAST(date_trunc('month', CAST({0} AS timestamp)) AS date)",
        "differs": "{0} IS DISTINCT FROM {1}",
    },
    "sqlite": {
        "least": "MIN",
        "greatest": "MAX",
        "days": "(julianday({0}) - julianday({1}))",
        "date": "%s",
        "month": "date({0}, 'start of month')",
        "differs": "{0} IS NOT {1}",
    },
}


def differs(one, other):
    """Returns the SQL condition that two expressions differ; NULL is a value like any other."""
    return DIALECTS[connection.vendor]["differs"].format(one, other)
