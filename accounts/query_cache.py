"""Queries that are put together once: building a queryset and its SQL takes longer than PostgreSQL takes to answer.

Only for queries that gain 1.8 ms of processor time or more by it, as was measured; all others are built anew. It rests
on the compiler of Django's queries, which is no public interface: tests/accounts/test_query_cache.py would notice.

    OPEN_TASKS = Rows(lambda user, record, today: Task.objects.visible_to(user).filter(stakeholder=record, ...))
    OPEN_TASKS(user, record=7, today=today)     a list of tasks

The first time, the question is built with marks in the places of the asker, the numbers and the days, and kept for all
who have the same roles and speak the same language; afterwards only the values change. Texts, booleans and None belong
to the form of a question, so no free text may be among them. A question that a mark does not pass through unchanged
(a day that was reckoned with, say) is found out when it is learned, and is built anew each time. What `build` looks up
by itself is not: no clock, no number of the centre and no row of the database may be asked inside it.
"""

from copy import copy
from dataclasses import dataclass
from datetime import date

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.utils.translation import get_language

from accounts.models import User

MARKER_NUMBER = -(2**40)
MARKER_DAY = date(1, 1, 1)  # the day on which nobody asks; the days of values are marked by later ones


@dataclass(frozen=True)
class Placeholder:
    """Where the value `name` stands among the parameters."""

    name: str


@dataclass(frozen=True)
class CompiledQuery:
    """The SQL, its parameters with Marks in them, and what it was built from."""

    sql: str
    params: tuple
    source: object

    def with_values(self, values):
        return tuple(values[param.name] if isinstance(param, Placeholder) else param for param in self.params)


class PreparedQuery:
    """`build(user, **values)` puts the question together; subclasses say what it is made of and how it is asked."""

    def __init__(self, build):
        self.build, self.known = build, {}

    def cached(self, user, values):
        """What was learned for the form of this question, or None when it has to be built anew.

        Who stands in for a colleague today sees more than the roles say.
        """
        if getattr(user, "stands_in", None) is not False:
            return None
        form = (
            connection.vendor,
            get_language(),
            *user_cache_key(user),
            *sorted(map(value_cache_key, values.items())),
        )
        if form not in self.known:
            self.known[form] = self.compile_and_verify(user, values)
        return self.known[form]

    def compile_and_verify(self, user, values):
        nobody, marks, marked = placeholders_for(user, values)
        sql, params, source = self.compiled(self.build(nobody, **marked))
        found = CompiledQuery(sql, tuple(marks.get(hashable(param), param) for param in params), source)
        sql, params, _source = self.compiled(self.build(user, **values))
        return (
            found
            if (sql, tuple(params)) == (found.sql, found.with_values(placeholder_values(user, values)))
            else None
        )


class PreparedSql(PreparedQuery):
    """A question in SQL: `build` and a call both give the SQL and its parameters."""

    def compiled(self, built):
        return *built, None

    def __call__(self, user, **values):
        found = self.cached(user, values)
        return (
            (found.sql, found.with_values(placeholder_values(user, values)))
            if found
            else self.build(user, **values)
        )


class PreparedRows(PreparedQuery):
    """A question as a queryset: `build` gives it, a call gives its rows as a list."""

    def compiled(self, built):
        compiler = built.query.get_compiler(built.db)
        try:
            return *compiler.as_sql(), (built, compiler)
        except EmptyResultSet:  # nobody with these roles is ever answered with a row
            return "", (), None

    def __call__(self, user, **values):
        found = self.cached(user, values)
        if found is None:
            return list(self.build(user, **values))
        if not found.sql:
            return []
        queryset, compiler = found.source
        answer = (found.sql, found.with_values(placeholder_values(user, values)))
        rows, compiler = queryset.all(), copy(compiler)
        compiler.connection, compiler.as_sql = connection, lambda *_args, **_kwargs: answer
        rows.query.get_compiler = lambda *_args, **_kwargs: compiler
        return list(rows)


def user_cache_key(user):
    ways = ("?",) if user.ways is None else sorted(user.ways)
    return user.is_active, bool(user.department_id), *sorted(user.roles), *ways


def value_cache_key(pair):
    """The part that a value has in the form of a question. Raises TypeError for what is neither form nor value."""
    name, value = pair
    if is_placeholder_value(value):
        return name, type(value).__name__, ""
    if value is not None and not isinstance(value, str | bool):
        raise TypeError(f"{name} can be no part of a prepared question: {value!r}")
    return name, "", repr(value)


def is_placeholder_value(value):
    return type(value) in (int, date)


def placeholders_for(user, values):
    """Somebody with the roles of `user` who is nobody, {parameter: Mark}, and the values with marks among them."""
    nobody = User(pk=MARKER_NUMBER, roles=user.roles, is_active=user.is_active)
    nobody.department_id, nobody.stands_in = MARKER_NUMBER - 1 if user.department_id else None, False
    nobody.asked_on, nobody.ways = MARKER_DAY, user.ways
    marked = {
        name: (MARKER_NUMBER - place if type(value) is int else date(1, 1, place))
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
        MARKER_NUMBER: Placeholder("user"),
        MARKER_NUMBER - 1: Placeholder("department"),
        database_value(MARKER_DAY): Placeholder("asked_on"),
    }
    return nobody, marks | known, marked


def placeholder_values(user, values):
    """What the Marks stand for."""
    asker = {"user": user.pk, "department": user.department_id, "asked_on": database_value(user.asked_on)}
    return asker | {name: database_value(value) for name, value in values.items()}


def database_value(value):
    """A value as the database at hand is given it."""
    return connection.ops.adapt_datefield_value(value) if type(value) is date else value


def hashable(param):
    return param if type(param) in (int, str, date) else None
