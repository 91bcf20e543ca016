"""Keyset pagination, and counts that stop at 1,001: the cost is the same for every page of a long list."""

from collections.abc import Callable
from dataclasses import dataclass

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import BooleanField, F, Func, Value

from lists.query import CURSORS, without_names
from lists.query import link as link_to

COUNT_CAP = 1001
PAGE_SIZE = 25


@dataclass(frozen=True)
class Order:
    """One way to order a list: by `key` (a column or annotation that is never NULL), then by pk.

    `read` converts the text of a cursor into a value of `key`.
    """

    key: str
    read: Callable = str
    descending: bool = False


@dataclass
class Page:
    """One page: its rows, the cursors of the pages on both sides (or None), and the position of the first row."""

    rows: list
    newer: str | None
    older: str | None
    first: int

    @property
    def last(self):
        return self.first + len(self.rows) - 1


@dataclass(frozen=True)
class Cursor:
    """Where a page starts: after (or before) the row with this value and pk, which was at position `place`."""

    value: object
    pk: int
    place: int
    backwards: bool


def page_of(rows, order, data, size=PAGE_SIZE, with_columns=None):
    """Returns the Page of the queryset `rows` at the cursor in `data` (the query string: `after` or `before`).

    `with_columns` converts the queryset of the chosen primary keys into a queryset of the rows to show (which must
    include the key of the order), so that columns needed only for display are not computed for all rows. An
    unreadable cursor gives the first page.
    """
    cursor = parse_cursor(data, order)
    backwards = bool(cursor and cursor.backwards)
    ordered = rows.order_by(*order_columns(order, backwards))
    if cursor:
        ordered = ordered.filter(after_cursor(cursor, order))
    if with_columns:
        chosen = list(
            with_columns(ordered.values("pk")[: size + 1]).order_by(*order_columns(order, backwards))
        )
    else:
        chosen = list(ordered[: size + 1])
    more, shown = len(chosen) > size, chosen[:size]
    if backwards:
        shown.reverse()
    return page_around(shown, order, cursor, more)


def first_page(chosen, order, size=PAGE_SIZE):
    """Returns the first page, given its rows and one more (a list), whichever query they came from."""
    return page_around(chosen[:size], order, None, len(chosen) > size)


def page_around(shown, order, cursor, more):
    """Returns the Page of the rows `shown`, next to `cursor`; `more` says whether further rows follow."""
    backwards = bool(cursor and cursor.backwards)
    first = 1
    if cursor:
        first = cursor.place - len(shown) if backwards else cursor.place + 1
    page = Page(shown, None, None, max(first, 1))
    if shown and (more if backwards else cursor):
        page.newer = cursor_text(shown[0], order, page.first)
    if shown and (cursor if backwards else more):
        page.older = cursor_text(shown[-1], order, page.last)
    return page


def order_columns(order, backwards=False):
    sign = "-" if order.descending != backwards else ""
    return f"{sign}{order.key}", f"{sign}pk"


class RowComparison(Func):
    """(a, b) < (c, d) or >: compared as rows, so that an index on both columns finds the start directly."""

    output_field = BooleanField()

    def __init__(self, *expressions, word="<", **extra):
        super().__init__(*expressions, word=word, **extra)

    def as_sql(self, compiler, connection, **extra):
        parts, params = [], []
        for expression in self.get_source_expressions():
            sql, values = compiler.compile(expression)
            parts.append(sql)
            params += values
        return "({}, {}) {} ({}, {})".format(*parts[:2], self.extra["word"], *parts[2:]), params


def after_cursor(cursor, order):
    """The condition on rows that come after the cursor in the direction of reading."""
    word = "<" if order.descending != cursor.backwards else ">"
    return RowComparison(F(order.key), F("pk"), Value(cursor.value), Value(cursor.pk), word=word)


def cursor_text(row, order, place):
    """Returns the cursor of a row as text for the query string."""
    return f"{getattr(row, order.key)}~{row.pk}~{place}"


def parse_cursor(data, order):
    backwards = "before" in data
    value, _tilde, rest = str(data.get("before") or data.get("after") or "").partition("~")
    pk, _tilde, place = rest.partition("~")
    try:
        cursor = Cursor(order.read(value), int(pk), int(place), backwards)
    except ValueError:
        return None
    return cursor if 0 < cursor.pk < 2**63 and 0 < cursor.place < 2**31 else None


def page_links(page, values, link=link_to):
    """Returns the links to the neighbouring pages: {"newer", "older"}, None where there is none."""
    values = without_names(values, *CURSORS)
    return {
        "newer": page.newer and link(values | {"before": page.newer}),
        "older": page.older and link(values | {"after": page.older}),
    }


def format_count(count):
    """42, or 1,000+ for a count that was cut off."""
    return "1,000+" if count >= COUNT_CAP else f"{count:,}"


def capped_counts(querysets):
    """Returns {name: number of rows} for `querysets` (a dict), each counted to 1,001 at most, in one query."""
    if not querysets:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(*capped_counts_sql(querysets.values()))
        return dict(zip(querysets, cursor.fetchone(), strict=True))


def capped_counts_sql(querysets):
    """Returns the SQL of `capped_counts` and its parameters."""
    parts, params = [], []
    for rows in querysets:
        part, values = count_sql(rows)
        parts.append(part)
        params += values
    return "SELECT " + ", ".join(parts), params


def count_sql(rows):
    try:
        sql, params = rows.order_by().values("pk")[:COUNT_CAP].query.sql_with_params()
    except EmptyResultSet:
        return "0", ()
    return f"(SELECT COUNT(*) FROM ({sql}) counted)", params  # noqa: S608  the ORM's own SQL
