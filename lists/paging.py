"""Pages of a long list by the last row seen, and counts that stop at 1,001: both cost the same on every page."""

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

    `read` makes the value of `key` from the text in an address.
    """

    key: str
    read: Callable = str
    descending: bool = False


@dataclass
class Page:
    """The rows of one page, the addresses' cursors to both sides (or None), and the place of the first row."""

    rows: list
    newer: str | None
    older: str | None
    first: int

    @property
    def last(self):
        return self.first + len(self.rows) - 1


@dataclass(frozen=True)
class Cursor:
    """Where a page begins: after (or before) the row with this value and pk, which stood at `place`."""

    value: object
    pk: int
    place: int
    backwards: bool


def page_of(rows, order, data, size=PAGE_SIZE, with_columns=None):
    """The page of the queryset `rows` that `data` (the address) asks for with `after` or `before`.

    `with_columns` turns the queryset of the chosen primary keys into a queryset of the rows to show (with the key of
    the order), so that what only the shown rows need is not worked out for all. A cursor nobody can read gives the
    first page.
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
    """The first page from its rows and one more (a list), however they were found."""
    return page_around(chosen[:size], order, None, len(chosen) > size)


def page_around(shown, order, cursor, more):
    """The Page of the rows `shown`, which begin after `cursor` (or before it); `more` says whether others follow."""
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
    """(a, b) < (c, d) or >: compared as rows, so that an index by both columns begins just there."""

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
    """The rows that come after the cursor in the direction of reading."""
    word = "<" if order.descending != cursor.backwards else ">"
    return RowComparison(F(order.key), F("pk"), Value(cursor.value), Value(cursor.pk), word=word)


def cursor_text(row, order, place):
    """The cursor of a row as an address holds it."""
    return f"{getattr(row, order.key)}~{row.pk}~{place}"


def parse_cursor(data, order):
    backwards = "before" in data
    value, _tilde, rest = str(data.get("before") or data.get("after") or "").partition("~")
    pk, _tilde, place = rest.partition("~")
    try:
        found = Cursor(order.read(value), int(pk), int(place), backwards)
    except ValueError:
        return None
    return found if 0 < found.pk < 2**63 and 0 < found.place < 2**31 else None


def page_links(page, values, link=link_to):
    """The links to the pages on both sides, {"newer", "older"}, None where there is none."""
    values = without_names(values, *CURSORS)
    return {
        "newer": page.newer and link(values | {"before": page.newer}),
        "older": page.older and link(values | {"after": page.older}),
    }


def format_count(count):
    """42, or 1,000+ for a count that was cut off."""
    return "1,000+" if count >= COUNT_CAP else f"{count:,}"


def capped_counts(querysets):
    """How many rows each of `querysets` (a dict) has, counted to 1,001 at most, in one statement."""
    if not querysets:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(*capped_counts_sql(querysets.values()))
        return dict(zip(querysets, cursor.fetchone(), strict=True))


def capped_counts_sql(querysets):
    """That statement and its parameters."""
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
