"""Who waits for whom while duties are derived, on PostgreSQL; SQLite has one writer at a time."""

from contextlib import contextmanager
from datetime import date

import pytest
from django.db import OperationalError, connection, transaction

from relations.duties import settlement as duties
from relations.models import CadenceRule, Duty, Stakeholder
from relations.rules import versions as rules
from tests.concurrency import another_connection
from tests.factories.employers import EmployerFactory
from tests.factories.relations import InteractionFactory

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]
TODAY = date(2026, 11, 20)


@pytest.fixture
def employer(at):
    at(TODAY)
    return EmployerFactory(active=True)


@contextmanager
def another_writer(writes, keeps=False):
    """Another connection runs `writes` and keeps its transaction open meanwhile; afterwards it is taken back.

    With `keeps` it is committed.
    """

    def write(wait):
        writes()
        wait()
        transaction.set_rollback(not keeps)

    with another_connection(write):
        yield


def test_deriving_all_gives_way_to_a_long_writer_of_duties(employer, monkeypatch):
    monkeypatch.setattr(duties, "LOCK_TIMEOUT", "200ms")
    with another_writer(lambda: Duty.objects.update(notified=1)), pytest.raises(OperationalError):
        duties.rebuild(TODAY)
    assert duties.rebuild(TODAY).written == 0


def test_changed_rule_is_left_to_the_sweep_beside_a_long_writer(employer, monkeypatch):
    monkeypatch.setattr(duties, "LOCK_TIMEOUT", "200ms")
    rule = CadenceRule.objects.get(code="resident-contact")
    with another_writer(lambda: Duty.objects.update(notified=1)):
        assert not rules.derived_at_once(rule, date(2026, 11, 1), TODAY)
    assert rules.derived_at_once(rule, date(2026, 11, 1), TODAY)


def test_record_held_for_a_contact_lets_its_foreign_keys_be_checked(employer):
    """A sweep that wrote a duty of the record asks for its key at the commit; the two must not wait for each other."""

    def hold():
        list(Stakeholder.objects.select_for_update(no_key=True).filter(pk=employer.pk))

    with another_writer(hold), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL lock_timeout = '2s'")
        cursor.execute("SELECT 1 FROM relations_stakeholder WHERE id = %s FOR KEY SHARE", [employer.pk])


def test_contact_is_saved_while_another_transaction_has_settled_the_same_table(employer):
    other = EmployerFactory(active=True)
    with another_writer(lambda: InteractionFactory(stakeholder=other)):
        InteractionFactory(stakeholder=employer)
    assert duties.differences(TODAY) == 0
