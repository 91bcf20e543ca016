"""Queries that are compiled once: building a queryset and its SQL takes longer than PostgreSQL takes to run it.

Only for queries that gain 1.8 ms of processor time or more, as measured; all others are built each time. It relies on
Django's SQL compiler, which is no public interface: tests/accounts/test_query_cache.py fails when that changes.

    OPEN_TASKS = PreparedRows(lambda user, record, today: Task.objects.visible_to(user).filter(stakeholder=record, ...))
    OPEN_TASKS(user, record=7, today=today)     a list of tasks

The first time, the query is built with placeholders for the user, the numbers and the dates, and cached for all users
who have the same roles and language; afterwards only the values change. Texts, booleans and None are part of the
cache key, so no free text may be among them. A query that changes a placeholder (for example by date arithmetic) is
detected when it is compiled, and is built each time. What `build` looks up by itself is not detected: it must not
read the clock, a parameter of the centre or a row of the database.
"""

from copy import copy
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models.expressions import RawSQL
from django.utils.translation import get_language

from accounts import server_statements
from accounts.models import User
from accounts.server_statements import Placeholder

# The values of the user of a query, by the names of their placeholders; no value of a query is named with a dot.
ASKER_TYPES = {"user.pk": int, "user.department_id": int, "user.request_day": date}
NO_ROWS = "SELECT 0 WHERE 1 = 0", ()  # SQL and parameters
MARKER_NUMBER = -(2**40)
# Never the day of a request, nor the first of a period; other dates use the days after it.
MARKER_DAY = date(1801, 5, 17)


@dataclass(frozen=True)
class CompiledQuery:
    """The SQL, its parameters with Placeholders in them, and the objects it was built from.

    `types` are the Python types of the values of the Placeholders, by name.
    """

    sql: str
    params: tuple
    source: object
    types: dict

    def with_values(self, values):
        return tuple(values[param.name] if isinstance(param, Placeholder) else param for param in self.params)

    @cached_property
    def server_statement(self):
        return server_statements.ServerStatement(self.sql, self.params, self.types)


class PreparedQuery:
    """A cached query: `build(user, **values)` returns it; subclasses define its type and how it is run.

    `is_planned_once`: PostgreSQL plans it once for all values (accounts.server_statements), with whole numbers as
    bigint. False for a query whose plan hangs on the width of its range of days.
    """

    def __init__(self, build, *, is_planned_once=True):
        self.build, self.known, self.is_planned_once = build, {}, is_planned_once

    def execution(self, query, user, values):
        """Returns (SQL, parameters) to execute `query`, a CompiledQuery, for `user` and `values`."""
        values = placeholder_values(user, values)
        if self.is_planned_once and server_statements.is_usable():
            return query.server_statement.execution(values)
        return query.sql, query.with_values(values)

    def cached(self, user, values):
        """Returns the CompiledQuery for these roles and values, or None when the query has to be built each time.

        Not for a user of whom it is not known whether they stand in for a colleague today: the SQL differs.
        """
        if getattr(user, "stands_in", None) is None:
            return None
        key = (
            connection.vendor,
            get_language(),
            *user_cache_key(user),
            *sorted(map(value_cache_key, values.items())),
        )
        if key not in self.known:
            self.known[key] = self.compile_and_verify(user, values)
        return self.known[key]

    def compile_and_verify(self, user, values):
        nobody, marks, marked = placeholders_for(user, values)
        sql, params, source = self.compiled(self.build(nobody, **marked))
        params = tuple(marks.get(hashable(param), param) for param in params)
        compiled = CompiledQuery(
            sql,
            params,
            source,
            ASKER_TYPES
            | {name: type(value) for name, value in values.items() if is_placeholder_value(value)},
        )
        sql, params, _source = self.compiled(self.build(user, **values))
        return (
            compiled
            if (sql, tuple(params)) == (compiled.sql, compiled.with_values(placeholder_values(user, values)))
            else None
        )


class PreparedSql(PreparedQuery):
    """A query as SQL: `build` and a call both return the SQL and its parameters; `fetch` returns its rows."""

    def compiled(self, built):
        return *built, None

    def __call__(self, user, **values):
        query = self.cached(user, values)
        return (
            (query.sql, query.with_values(placeholder_values(user, values)))
            if query
            else self.build(user, **values)
        )

    def fetch(self, user, **values):
        """Executes the query. Returns its rows as a list of tuples."""
        query = self.cached(user, values)

        def execute():
            execution = self.execution(query, user, values) if query else self.build(user, **values)
            with connection.cursor() as cursor:
                cursor.execute(*execution)
                return cursor.fetchall()

        return server_statements.executed(execute)


class PreparedRows(PreparedQuery):
    """A query as a queryset: `build` returns it, a call returns its rows as a list."""

    def compiled(self, built):
        compiler = built.query.get_compiler(built.db)
        try:
            return *compiler.as_sql(), (built, compiler)
        except EmptyResultSet:  # users with these roles never get a row
            return "", (), None

    def __call__(self, user, **values):
        query = self.cached(user, values)
        if query is None:
            return list(self.build(user, **values))
        if not query.sql:
            return []
        return server_statements.executed(lambda: self.rows(query, self.execution(query, user, values)))

    def rows(self, query, execution):
        """Returns the rows of the CompiledQuery `query` as a list; `execution` is the SQL to run and its parameters."""
        queryset, compiler = query.source
        rows, compiler = queryset.all(), copy(compiler)
        compiler.connection, compiler.as_sql = connection, lambda *_args, **_kwargs: execution
        rows.query.get_compiler = lambda *_args, **_kwargs: compiler
        return list(rows)


class PreparedPks:
    """A cached subquery: `build(user, *key)` returns a queryset of one column that uses of `user` only pk and day.

    A call returns it as an expression for `__in`, for any user: it stands within a larger query, which is built each
    time. (`visible_to` of a user of no session took 54-66 ms to build with the inner queries, and 4-6 ms with these.)
    `key` must hold everything else that the SQL hangs on.
    """

    def __init__(self, build):
        self.build, self.known = build, {}

    def __call__(self, user, *key):
        place = (connection.vendor, *key)
        if place not in self.known:
            self.known[place] = self.compiled(*key)
        sql, params = self.known[place]
        values = {
            MARKER_NUMBER: user.pk,
            database_value(MARKER_DAY): database_value(user.request_day),
        }
        return RawSQL(sql, [values.get(hashable(param), param) for param in params])  # noqa: S611  compiled by Django

    def compiled(self, *key):
        nobody = User(pk=MARKER_NUMBER)
        nobody.request_day = MARKER_DAY
        return sql_of_pks(self.build(nobody, *key))


def sql_of_pks(rows):
    """Returns (SQL, parameters) of a queryset of one column, for use within a larger query."""
    try:
        return rows.order_by().query.sql_with_params()
    except EmptyResultSet:
        return NO_ROWS


def user_cache_key(user):
    sources = ("?",) if user.access_sources is None else sorted(user.access_sources)
    return user.is_active, bool(user.department_id), user.stands_in, *sorted(user.roles), *sources


def value_cache_key(pair):
    """Returns the part of the cache key for a value.

    Raises TypeError for a value that can be neither a placeholder nor part of the key.
    """
    name, value = pair
    if is_placeholder_value(value):
        return name, type(value).__name__, ""
    if value is not None and not isinstance(value, str | bool):
        raise TypeError(f"{name} can be no part of a prepared question: {value!r}")
    return name, "", repr(value)


def is_placeholder_value(value):
    return type(value) in (int, date)


def placeholders_for(user, values):
    """Returns a user, placeholders and values to compile the query with.

    The user has the roles of `user` but belongs to no account; {parameter: Placeholder}; the values with
    placeholders.
    """
    nobody = User(pk=MARKER_NUMBER, roles=user.roles, is_active=user.is_active)
    nobody.department_id, nobody.stands_in = MARKER_NUMBER - 1 if user.department_id else None, user.stands_in
    nobody.request_day, nobody.access_sources = MARKER_DAY, user.access_sources
    marked = {
        name: (MARKER_NUMBER - place if type(value) is int else MARKER_DAY + timedelta(place))
        if is_placeholder_value(value)
        else value
        for place, (name, value) in enumerate(values.items(), start=2)
    }
    marks = {
        database_value(value): Placeholder(name)
        for name, value in marked.items()
        if is_placeholder_value(value)
    }
    known = {
        MARKER_NUMBER: Placeholder("user.pk"),
        MARKER_NUMBER - 1: Placeholder("user.department_id"),
        database_value(MARKER_DAY): Placeholder("user.request_day"),
    }
    return nobody, marks | known, marked


def placeholder_values(user, values):
    """Returns the values that replace the placeholders for `user`: {name: database value}."""
    asker = {
        "user.pk": user.pk,
        "user.department_id": user.department_id,
        "user.request_day": database_value(user.request_day),
    }
    return asker | {name: database_value(value) for name, value in values.items()}


def database_value(value):
    """Returns a value in the form in which the present database receives it as a parameter."""
    return connection.ops.adapt_datefield_value(value) if type(value) is date else value


def hashable(param):
    return param if type(param) in (int, str, date) else None
