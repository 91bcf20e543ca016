"""The list of approval requests: as many queries for one as for many, and it shows nothing it should not."""

import pytest

from accounts import rights
from accounts.approvals import engine, inbox
from accounts.approvals.assignment import steps_waiting_for
from accounts.approvals.models import Sheet
from accounts.models import User
from accounts.roles import Role
from complaints.appointments import matter as appointment
from tests.factories.accounts import DepartmentFactory, UserFactory
from tests.factories.approvals import open_sheet
from tests.plugins.where import deep

pytestmark = pytest.mark.django_db
DAYS = {"starts_on": "2026-12-01", "ends_on": "2026-12-03"}


@pytest.fixture
def administrator():
    return UserFactory(administrator=True)


@pytest.fixture
def director():
    return UserFactory(director=True)


def roles_asked(by):
    """An unsaved Sheet: `by` requests a role in the council for a user."""
    about = UserFactory()
    then = {**rights.rights_of(about), "roles": [Role.COUNCIL.value]}
    change = {"was": rights.rights_of(about), "then": then}
    return Sheet(matter=rights.ROLES, subject=f"user:{about.pk}", about=about, asked=change, asked_by=by)


def headship_asked(by):
    """An unsaved Sheet: `by` requests that a user becomes head of a department."""
    department, about = DepartmentFactory(), UserFactory()
    change = {"was": None, "then": about.pk}
    subject = f"department:{department.pk}"
    return Sheet(matter=rights.HEADSHIP, subject=subject, about=about, asked=change, asked_by=by)


def stand_in_asked(by):
    """An unsaved Sheet: `by` requests a stand-in for a user."""
    absent, about = UserFactory(), UserFactory()
    change = {"absent": absent.pk, **DAYS}
    return Sheet(matter=rights.STAND_IN, subject=f"user:{absent.pk}", about=about, asked=change, asked_by=by)


def appointment_asked(by, was=()):
    """An unsaved Sheet: `by` requests the appointment of a head and an alternate for complaints."""
    head, alternate = UserFactory(director=True), UserFactory(director=True)
    change = {"was": [None, *(was or (None, None))], "head": head.pk, "alternate": alternate.pk}
    subject = f"charge:{head.pk}"
    return Sheet(matter=appointment.MATTER, subject=subject, about=head, asked=change, asked_by=by)


KINDS = [roles_asked, headship_asked, stand_in_asked, appointment_asked]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("reader", ["director", "administrator"])
def test_list_costs_the_same_for_one_and_for_ten(client, administrator, director, queries_of, kind, reader):
    client.force_login({"director": director, "administrator": administrator}[reader])
    open_sheet(kind(administrator))
    if kind is appointment_asked:
        open_sheet(kind(administrator))
    queries_of("/approvals/")
    one = queries_of("/approvals/")
    for _each in range(9):
        open_sheet(kind(administrator))
    assert queries_of("/approvals/") == one


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("others", ["director", deep("approvers"), deep("nobody"), "asker"])
def test_list_and_sheet_agree_on_who_confirms(administrator, kind, others):
    """The list decides for all requests in one query what the page of one request decides for that one."""
    if others == "director":
        UserFactory(director=True)
    elif others == "approvers":
        UserFactory(roles=[Role.DEPARTMENT_HEAD])
    asker = UserFactory(director=True) if others in ("asker", "approvers") else administrator
    made = [kind(asker) for _each in range(3)]
    for sheet in made:
        open_sheet(sheet)
    for user in User.objects.all():
        mine = set(steps_waiting_for(user).values_list("sheet", flat=True))
        theirs = {sheet.pk for sheet in made if engine.who_decides(sheet)[0].filter(pk=user.pk).exists()}
        assert mine == theirs
        assert {sheet.pk for sheet in made if engine.may_decide(user, sheet)} == theirs


def test_both_lists_end_somewhere(client, administrator, director, monkeypatch):
    monkeypatch.setattr(inbox, "MAX_OTHERS", 2)
    monkeypatch.setattr(inbox, "PAGE_SIZE", 2)
    made = [roles_asked(administrator) for _each in range(4)]
    for sheet in made:
        open_sheet(sheet)
    client.force_login(director)
    shown = client.get("/approvals/").context["found"]
    assert [row.sheet for row in shown.rows] == made[:2]
    assert (shown.more, shown.others) == (True, [])
    assert [row.sheet for row in client.get("/approvals/?page=2").context["found"].rows] == made[2:]
    client.force_login(administrator)
    shown = client.get("/approvals/").context["found"]
    assert [row.sheet for row in shown.others] == made[2:]
    assert shown.rows == []
