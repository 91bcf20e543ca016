"""The relationships that the page which closes an account lists: what somebody leaves to others."""

import pytest

from accounts.offboarding import hand_over_items
from tests.factories.accounts import UserFactory
from tests.factories.employers import EmployerFactory
from tests.factories.relations import TaskFactory

pytestmark = pytest.mark.django_db


def test_leaving_names_employers_duties_and_tasks(at):
    today = at("2026-11-22")
    employer = EmployerFactory(active=True)
    TaskFactory(stakeholder=employer)
    counts = {
        str(owed.label): owed.count
        for owed in hand_over_items(employer.responsible, today, by=UserFactory(director=True))
    }
    assert counts["用人单位"] == 1
    assert counts["没做完的待办"] == 1
    assert counts["没做完的应尽事项"] > 1


def test_link_leads_to_just_those_employers(client, at):
    today = at("2026-11-22")
    mine, _other = EmployerFactory(), EmployerFactory()
    director = UserFactory(director=True)
    client.force_login(director)

    href = next(
        owed.href
        for owed in hand_over_items(mine.responsible, today, by=director)
        if str(owed.label) == "用人单位"
    )

    assert [row.record.pk for row in client.get(href).context["rows"]] == [mine.pk]


def test_offboarding_lists_only_existing_duties(at):
    today = at("2026-11-22")

    assert hand_over_items(UserFactory(), today, by=UserFactory(director=True)) == []
