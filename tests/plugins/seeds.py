"""Rows that migrations seed (rules, tiers, holidays) survive tests with real transactions.

Such a test ends with every table emptied. Django would put the seeds back before the next test of the same sort only,
row by row; here they are put back at once and in bulk, so that no order of the tests matters.
"""

from itertools import groupby

import pytest
from django.core import serializers
from django.db import connection, connections, transaction
from pytest_django.plugin import blocking_manager_key

SEEDS = []


def is_transactional(item):
    """Does pytest-django run this test with real transactions and a flush at the end?"""
    mark = item.get_closest_marker("django_db")
    wanted = mark and (mark.kwargs.get("transaction") or mark.kwargs.get("reset_sequences"))
    fixtures = {"transactional_db", "live_server", "django_db_reset_sequences"}
    return bool(wanted or fixtures & set(getattr(item, "fixturenames", ())))


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items):
    for item in items:
        if is_transactional(item):
            mark = item.get_closest_marker("django_db")
            options = {**(mark.kwargs if mark else {}), "transaction": True, "serialized_rollback": True}
            item.add_marker(pytest.mark.django_db(**options), append=False)


@pytest.fixture(scope="session")
def django_db_keepdb():
    """Files and cluster are thrown away as a whole: dropping the database would only trip over open connections."""
    return True


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker):
    """Keep the seeds here and leave Django an empty list, which still tells it not to make rows of its own.

    On the class: once Playwright's event loop runs, Django has another connection object in the same thread.
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
    """Insert every seeded row with its own key; rows of a child table and links between tables one by one."""
    if type(SEEDS[0].object)._base_manager.exists():
        return  # the test ended before it came to the database, and nothing was emptied
    with transaction.atomic(), connection.constraint_checks_disabled():
        for model, rows in groupby(SEEDS, key=lambda row: type(row.object)):
            rows = list(rows)
            if model._meta.parents or any(row.m2m_data for row in rows):
                for row in rows:
                    row.save()
            else:
                model._base_manager.bulk_create([row.object for row in rows])
