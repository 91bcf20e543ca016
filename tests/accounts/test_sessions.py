"""Sessions end everywhere and for good with a new password and with the closing of an account; first passwords."""

import pytest
from django.test import Client

from accounts.models import User
from accounts.passwords import resets
from accounts.people import actions
from accounts.roles import Role
from tests.factories.accounts import PASSWORD, UserFactory

pytestmark = pytest.mark.django_db
NEW = "another-river-77"


def logged_in(user):
    """A client in which `user` is logged in."""
    client = Client()
    client.force_login(user)
    return client


def is_in(client):
    """Whether the client is logged in."""
    return client.get("/me/").status_code == 200


def change(client, old=PASSWORD, new=NEW, again=None):
    """Submits the form of the new password."""
    return client.post(
        "/password/", {"old_password": old, "new_password1": new, "new_password2": again or new}
    )


@pytest.fixture
def worker():
    return UserFactory(username="zhengyating", name="郑雅婷")


@pytest.fixture
def administrator():
    return UserFactory(administrator=True)


def test_deactivation_ends_every_session_at_the_next_request(worker, administrator, at):
    clients = [logged_in(worker), logged_in(worker)]
    assert all(is_in(client) for client in clients)
    actions.deactivate(worker, by=administrator, today=at("2026-11-23"))
    assert not any(is_in(client) for client in clients)


def test_session_stays_dead_after_reactivation(worker, administrator, at):
    client = logged_in(worker)
    actions.deactivate(worker, by=administrator, today=at("2026-11-23"))
    actions.reactivate(worker, by=administrator)
    assert not is_in(client)


def test_session_of_a_reopened_account_would_live_without_the_epoch(worker, administrator):
    """Control: closing and reopening the account alone does not end the session."""
    client = logged_in(worker)
    User.objects.filter(pk=worker.pk).update(is_active=False)
    User.objects.filter(pk=worker.pk).update(is_active=True)
    assert is_in(client)


def test_password_change_ends_the_other_sessions_and_keeps_this_one(worker):
    here, elsewhere = logged_in(worker), logged_in(worker)
    assert change(here).status_code == 302
    assert is_in(here)
    assert not is_in(elsewhere)


def test_started_reset_ends_no_session_and_a_lost_phone_ends_all(worker, administrator):
    client = logged_in(worker)
    resets.start_reset(worker, by=administrator, way="slip")
    assert is_in(client)
    resets.end_sessions(worker, by=administrator)
    assert not is_in(client)
    assert User.objects.get(pk=worker.pk).check_password(PASSWORD)


def test_role_taken_away_is_felt_at_the_next_request(administrator):
    UserFactory(administrator=True)
    client = logged_in(administrator)
    assert client.get("/accounts/").status_code == 200
    User.objects.filter(pk=administrator.pk).update(roles=[Role.RESIDENT])
    assert client.get("/accounts/").status_code == 403


@pytest.mark.parametrize(
    "address", ["/", "/me/", "/accounts/", "/admin/", "/stand-ins/", "/roles/", "/employers/"]
)
def test_temporary_password_lets_nobody_past_the_password_page(address):
    client = logged_in(UserFactory(administrator=True, temporary_password=True))
    assert client.get(address).headers["Location"] == "/password/"


def test_temporary_password_leaves_the_way_out_open():
    client = logged_in(UserFactory(temporary_password=True))
    assert client.get("/password/").status_code == 200
    assert client.post("/logout/").status_code == 302
    assert not is_in(client)


def test_changed_temporary_password_opens_the_house():
    worker = UserFactory(temporary_password=True)
    client = logged_in(worker)
    assert change(client).status_code == 302
    assert is_in(client)
    worker.refresh_from_db()
    assert not worker.must_change_password
    assert worker.history.first().history_change_reason == "改密码"


@pytest.mark.parametrize(
    ("old", "new", "again", "field"),
    [
        ("wrong", NEW, NEW, "old_password"),
        (PASSWORD, PASSWORD, PASSWORD, "new_password1"),
        (PASSWORD, NEW, "another-river-78", "new_password2"),
        (PASSWORD, "short-9", "short-9", "new_password2"),
        (PASSWORD, "zhengyating1", "zhengyating1", "new_password2"),
        (PASSWORD, "password123", "password123", "new_password2"),
    ],
)
def test_unfit_new_password_is_refused_beside_its_field(worker, old, new, again, field):
    client = logged_in(worker)
    page = change(client, old, new, again)
    assert list(page.context["form"].errors) == [field]
    worker.refresh_from_db()
    assert worker.check_password(PASSWORD)
