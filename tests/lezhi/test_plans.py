"""No frequent page scans a large table: checks the query plans of its real SQL statements.

A town of 7,000 records and 100,000 contacts is large enough for PostgreSQL to prefer an index to a scan; `python -m
benchmarks plans` checks the same pages at city scale.
"""

import pytest
from django.db import connection, transaction

from benchmarks import people, plans, statements
from lezhi.demo import city
from reminders import clock, steps

pytestmark = [pytest.mark.postgres, pytest.mark.django_db]
TOWN = city.Size(500, 6_500, 100_000, 40_000, 40, 80)
CONTACTS, LEAST = "relations_interaction", 5_000


@pytest.fixture(scope="module")
def town(django_db_setup, django_db_blocker):
    """A town filled like the city, with the reminders of one day; rolled back afterwards."""
    with django_db_blocker.unblock():
        try:
            with transaction.atomic():
                city.disable_foreign_key_checks()
                city.fill(clock.today(), city.Random(1), TOWN, lambda what: None)
                steps.sweep(clock.today())
                settle()
                yield people.city()
                transaction.set_rollback(True)
        finally:
            connection.close()


def settle():
    """Resets server settings that filling leaves until the end of the transaction, and updates statistics."""
    with connection.cursor() as cursor:
        for name in ("enable_nestloop", "enable_sort", "work_mem", "session_replication_role"):
            cursor.execute(f"RESET {name}")
        for name in (
            "join_collapse_limit",
            "from_collapse_limit",
        ):  # as of real use; the tests' own are smaller
            cursor.execute(f"SET LOCAL {name} = 8")
        cursor.execute("ANALYZE")


def statements_of(town, words):
    """Returns the SQL statements of one page."""
    asker, path, form = plans.pages(town)[words]
    return statements.statements_of_page(asker, path, form).statements


def test_frequent_pages_scan_no_large_table(town):
    large = plans.large(LEAST)
    assert {CONTACTS, "relations_stakeholder", "relations_duty", "reminders_reminder"} <= set(large)
    found = {words: plans.scans_of(statements_of(town, words), large) for words in plans.pages(town)}
    assert {words: scans for words, scans in found.items() if scans} == {}


def test_scan_is_seen_when_an_index_is_gone(town):
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("DROP INDEX interaction_newest")
        found = plans.scans_of(statements_of(town, "contacts, director"), plans.large(LEAST))
        transaction.set_rollback(True)
    assert CONTACTS in {table for table, _sql in found}
