"""The records that a user may view by role, department and stand-in arrangements (R271)."""

from datetime import date, timedelta

import pytest

from accounts.access import within_scope
from accounts.models import User
from accounts.roles import Role
from relations.models import Stakeholder
from tests.factories.accounts import DepartmentFactory, StandInFactory, UserFactory

pytestmark = pytest.mark.django_db
MONDAY, SUNDAY = date(2026, 12, 7), date(2026, 12, 13)


def visible_owners(user, confidential=None):
    """Creates one record for every user, in their department. Returns the workers whose records `user` may view.

    `confidential` is the name of an attribute of users: the records of those for whom it is true are confidential.
    """
    Stakeholder.objects.all().delete()
    for person in User.objects.all():
        secret = bool(confidential and getattr(person, confidential))
        Stakeholder.objects.create(
            kind="employer",
            name=person.name,
            responsible=person,
            department=person.department,
            is_confidential=secret,
            watched_from=MONDAY,
        )
    records = Stakeholder.objects.filter(within_scope(User.objects.get(pk=user.pk)))
    return {record.responsible for record in records}


@pytest.fixture
def department():
    return DepartmentFactory()


@pytest.fixture
def colleague(department):
    return UserFactory(department=department)


def test_volunteer_sees_nothing_not_even_as_a_stand_in(at, colleague):
    at(MONDAY)
    volunteer = UserFactory(volunteer=True)
    StandInFactory(absent=colleague, stand_in=volunteer, starts_on=MONDAY, ends_on=SUNDAY)
    assert visible_owners(volunteer) == set()


def test_closed_account_sees_nothing(department):
    assert visible_owners(UserFactory(director=True, left=True)) == set()


def test_resident_sees_only_their_own(department, colleague):
    worker = UserFactory(department=department)
    assert visible_owners(worker) == {worker}


def test_supervisor_sees_the_department_and_no_other(department, colleague):
    UserFactory()
    supervisor = UserFactory(supervisor=True, department=department)
    assert visible_owners(supervisor) == {supervisor, colleague}


def test_supervisor_without_department_sees_no_record_without_department():
    UserFactory(department=None)
    supervisor = UserFactory(supervisor=True, department=None)
    assert visible_owners(supervisor) == {supervisor}


def test_director_sees_all(colleague):
    director = UserFactory(director=True)
    assert visible_owners(director, "must_change_password") == {director, colleague}


def test_confidential_record_is_closed_to_the_department(department):
    UserFactory(department=department, temporary_password=True)
    supervisor = UserFactory(supervisor=True, department=department)
    assert visible_owners(supervisor, "must_change_password") == {supervisor}


def test_confidential_record_is_closed_to_whoever_sees_all_without_the_permission():
    UserFactory(temporary_password=True)
    manager = UserFactory(roles=[Role.MANAGER], department=None)
    assert visible_owners(manager, "must_change_password") == {manager}


def test_own_confidential_record_stays_open():
    worker = UserFactory(temporary_password=True)
    assert visible_owners(worker, "must_change_password") == {worker}


@pytest.mark.parametrize(
    ("day", "sees"),
    [
        (MONDAY - timedelta(days=1), False),
        (MONDAY, True),
        (SUNDAY, True),
        (SUNDAY + timedelta(days=1), False),
    ],
)
def test_stand_in_sees_from_the_first_to_the_last_day_inclusive(at, colleague, day, sees):
    """R271."""
    at(day)
    worker = UserFactory()
    StandInFactory(absent=colleague, stand_in=worker, starts_on=MONDAY, ends_on=SUNDAY)
    assert visible_owners(worker) == ({worker, colleague} if sees else {worker})


@pytest.mark.parametrize(
    ("hour", "minute", "day", "sees"), [(23, 59, SUNDAY, True), (0, 0, SUNDAY + timedelta(1), False)]
)
def test_standing_in_ends_at_midnight_in_shanghai(at, colleague, hour, minute, day, sees):
    at(day, hour, minute)
    worker = UserFactory()
    StandInFactory(absent=colleague, stand_in=worker, starts_on=MONDAY, ends_on=SUNDAY)
    assert (colleague in visible_owners(worker)) is sees


def test_cancelled_arrangement_opens_nothing(at, colleague):
    today = at(MONDAY)
    worker = UserFactory()
    StandInFactory(
        absent=colleague, stand_in=worker, starts_on=MONDAY, ends_on=SUNDAY, cancelled_at=f"{today} 00:00Z"
    )
    assert visible_owners(worker) == {worker}


def test_closed_account_of_a_stand_in_opens_nothing(at, colleague):
    at(MONDAY)
    worker = UserFactory(left=True)
    StandInFactory(absent=colleague, stand_in=worker, starts_on=MONDAY, ends_on=SUNDAY)
    assert visible_owners(worker) == set()


def test_absent_colleague_keeps_their_own(at, colleague):
    at(MONDAY)
    StandInFactory(absent=colleague, starts_on=MONDAY, ends_on=SUNDAY)
    assert visible_owners(colleague) == {colleague}


def test_stand_in_of_a_department_head_sees_the_department(at):
    at(MONDAY)
    head = UserFactory(department_head=True)
    head.department.head = head
    head.department.save()
    member, deputy = UserFactory(department=head.department), UserFactory()
    StandInFactory(absent=head, stand_in=deputy, starts_on=MONDAY, ends_on=SUNDAY)
    assert visible_owners(deputy) == {deputy, head, member}


def test_stand_in_of_a_department_head_does_not_see_its_confidential_records(at):
    at(MONDAY)
    head = UserFactory(department_head=True)
    head.department.head = head
    head.department.save()
    UserFactory(department=head.department, temporary_password=True)
    deputy = UserFactory()
    StandInFactory(absent=head, stand_in=deputy, starts_on=MONDAY, ends_on=SUNDAY)
    assert visible_owners(deputy, "must_change_password") == {deputy, head}


def test_stand_in_of_a_supervisor_sees_the_department_that_supervisor_approves_for(at):
    """R271: requests for approval go to the stand-in, who must therefore be able to view the records."""
    at(MONDAY)
    supervisor = UserFactory(supervisor=True)
    member, deputy = UserFactory(department=supervisor.department), UserFactory()
    StandInFactory(absent=supervisor, stand_in=deputy, starts_on=MONDAY, ends_on=SUNDAY)
    assert visible_owners(deputy) == {deputy, supervisor, member}


def test_standing_in_is_not_passed_on(at, colleague):
    at(MONDAY)
    second, third = UserFactory(), UserFactory()
    StandInFactory(absent=colleague, stand_in=second, starts_on=MONDAY, ends_on=SUNDAY)
    StandInFactory(absent=second, stand_in=third, starts_on=MONDAY, ends_on=SUNDAY)
    assert visible_owners(third) == {third, second}
