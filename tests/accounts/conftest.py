import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.accounts.waiting import rule
from tests.factories.accounts import StandInFactory, UserFactory


@pytest.fixture
def queries_of(client):
    """A function that returns the number of queries of a page for the user logged in with `client`."""

    def count(address):
        with CaptureQueriesContext(
            connection,
        ) as statements:
            assert client.get(address).status_code == 200
        return len(statements)

    return count


@pytest.fixture
def director():
    return UserFactory(director=True)


@pytest.fixture
def people(director):
    """{name: user}: the proposer, the approvers of both steps, their stand-ins, and users who are not asked."""
    worker = UserFactory(resident=True)
    lead = UserFactory(department_head=True, department=worker.department)
    head = UserFactory(head=True)
    users = {
        "proposer": worker,
        "lead": lead,
        "head": head,
        "stand-in of the lead": UserFactory(resident=True, department=worker.department),
        "stand-in of the head": UserFactory(department_staff=True, department=worker.department),
        "colleague": UserFactory(resident=True, department=worker.department),
        "director": director,
        "council": UserFactory(council=True),
        "administrator": UserFactory(administrator=True),
    }
    for absent in ("lead", "head"):
        StandInFactory(absent=users[absent], stand_in=users[f"stand-in of the {absent}"])
    rule(director, "department", "head")
    return users
