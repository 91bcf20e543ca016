"""Closing an account reveals nothing about records that the acting user may not see, before or after."""

import pytest

from accounts.offboarding import hand_over_items
from tests.factories.accounts import UserFactory
from tests.factories.employers import EmployerFactory
from tests.factories.relations import TaskFactory

pytestmark = pytest.mark.django_db
OTHERS = "可能还有您看不到的，请上级看一看。"


@pytest.fixture
def today(at):
    return at("2026-11-22")


@pytest.fixture
def worker():
    return UserFactory(name="小陈")


def give(worker, **more):
    """Gives `worker` a new employer with an open task."""
    TaskFactory(stakeholder=EmployerFactory(active=True, responsible=worker, **more), owner=worker)


def counts(worker, today, by):
    """Returns (label, count) of everything `worker` has to hand over, as `by` sees it."""
    return [(str(item.label), item.count) for item in hand_over_items(worker, today, by=by)]


def test_confidential_records_are_counted_for_those_who_see_them(worker, today):
    administrator, director = UserFactory(administrator=True), UserFactory(director=True)
    give(worker)
    before = counts(worker, today, administrator)
    assert before == counts(worker, today, director) != []
    give(worker, is_confidential=True)
    assert counts(worker, today, administrator) == before
    assert dict(counts(worker, today, director)) == {label: 2 * count for label, count in before}


def test_page_is_the_same_with_and_without_confidential_ones(client, worker, today):
    client.force_login(UserFactory(administrator=True))
    pages = []
    for is_confidential in (None, True):
        if is_confidential:
            give(worker, is_confidential=True)
        page = client.get(f"/accounts/{worker.pk}/deactivate/")
        pages.append((page.context["owed"], page.context["sees_all"], OTHERS in page.content.decode()))
    assert pages == [([], False, True)] * 2
    closed = client.post(f"/accounts/{worker.pk}/deactivate/")
    assert closed.url == f"/accounts/{worker.pk}/"


def test_user_who_sees_everything_is_not_referred_to_colleagues(worker, today, client):
    client.force_login(UserFactory(roles=["head", "administrator"], department=None))
    assert OTHERS not in client.get(f"/accounts/{worker.pk}/deactivate/").content.decode()
