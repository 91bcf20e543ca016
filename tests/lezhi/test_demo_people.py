"""The demo's accounts, supervisions and waiting requests: each page has something to show to whom it is for."""

from datetime import date

import pytest
from django.test import Client

from accounts.approvals.assignment import steps_waiting_for
from accounts.models import Supervision
from accounts.roles import Role
from lezhi.demo import approvals
from lezhi.demo.people import ACCOUNTS, arrange_supervision, create_people
from tests.factories.employers import EmployerFactory

pytestmark = pytest.mark.django_db
MONDAY = date(2026, 11, 23)


@pytest.fixture
def people(at):
    at(MONDAY)
    people = create_people()
    arrange_supervision(people, MONDAY)
    employers = [EmployerFactory(responsible=people[worker]) for worker in ("zhou", "wu", "su")]
    approvals.write(employers, people)
    return people


def page_of(user, address):
    browser = Client()
    browser.force_login(user)
    return browser.get(address)


def test_every_role_has_an_account():
    assert {role for _username, _name, roles, _department in ACCOUNTS for role in roles} == set(Role)


def test_who_proposed_a_request_does_not_find_it_in_the_inbox(people):
    for who in ("zhou", "wu", "su", "admin", "luo", "personnel", "volunteer"):
        assert not steps_waiting_for(people[who]).exists()


@pytest.mark.parametrize(("who", "waiting"), [("director", 4), ("head", 3), ("zheng", 1), ("council", 1)])
def test_inbox_has_something_for_who_approves(people, who, waiting):
    assert len(page_of(people[who], "/approvals/").context["found"].rows) == waiting


def test_supervision_is_arranged_for_every_worker_who_is_not_a_supervisor(people):
    shown = page_of(people["head"], "/supervision/").context["workers"]
    supervised = {worker.username: [row.supervisor.username for row in worker.running] for worker in shown}
    assert {who: supervised[who] for who in ("zhou", "luo", "wu", "feng", "su", "frontline")} == {
        "zhou": ["zheng"],
        "luo": ["zheng"],
        "wu": ["senior"],
        "feng": ["senior"],
        "su": ["senior"],
        "frontline": ["senior"],
    }
    assert Supervision.objects.ended_before(MONDAY).get().worker == people["wu"]


def test_personnel_sees_no_employer(people):
    assert page_of(people["personnel"], "/employers/").context["page"].rows == []
