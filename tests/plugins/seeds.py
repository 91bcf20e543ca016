"""Restores the rows seeded by migrations (rules, tiers, holidays) after tests with real transactions.

Such a test ends with all tables emptied. Django would restore the seeds only before the next test of this kind, row by
row; here they are restored immediately and in bulk, so that the order of tests does not matter. On PostgreSQL rows are
deleted: TRUNCATE makes new files for each of a hundred tables and their indexes, 0.6 s a test.
"""

from itertools import groupby

import pytest
from django.core import serializers
from django.db import connection, connections, transaction
from pytest_django.plugin import blocking_manager_key

SEEDS = []


def is_transactional(item):
    """Whether pytest-django runs this test with real transactions and a flush at the end."""
    mark = item.get_closest_marker("django_db")
    is_marked = mark and (mark.kwargs.get("transaction") or mark.kwargs.get("reset_sequences"))
    fixtures = {"transactional_db", "live_server", "django_db_reset_sequences"}
    return bool(is_marked or fixtures & set(getattr(item, "fixturenames", ())))


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items):
    for item in items:
        if is_transactional(item):
            mark = item.get_closest_marker("django_db")
            options = {**(mark.kwargs if mark else {}), "transaction": True, "serialized_rollback": True}
            item.add_marker(pytest.mark.django_db(**options), append=False)


@pytest.fixture(scope="session")
def django_db_keepdb():
    """Does not drop the database, which would fail on open connections; file or cluster is deleted anyway."""
    return True


@pytest.fixture(scope="session", autouse=True)
def _emptied_without_new_files():
    """Replaces what Django's `flush` runs on PostgreSQL."""
    with pytest.MonkeyPatch.context() as patch:
        if connection.vendor == "postgresql":
            patch.setattr(type(connection.ops), "sql_flush", sql_to_empty)
        yield


def sql_to_empty(operations, style, tables, *, reset_sequences=False, allow_cascade=False):
    """Returns the SQL that empties `tables`, without triggers and foreign keys, once nobody else writes into them."""
    if reset_sequences:
        raise NotImplementedError("no test asks for new sequences")
    names = [operations.quote_name(table) for table in tables]
    return [
        "SET LOCAL session_replication_role = replica",
        f"LOCK TABLE {', '.join(names)} IN SHARE ROW EXCLUSIVE MODE",
        *(f"DELETE FROM {name}" for name in names),
    ]


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker):
    """Moves the serialized seeds to SEEDS and leaves Django an empty list, so that it restores no rows itself.

    The list is set on the class, because Django uses another connection object once Playwright's event loop runs.
    """
    with django_db_blocker.unblock():
        contents = getattr(connection, "_test_serialized_contents", None)
        if contents:
            SEEDS[:] = list(serializers.deserialize("json", contents))
            del connection._test_serialized_contents
            type(connections["default"])._test_serialized_contents = "[]"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item, nextitem):
    try:
        return (yield)
    finally:
        if SEEDS and nextitem and is_transactional(item):
            with item.config.stash[blocking_manager_key].unblock():
                put_seeds_back()


def put_seeds_back():
    """Inserts every seeded row with its original key; rows of child models and with many-to-many data one by one."""
    if type(SEEDS[0].object)._base_manager.exists():
        return  # the test ended before it used the database, and nothing was emptied
    with transaction.atomic(), connection.constraint_checks_disabled():
        for model, rows in groupby(SEEDS, key=lambda row: type(row.object)):
            rows = list(rows)
            if model._meta.parents or any(row.m2m_data for row in rows):
                for row in rows:
                    row.save()
            else:
                model._base_manager.bulk_create([row.object for row in rows])
