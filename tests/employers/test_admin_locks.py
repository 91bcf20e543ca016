"""A correction on the admin site locks the parent tables too, and so does not undo a concurrent hand-over."""

from contextlib import contextmanager

import pytest
from django.contrib import admin
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from accounts.admin_base import CorrectionAdmin
from accounts.locking import lock_with_parents, lockable_tables
from employers.models import Contract, Employer
from relations.models import Stakeholder
from relations.parties import actions as register
from tests.concurrency import another_connection, is_waited_for
from tests.factories.accounts import UserFactory
from tests.factories.employers import EmployerFactory
from tests.test_admin import page, typed

CORRECTED = [model for model, shown in admin.site._registry.items() if isinstance(shown, CorrectionAdmin)]


@pytest.mark.parametrize("model", [Employer, Contract])
def test_parents_are_named(model):
    (parent,) = model._meta.parents
    assert lockable_tables(model) == ("self", model._meta.parents[parent].name)


def test_there_are_corrected_models_of_several_tables():
    assert {Employer, Contract} <= set(CORRECTED)


def test_model_of_one_table_names_itself_alone():
    assert lockable_tables(Stakeholder) == ("self",)


@pytest.mark.postgres
@pytest.mark.django_db
@pytest.mark.parametrize("model", CORRECTED)
def test_every_corrected_model_is_locked_in_all_its_tables(model):
    with transaction.atomic(), CaptureQueriesContext(connection) as queries:
        list(lock_with_parents(model._base_manager.all()))
    _select, _of, locked = queries[-1]["sql"].partition("FOR NO KEY UPDATE OF ")
    tables = {model._meta.db_table, *(parent._meta.db_table for parent in model._meta.get_parent_list())}
    assert {name.strip(' "') for name in locked.split(",")} == tables


@contextmanager
def hand_over_that_waits(employer, to, by, today):
    """Context manager: another connection hands `employer` over, and commits once this one waits for it or is done."""

    def hand_over(wait):
        register.hand_over(Stakeholder.objects.filter(pk=employer.pk), to=to, by=by, today=today)
        wait(until=is_waited_for)

    with another_connection(hand_over):
        yield


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_hand_over_beside_a_correction_is_not_undone(client, at):
    today = at("2026-10-12")
    administrator, taker = UserFactory(administrator=True, roles=["administrator", "director"]), UserFactory()
    employer = EmployerFactory(responsible=UserFactory())
    client.force_login(administrator)
    form_data = typed(client, employer, note="改过的备注")
    with hand_over_that_waits(employer, taker, administrator, today):
        answer = client.post(page(employer), form_data)
    employer.refresh_from_db()
    assert employer.responsible == taker
    assert (answer.status_code, employer.note) in [(302, "改过的备注"), (409, "")]
