"""The first matches of a search for each kind, best first, in one SQL query.

A search has up to six conditions for each kind: characters, initials and pinyin, at the start of the name, anywhere in
it, and among the contact persons. The values that differ are rows of a VALUES table, so that PostgreSQL plans the
condition once: planning eighteen subqueries would take longer than running them.
"""

from dataclasses import dataclass

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import CharField, Exists, Expression, F

from accounts.roles import Scope
from relations.models import SearchToken, Stakeholder
from relations.search.index import NUMBER, PERSON, names_queryset, ranked_conditions
from relations.search.pinyin import normalize_width

FEW_RECORDS = 1000
COLLECT_PKS = {"postgresql": "array_agg(one.found)", "sqlite": "group_concat(one.found)"}


class QueryColumn(Expression):
    """A column of the VALUES table `asked`."""

    def __init__(self, name):
        super().__init__(output_field=CharField())
        self.name = name

    def as_sql(self, compiler, connection):
        return f"asked.{self.name}", []


@dataclass(frozen=True)
class QueryShape:
    """Queries of one shape share one SQL plan: number of tokens, extra condition, and whether that is on people."""

    pieces: int
    check: object
    of_people: bool


def search_ranked(user, query, kinds, most):
    """Returns [{pk: rank}] of the matches visible to `user`: the first `most` for each of `kinds` (tuples of kinds)."""
    visible, query = Stakeholder.objects.visible_to(user), query.strip()
    if NUMBER.fullmatch(normalize_width(query)):
        rows = visible.filter(number=normalize_width(query).upper()).values_list("pk", "kind")
        return [{pk: 0 for pk, kind in rows if kind in together} for together in kinds]
    if (few := visible_pks_if_few(user, visible)) is not None:
        (ranks,) = best_ranks(queries_by_shape(query, [("", "")]), 1, lambda shape: match_among(few, shape))
        found = [{pk: rank for pk, rank in ranks.items() if few[pk] in together} for together in kinds]
    else:
        queries = queries_by_shape(query, kinds)
        found = best_ranks(queries, len(kinds), lambda shape: matching_rows(visible, shape, most))
    return [dict(sorted(ranks.items(), key=lambda pair: (pair[1], pair[0]))[:most]) for ranks in found]


def visible_pks_if_few(user, seen):
    """Returns {pk: kind} of all records visible to a user with few records, else None; tokens are then matched among
    these pks only.
    """
    if user.widest_scope != Scope.OWN:
        return None
    few = dict(seen.order_by().values_list("pk", "kind")[: FEW_RECORDS + 1])
    return few if len(few) <= FEW_RECORDS else None


def best_ranks(asked, groups, rows_of):
    """Returns [{pk: best rank}], one dict per group; `rows_of(shape)` is a queryset of the matching pks."""
    best = [{} for _group in range(groups)]
    for group, rank, pks in run_queries(asked, rows_of):
        for pk in pks:
            best[group][pk] = min(rank, best[group].get(pk, rank))
    return best


def queries_by_shape(query, kinds):
    """Returns {QueryShape: [(group, rank, kind, other kind, *tokens)]}."""
    by_shape = {}
    for rank, place, tokens, check in ranked_conditions(query):
        lines = by_shape.setdefault(QueryShape(len(tokens), check, place == PERSON if check else False), [])
        lines += [(group, rank, together[0], together[-1], *tokens) for group, together in enumerate(kinds)]
    return by_shape


def run_queries(asked, rows_of):
    """Runs the queries as one SQL query; returns (group, rank, list of pks) tuples."""
    tables, parts, before, params = [], [], [], []
    for number, (shape, lines) in enumerate(asked.items()):
        try:
            sql, values = rows_of(shape).query.sql_with_params()
        except EmptyResultSet:
            return []
        row = f"({', '.join(['%s'] * len(lines[0]))})"
        columns = ", ".join(["place", "rank", "kind", "other", *token_column_names(shape)])
        tables.append(f"asked{number}({columns}) AS (VALUES {', '.join([row] * len(lines))})")
        gathered = f"(SELECT {COLLECT_PKS[connection.vendor]} FROM ({sql}) one)"  # noqa: S608  the ORM's own SQL
        parts.append(f"SELECT asked.place, asked.rank, {gathered} FROM asked{number} asked")  # noqa: S608
        before += [value for line in lines for value in line]
        params += values
    if not parts:
        return []
    with connection.cursor() as cursor:
        cursor.execute(f"WITH {', '.join(tables)} {' UNION ALL '.join(parts)}", [*before, *params])
        return [(group, rank, parse_pks(pks)) for group, rank, pks in cursor.fetchall() if pks]


def matching_rows(seen, shape, most):
    rows = seen.filter(kind__in=[QueryColumn("kind"), QueryColumn("other")])
    for name in token_column_names(shape):
        rows = rows.filter(tokens__token=QueryColumn(name))
    if shape.check:
        rows = rows.filter(
            Exists(names_queryset(PERSON if shape.of_people else "", "pk").filter(shape.check))
        )
    return rows.order_by("pk").values(found=F("pk"))[:most]


def match_among(few, shape):
    """Like `matching_rows`, but among the pks of `few`, without reading the table of stakeholders."""
    first, *others = token_column_names(shape)
    rows = SearchToken.objects.filter(token=QueryColumn(first), stakeholder__in=list(few))
    for name in others:
        rows = rows.filter(
            stakeholder__in=SearchToken.objects.filter(token=QueryColumn(name)).values("stakeholder")
        )
    if shape.check:
        place = PERSON if shape.of_people else ""
        rows = rows.filter(Exists(names_queryset(place, "stakeholder").filter(shape.check)))
    return rows.annotate(found=F("stakeholder")).values("found")


def token_column_names(shape):
    return [f"piece{number}" for number in range(shape.pieces)]


def parse_pks(gathered):
    """Parses the pks aggregated by COLLECT_PKS: a list (PostgreSQL) or comma-separated text (SQLite)."""
    return gathered if isinstance(gathered, list) else [int(text) for text in gathered.split(",")]
