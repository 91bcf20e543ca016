"""Visibility is defined in visible_to, in the SQL of reminders, in escalation and for approvers. They agree.

All places are listed in docs/architecture.md, "Who sees a record".
"""

from datetime import date, timedelta
from itertools import combinations, product

import pytest
from django.db import connection

from accounts.access import seen_in_own_right
from accounts.approvals.approver_roles import viewers_by_role
from accounts.approvals.assignment import Days, context_of_record
from accounts.models import Supervision, User
from accounts.roles import Role
from relations.models import Cycle, Decision, Share, Stakeholder
from relations.reminding.escalation import escalation_member
from relations.shares.sight_sql import people_sql, sees_sql, users_who_see
from tests.factories.accounts import DepartmentFactory, UserFactory

pytestmark = pytest.mark.django_db
TODAY = date(2026, 10, 12)
DAYS = (
    {"starts_on": TODAY},
    {"starts_on": TODAY - timedelta(9), "ends_on": TODAY - timedelta(1)},
    {"starts_on": TODAY, "ends_on": TODAY},
)
KINDS = ("employer", "client", "staff", "ghost")


@pytest.fixture(autouse=True)
def _today(at):
    at(TODAY)


@pytest.fixture
def departments():
    return [DepartmentFactory(), DepartmentFactory(), None]


@pytest.fixture
def people(departments):
    """A user for each role and each pair of roles, and one who has left."""
    held = [(role,) for role in Role] + list(combinations(Role, 2))
    users = [
        UserFactory(roles=list(roles), department=departments[number % 3])
        for number, roles in enumerate(held)
    ]
    return [*users, UserFactory(director=True, left=True)]


@pytest.fixture
def records(departments, people):
    """Records of each kind and department, open and confidential, without and with a responsible worker.

    Supervisions, shares, accounts and decisions open single records to further people.
    """
    carriers = [None, people[0], people[1], people[-1], people[20], people[60]]
    made = [
        Stakeholder.objects.create(
            kind=kind,
            name="记录",
            department=department,
            is_confidential=secret,
            responsible=carrier,
            watched_from=TODAY,
            closed_on=TODAY - timedelta(5) if secret else None,
        )
        for kind, department, secret, carrier in product(KINDS, departments, (False, True), carriers)
    ]
    for place, person in enumerate(people[:-1]):
        days = DAYS[place % 3]
        Supervision.objects.create(worker=person, supervisor=people[place - 7], set_by=person, **days)
        Share.objects.create(
            stakeholder=made[place % len(made)],
            user=person,
            given_by=people[-1],
            reason="共同服务",
            starts_on=TODAY,
            ends_on=TODAY,
        )
    for person, record in zip(people, [each for each in made if each.kind == "staff"], strict=False):
        Stakeholder.objects.filter(pk=record.pk).update(account=person)
    for person, record in zip(people, [each for each in made if each.kind == "client"], strict=False):
        cycle = Cycle.objects.create(stakeholder=record, number=1, stage_since=TODAY, opened_on=TODAY)
        Decision.objects.create(
            cycle=cycle,
            course="next",
            both_agree=True,
            is_willing=True,
            proposed_by=person,
            decided_by=person,
            decided_on=TODAY,
            state="approved",
        )
    return made


def visible():
    """{(person, record)} by `visible_to`."""
    return {
        (person.pk, pk)
        for person in User.objects.all()
        for pk in Stakeholder.objects.visible_to(person).values_list("pk", flat=True)
    }


def test_sql_of_the_reminders_agrees_with_the_queryset(people, records):
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT person.id, s.id FROM ({people_sql()}) person CROSS JOIN relations_stakeholder s "
            f"WHERE {sees_sql('person')}",
            [],
        )
        readers = set(cursor.fetchall())

    assert readers == visible()
    assert 0 < len(readers) < len(people) * len(records)


def test_escalation_agrees_with_visible_to(people, records):
    """A level of an escalation follows from the scope of a role alone, so single records are taken away first."""
    Share.objects.all().delete()
    Supervision.objects.all()._raw_delete("default")  # nobody's reminders are made anew for each
    Decision.objects.all().delete()
    Stakeholder.objects.update(account=None)
    shown = visible()
    members = {person.pk: escalation_member(person) for person in User.objects.active()}
    wrong = [
        (pk, record.kind, record.department_id, record.is_confidential)
        for (pk, member), record in product(members.items(), records)
        if record.responsible_id != pk
        and bool(member.may_see(record.department_id, record.is_confidential, record.kind))
        != ((pk, record.pk) in shown)
    ]
    assert wrong == []


def test_seers_of_a_record_agree_with_the_queryset(people, records):
    shown = visible()
    for record in records[::5]:
        assert set(users_who_see(record)) == {person for person in people if (person.pk, record.pk) in shown}


def test_users_who_may_be_asked_agree_with_the_queryset(people, records):
    """Approvers are those who see the record by role or as its responsible worker, not by another access source."""
    in_own_right = {
        (person.pk, pk)
        for person in User.objects.active()
        for pk in Stakeholder.objects.filter(seen_in_own_right(person)).values_list("pk", flat=True)
    }
    assert 0 < len(in_own_right) < len(visible())
    days = Days.for_day(TODAY)
    for record in records[::5]:
        context = context_of_record(
            {
                "department": record.department_id,
                "worker": record.responsible_id,
                "confidential": record.is_confidential,
                "kind": record.kind,
            },
            days,
        )
        asked = {user.pk for user in viewers_by_role(context)}
        assert asked == {person.pk for person in people if (person.pk, record.pk) in in_own_right}
