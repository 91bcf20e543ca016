"""A password or slip that another person may know stops working before the account gets more rights."""

import pytest

from accounts.approvals.models import Sheet
from accounts.models import User
from accounts.roles import Role
from reminders.models import Reminder
from tests.attack.resets.helpers import HALF, NEW, activate, enter, logged_in
from tests.factories.accounts import PASSWORD, DepartmentFactory, UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def friend(centre):
    """The head of a department, who conspires with the administrator."""
    department = DepartmentFactory()
    head = UserFactory(roles=[Role.DEPARTMENT_HEAD], department=department, username="friend")
    department.head = head
    department.save()
    return head


def opened(centre, friend, *roles):
    """Returns the account that the administrator opens for `friend`, and the first half of its slip."""
    typed = {"name": "新同事", "username": "newbie", "department": friend.department_id, "reason": "新来"}
    page = logged_in(centre["administrator"]).post("/accounts/new/", typed | {"roles": roles})
    return User.objects.get(username="newbie"), HALF.findall(page.content.decode())[0]


def printed(user, by):
    """Returns the second half that `by` prints, or None when `by` may not print it."""
    page = logged_in(by).post(f"/slips/{user.resets.get().pk}/")
    return HALF.findall(page.content.decode())[0] if page.status_code == 200 else None


def promoted(user, centre, role=Role.DIRECTOR):
    """Returns `user` with `role`, after the council has confirmed the approval request."""
    if not Sheet.objects.open().exists():
        typed = {"name": user.name, "department": user.department_id, "roles": [role], "reason": "升"}
        typed |= {"email": "", "phone": "", "version": User.objects.get(pk=user.pk).version}
        logged_in(centre["administrator"]).post(f"/accounts/{user.pk}/", typed)
    logged_in(centre["council"]).post(f"/sheets/{Sheet.objects.open().get().pk}/confirm/")
    user = User.objects.get(pk=user.pk)
    assert role in user.roles
    return user


def test_slip_of_who_is_to_see_more_is_printed_by_who_may_confirm(centre, friend):
    user, first = opened(centre, friend, Role.RESIDENT, Role.DIRECTOR)
    reminders = Reminder.objects.open().filter(subject=f"slip:{user.resets.get().pk}")
    assert {each.recipient for each in reminders} == {centre["director"], centre["council"]}
    assert printed(user, friend) is None
    second = printed(user, centre["director"])
    user = promoted(user, centre)
    activate(first, second)
    assert enter("newbie", NEW)  # control: printed by an entitled user


def test_slip_that_waits_in_other_hands_dies_when_rights_grow(centre, friend):
    user, first = opened(centre, friend, Role.RESIDENT)
    second = printed(user, friend)
    promoted(user, centre)
    activate(first, second)
    assert not enter("newbie", NEW)


def test_slip_that_is_used_while_the_sheet_waits_opens_nothing_more(centre, friend):
    user, first = opened(centre, friend, Role.RESIDENT)
    second = printed(user, friend)
    typed = {"name": user.name, "department": user.department_id, "roles": [Role.DIRECTOR], "reason": "升"}
    logged_in(centre["administrator"]).post(
        f"/accounts/{user.pk}/", typed | {"email": "", "phone": "", "version": user.version}
    )
    activate(first, second)
    assert enter("newbie", NEW)
    promoted(user, centre)
    assert not enter("newbie", NEW)


def test_password_that_somebody_else_has_given_dies_when_rights_grow(centre, friend):
    user = UserFactory(roles=[Role.RESIDENT], username="newbie", must_change_password=True)
    assert enter("newbie", PASSWORD)
    promoted(user, centre)
    assert not enter("newbie", PASSWORD)


def test_password_of_ones_own_outlives_a_promotion(centre, friend):
    """Control of the tests above."""
    user = UserFactory(roles=[Role.RESIDENT], username="newbie")
    promoted(user, centre)
    assert enter("newbie", PASSWORD)
