"""Related rows as a JSON column of the main query, so that a list needs no further query per record."""

from datetime import date, datetime, time
from types import SimpleNamespace

from django.db.models import JSONField, Subquery
from django.db.models.functions import JSONObject


class InnerRows(Subquery):
    """An annotation: the rows of `queryset` in its order, as a list of dicts of `fields` (name -> expression)."""

    output_field = JSONField()

    def __init__(self, queryset, **fields):
        super().__init__(queryset.values(line=JSONObject(**fields)))

    def as_sqlite(self, compiler, connection, **context):
        template = "(SELECT json_group_array(json(one.line)) FROM (%(subquery)s) one)"
        return self.as_sql(compiler, connection, template, **context)

    def as_postgresql(self, compiler, connection, **context):
        template = "(SELECT jsonb_agg(one.line) FROM (%(subquery)s) one)"
        return self.as_sql(compiler, connection, template, **context)


def rows_as_objects(rows):
    """Converts the value of an InnerRows (None without rows) to objects, with dates and times parsed by name suffix."""
    return [
        SimpleNamespace(**{name: parse_value(name, value) for name, value in row.items()})
        for row in rows or ()
    ]


def parse_value(name, value):
    if isinstance(value, str) and value:
        if name.endswith("_on") or name == "last_day":
            return date.fromisoformat(value)
        if name.endswith("_at"):
            return datetime.fromisoformat(value)
        if name.endswith("_time"):
            return time.fromisoformat(value)
    return value
