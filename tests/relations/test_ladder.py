"""Who may see what is said three times: by visible_to, by the SQL of the reminders and by the rungs of the ladder."""

from itertools import combinations, product

import pytest
from django.db import connection

from accounts.models import User
from accounts.roles import Role
from relations.models import Stakeholder
from relations.reminding.escalation_chain import as_rung, people_sql, seers, sees
from tests.factories.accounts import DepartmentFactory, UserFactory
from tests.factories.relations import StakeholderFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def departments():
    return [DepartmentFactory(), DepartmentFactory(), None]


@pytest.fixture
def people(departments):
    """Somebody for each role and each pair of roles, and one who has left."""
    held = [(role,) for role in Role] + list(combinations(Role, 2))
    found = [
        UserFactory(roles=list(roles), department=departments[number % 3])
        for number, roles in enumerate(held)
    ]
    return [*found, UserFactory(director=True, left=True)]


@pytest.fixture
def records(departments, people):
    """A record of each department, open and confidential, in nobody's charge and in that of several people."""
    carriers = [None, people[0], people[1], people[-1], people[20], people[60]]
    return [
        StakeholderFactory(department=department, is_confidential=secret, responsible=carrier)
        for department, secret, carrier in product(departments, (False, True), carriers)
    ]


def visible():
    """{(person, record)} by the queryset."""
    return {
        (person.pk, pk)
        for person in User.objects.all()
        for pk in Stakeholder.objects.visible_to(person).values_list("pk", flat=True)
    }


def test_sql_of_the_reminders_agrees_with_the_queryset(people, records):
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT person.id, s.id FROM ({people_sql()}) person CROSS JOIN relations_stakeholder s "
            f"WHERE {sees('person')}",
            [],
        )
        told = set(cursor.fetchall())

    assert told == visible()
    assert 0 < len(told) < len(people) * len(records)


def test_rungs_agree_with_the_queryset_on_records_of_others(people, records):
    shown = visible()
    wrong = [
        (person.roles, record.department_id, record.is_confidential)
        for person, record in product(User.objects.active(), records)
        if record.responsible_id != person.pk
        and bool(as_rung(person).may_see(record.department_id, record.is_confidential))
        != ((person.pk, record.pk) in shown)
    ]
    assert wrong == []


def test_seers_of_a_record_agree_with_the_queryset(people, records):
    shown = visible()
    for record in records[::5]:
        assert set(seers(record)) == {person for person in people if (person.pk, record.pk) in shown}
