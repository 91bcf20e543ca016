"""Finds full scans of large tables in query plans; used by the benchmarks at city scale and by the tests."""

import json

from django.db import connection

from accounts.server_statements import DEFINITIONS

LARGE = {
    "relations_interaction",
    "relations_ourparticipant",
    "relations_theirparticipant",
    "relations_stakeholder",
    "relations_searchtoken",
    "relations_searchname",
    "relations_duty",
    "reminders_reminder",
    "reminders_delivery",
}


def pages(city):
    """The most frequent pages: {description: (asker, path, form or None)}."""
    own = city.own[0]
    form = {"day": "today", "channel": "phone", "purpose": "ordinary", "content": "谈了下周的活动"}
    return {
        "My work": (city.worker, "/", None),
        "quick log, saved": (city.worker, f"/log/{own}/", form),
        "quick log, opened": (city.worker, f"/log/{own}/", None),
        "record, worker": (city.worker, f"/employers/{own}/", None),
        "record, director": (city.director, f"/employers/{own}/", None),
        "contacts, worker": (city.worker, "/interactions/", None),
        "contacts, head": (city.head, "/interactions/", None),
        "contacts, director": (city.director, "/interactions/", None),
        "contacts, deep": (city.director, f"/interactions/?after={city.deep}~1000", None),
        "search, worker": (city.worker, "/search/?q=lm", None),
        "search, director": (city.director, "/search/?q=李", None),
        "employers, head": (city.head, "/employers/", None),
        "employers, director": (city.director, "/employers/", None),
        "notices": (city.worker, "/notices/", None),
        "dashboard of a team": (city.head, "/dashboard/", None),
    }


# Plan nodes that pass on rows one by one, so that a LIMIT above ends the node below; for a loop: its outer side only.
STREAMING = {"Limit", "Nested Loop", "Subquery Scan", "Append", "Result"}


def large(least=10_000):
    """{name: rows} of those of LARGE with at least `least` rows, according to the statistics of the database."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname, reltuples FROM pg_class WHERE relname = ANY(%s) AND reltuples >= %s",
            [sorted(LARGE), least],
        )
        return dict(cursor.fetchall())


def scanned(statement, tables):
    """A set of those of `tables` ({name: rows}) that PostgreSQL would scan completely for `statement`."""
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (FORMAT JSON) {statement.sql}", statement.params)
        (plan,) = cursor.fetchone()
    plan = json.loads(plan) if isinstance(plan, str) else plan
    scans = [(node, ends) for node, ends in nodes(plan[0]["Plan"]) if node["Node Type"] == "Seq Scan"]
    return {
        node["Relation Name"]
        for node, ends in scans
        if node["Relation Name"] in tables and not (ends and is_common(node, tables[node["Relation Name"]]))
    }


def is_common(node, rows):
    """Whether so many rows match that a scan with a LIMIT ends soon."""
    return node["Plan Rows"] * 10 >= rows


def nodes(plan, ends=False):
    """Yields pairs of a plan node and whether a LIMIT above ends it early."""
    yield plan, ends
    ends = plan["Node Type"] == "Limit" or (ends and plan["Node Type"] in STREAMING)
    for inner in plan.get("Plans", ()):
        yield from nodes(inner, ends and inner.get("Parent Relationship") in ("Outer", "Member"))


def explained(statement):
    """Whether EXPLAIN works for the statement."""
    return (
        statement.sql.lstrip(" (\n")
        .upper()
        .startswith(("SELECT", "WITH", "INSERT", "UPDATE", "DELETE", "EXECUTE"))
    )


def scans_of(statements, tables):
    """[(table, start of the SQL)] for every full scan in `statements`."""
    return [
        (table, DEFINITIONS.get(one.prepared, one.sql)[:200])
        for one in statements
        if explained(one)
        for table in sorted(scanned(one, tables))
    ]
