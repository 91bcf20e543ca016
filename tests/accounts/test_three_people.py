"""The usual procedures of a centre of three people, through the pages: the second person must not block them."""

import pytest

from accounts.approvals.models import Sheet
from accounts.models import User
from accounts.roles import Role
from complaints.appointments import in_charge
from complaints.appointments import matter as appointment
from tests.factories.accounts import DepartmentFactory, UserFactory

pytestmark = pytest.mark.django_db


class Person:
    """A user with a logged-in browser."""

    def __init__(self, client, user):
        self.browser, self.user = type(client)(), user
        self.browser.force_login(user)

    def post(self, address, **data):
        """Submits a form. Fails on another status or on errors of the form. Returns the response."""
        answer = self.browser.post(address, data)
        assert answer.status_code in (200, 302), answer.status_code
        assert not getattr(answer.context and answer.context.get("form"), "errors", None)
        return answer

    def opens(self, username, *roles, department=None):
        """Opens an account. Returns the user."""
        department = department or DepartmentFactory()
        self.post(
            "/accounts/new/",
            name=username,
            username=username,
            department=department.pk,
            roles=list(roles),
            reason="新同事",
        )
        return User.objects.get(username=username)

    def changes(self, user, *roles):
        user = User.objects.get(pk=user.pk)
        data = {"name": user.name, "department": user.department_id or "", "roles": list(roles)}
        self.post(f"/accounts/{user.pk}/", **data, email="", phone="", version=user.version, reason="变动")

    def appoints(self, head, alternate):
        data = {"head": head.pk, "alternate": alternate.pk, "reason": "任命"}
        self.post("/complaints/charge/", **data, seen=appointment.current_stamp())

    def confirms(self, **extra):
        """Confirms the only open request and returns it."""
        [sheet] = Sheet.objects.open()
        self.post(f"/sheets/{sheet.pk}/confirm/", **extra)
        sheet.refresh_from_db()
        assert sheet.state == "approved"
        return sheet


@pytest.fixture(params=["three people", "the director is the administrator"])
def people(request, client):
    """(administrator, director, council member); in the second variant the first two are the same user."""
    if request.param == "three people":
        administrator, director = UserFactory(administrator=True), UserFactory(director=True)
    else:
        administrator = director = UserFactory(roles=[Role.ADMINISTRATOR, Role.DIRECTOR], department=None)
    return [Person(client, user) for user in (administrator, director, UserFactory(council=True))]


def holds(user):
    """The set of roles that the stored user has."""
    return set(User.objects.get(pk=user.pk).roles)


def test_new_worker_starts_at_once(people):
    administrator, _director, _council = people
    assert holds(administrator.opens("xin", "resident")) == {"resident"}
    assert not Sheet.objects.exists()


def test_new_supervisor_starts_as_worker_until_confirmed(people):
    administrator, _director, council = people
    user = administrator.opens("du", "resident", "supervisor")
    assert holds(user) == {"resident"}
    council.confirms()
    assert holds(user) == {"resident", "supervisor"}


def test_worker_becomes_supervisor(people):
    administrator, _director, council = people
    user = administrator.opens("xin", "resident")
    administrator.changes(user, "resident", "supervisor")
    council.confirms(opinion="同意")
    assert holds(user) == {"resident", "supervisor"}


def test_director_changes(people, client):
    """The successor is confirmed; another administrator than the former director then removes the former one's role."""
    administrator, director, council = people
    successor = administrator.opens("he", "director")
    assert holds(successor) == set()
    council.confirms()
    assert holds(successor) == {"director"}
    if administrator.user == director.user:
        second = administrator.opens("guan", "administrator")
        council.confirms()
        administrator = Person(client, User.objects.get(pk=second.pk))
        User.objects.filter(pk=second.pk).update(must_change_password=False)
        administrator.changes(director.user, "administrator")
        assert holds(director.user) == {"administrator"}
        return
    administrator.post(f"/accounts/{director.user.pk}/deactivate/")
    assert not User.objects.get(pk=director.user.pk).is_active


def test_head_is_appointed(people):
    """The new alternate does not confirm their own appointment, so the council has a second member."""
    administrator, director, council = people
    user = administrator.opens("tan", "head")
    council.confirms()
    second = UserFactory(council=True)
    director.appoints(user, second)
    assert in_charge.current_appointment().pk is None
    council.confirms(open_ones_too="on")
    assert (in_charge.current_appointment().head, in_charge.current_appointment().alternate) == (user, second)


def test_council_appoints_the_director(people):
    _administrator, director, council = people
    second = UserFactory(council=True)
    council.appoints(director.user, second)
    director.confirms()
    assert in_charge.current_appointment().alternate == second


def test_somebody_falls_ill(people):
    """The administrator arranges a stand-in; the user who confirms is neither of the two."""
    administrator, _director, council = people
    ill, other = administrator.opens("bing", "resident"), administrator.opens("ti", "resident")
    data = {"absent": ill.pk, "stand_in": other.pk, "starts_on": "2099-01-01", "ends_on": "2099-01-05"}
    administrator.post("/stand-ins/", **data, reason="病假")
    if Sheet.objects.open().exists():
        council.confirms()
    assert ill.stand_ins.get().stand_in == other
