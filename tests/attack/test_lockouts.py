"""Strangers cannot lock a user out: a known browser has its own attempts, waits are short, the user is notified."""

from datetime import timedelta

import pytest
from axes.models import AccessAttempt
from django.conf import settings
from django.core import mail
from django.test import Client

from accounts.login import devices, throttle
from accounts.models import Lockout, SecurityLetter, User
from accounts.passwords import resets
from accounts.people import actions
from accounts.tasks import send_password_letters
from tests.factories.accounts import PASSWORD, UserFactory

pytestmark = pytest.mark.django_db
LIMITS = settings.LOGIN_LIMITS
ONE, ALL = LIMITS["username and ip_address"], LIMITS["username"]
AFAR = "198.51.100.{}"


@pytest.fixture
def worker():
    return UserFactory(username="zhengyating", email="zheng@example.org")


def attempt_login(username="zhengyating", password="wrong", address="10.0.0.1", client=None):
    """Returns the response to one login attempt."""
    client = client or Client()
    return client.post("/login/", {"username": username, "password": password}, REMOTE_ADDR=address)


def gets_in(client=None, address="10.0.0.1", username="zhengyating", password=PASSWORD):
    """Returns whether the login succeeds."""
    answer = attempt_login(username, password, address, client)
    return answer.status_code == 302 and answer.wsgi_request.user.is_authenticated


def known_browser(username="zhengyating", address="10.0.0.1"):
    """Returns a client in which this account has logged in and out."""
    client = Client()
    assert gets_in(client, address, username)
    client.post("/logout/")
    return client


def with_cookie_of(client):
    """Returns another client with the device cookie of `client`."""
    stolen = Client()
    stolen.cookies[devices.COOKIE] = client.cookies[devices.COOKIE].value
    return stolen


def storm(addresses=10, tries=3, username="zhengyating"):
    """Tries wrong passwords from many addresses, enough to lock the account; returns the last response."""
    for number in range(addresses):
        for _try in range(tries):
            answer = attempt_login(username, address=AFAR.format(number))
    return answer


@pytest.mark.parametrize(("addresses", "tries"), [(10, 3), (15, 1), (3, 5), (30, 1), (5, 9)])
def test_account_is_shut_to_strangers_after_the_limit_however_spread(worker, addresses, tries):
    assert storm(addresses, tries).status_code == 429
    counted = sum(AccessAttempt.objects.values_list("failures_since_start", flat=True))
    assert counted <= ALL
    assert not gets_in(address="10.0.9.9")


def test_owner_logs_in_from_known_browser_during_an_attack(worker):
    client = known_browser()
    storm()
    assert not gets_in(address="10.0.0.2")  # control: locked for strangers
    assert gets_in(client)
    client.post("/logout/")
    assert gets_in(client, address="10.0.0.77")  # at home and at work


def test_right_person_changes_the_password_during_the_storm(worker):
    client = Client()
    assert gets_in(client)
    storm()
    new = {"old_password": PASSWORD, "new_password1": "another-river-77", "new_password2": "another-river-77"}
    assert client.post("/password/", new).status_code == 302
    client.post("/logout/")
    assert gets_in(client, password="another-river-77")


def test_known_browser_is_not_shut_by_its_address(worker):
    client = known_browser()
    for number in range(LIMITS["ip_address"]):
        attempt_login(f"somebody{number}")
    assert not gets_in()
    assert gets_in(client)


@pytest.mark.parametrize("gap", [timedelta(minutes=15, seconds=1)])
def test_stranger_waits_a_quarter_of_an_hour_at_most(worker, at, time_machine, gap):
    at("2026-11-23")
    answer = storm()
    assert int(answer.headers["Retry-After"]) <= 15 * 60
    time_machine.shift(gap)
    assert gets_in(address="10.0.0.2")


def test_a_day_of_guessing_is_bounded_as_before(worker, at, time_machine):
    """One hour is four waits of 15 minutes, each with 15 attempts from new addresses, so at most 1,440 a day."""
    at("2026-11-23")
    tried = 0
    for window in range(4):
        for number in range(ALL + 5):
            tried += attempt_login(address=f"198.51.{window}.{number}").status_code == 200
        tried += 1  # the attempt whose response was the lock
        time_machine.shift(timedelta(minutes=15, seconds=1))
    assert tried == 4 * ALL
    assert tried * 24 <= 1440


# A cookie that is stolen, forged or old.


def forged(value):
    """Returns a client with this device cookie."""
    client = Client()
    client.cookies[devices.COOKIE] = value
    return client


@pytest.mark.parametrize(
    "value",
    [
        "",
        "x",
        "x.1.y",
        "a" * 5000,
        "~~~",
        "..",
        "abc.739999." + "0" * 43,
        "²." * 40,
        "a.99999999999999.b",
        "\x00.1.2",
    ],
)
def test_forged_cookie_is_a_stranger(worker, value):
    storm()
    assert not gets_in(forged(value), address="10.0.0.2")


def test_cookie_of_another_account_does_not_open_this_one(worker):
    UserFactory(username="other")
    storm()
    assert not gets_in(known_browser("other", "10.0.5.5"), address="10.0.0.2")


def test_changed_mark_is_a_stranger(worker):
    client = known_browser()
    number, made_on, hashed = client.cookies[devices.COOKIE].value.split(".")
    storm()
    for value in (f"{number}x.{made_on}.{hashed}", f"{number}.{int(made_on) + 1}.{hashed}"):
        assert not gets_in(forged(value), address="10.0.0.2")
    assert gets_in(forged(f"{number}.{made_on}.{hashed}"), address="10.0.0.2")  # control


def test_stolen_cookie_gives_as_many_tries_as_one_address(worker):
    stolen = with_cookie_of(known_browser())
    answers = [
        attempt_login(client=stolen, address=AFAR.format(number)).status_code for number in range(ONE + 3)
    ]
    assert answers.count(200) == ONE - 1
    assert not gets_in(stolen, address="203.0.113.1")
    assert gets_in(address="10.0.0.2")  # and locks out no other browser


def test_two_stolen_copies_share_one_count(worker):
    client = known_browser()
    copies = [with_cookie_of(client), with_cookie_of(client)]
    for number in range(ONE):
        answer = attempt_login(client=copies[number % 2], address=AFAR.format(number))
    assert answer.status_code == 429


def test_deleting_the_device_cookie_gives_no_extra_attempts(worker):
    client = known_browser()
    for _try in range(ONE):
        attempt_login(client=client)
    for number in range(ALL):
        attempt_login(address=AFAR.format(number))
    assert attempt_login(address=AFAR.format(200)).status_code == 429


ENDS = {
    "a new password": lambda worker, by: User.objects.get(pk=worker.pk),
    "ending all sessions": lambda worker, by: resets.end_sessions(worker, by=by),
    "voiding": lambda worker, by: resets.void_password(worker, by=by),
    "closing and reopening": lambda worker, by: (
        actions.deactivate(worker, by=by, today=worker.request_day),
        actions.reactivate(worker, by=by),
    ),
}


@pytest.mark.parametrize("how", ENDS)
def test_mark_is_void_afterwards(worker, how):
    client, by = known_browser(), UserFactory(administrator=True)
    ENDS[how](worker, by)
    user = User.objects.get(pk=worker.pk)
    user.set_password("another-river-77" if how == "a new password" else PASSWORD)
    user.save()
    storm()
    assert not gets_in(client, address="10.0.0.2", password="another-river-77")
    assert not gets_in(client, address="10.0.0.2")


def test_mark_is_too_old_after_half_a_year(worker, at, time_machine):
    at("2026-03-02")
    client = known_browser()
    copy = with_cookie_of(client)
    time_machine.shift(timedelta(days=devices.VALID_DAYS + 1))
    storm()
    assert not gets_in(copy, address="10.0.0.2")


def test_one_browser_knows_several_accounts_and_forgets_the_oldest(worker):
    names = [UserFactory(username=f"shared{number}").username for number in range(devices.MAX_TOKENS)]
    client = known_browser()
    first = client.cookies[devices.COOKIE].value
    for name in names[:-1]:
        assert gets_in(client, username=name)
        client.post("/logout/")
    storm()
    assert gets_in(client, address="10.0.0.2")
    client.post("/logout/")
    client.cookies[devices.COOKIE] = "~".join([first] * 9)
    for name in names:
        assert gets_in(client, username=name, address="10.0.0.3")
        client.post("/logout/")
    assert len(client.cookies[devices.COOKIE].value.split("~")) == devices.MAX_TOKENS
    assert not gets_in(client, address="10.0.0.4")


def test_cookie_names_nobody_and_has_its_guards(worker, settings):
    settings.SESSION_COOKIE_SECURE = True
    client = Client()
    gets_in(client)
    cookie = client.cookies[devices.COOKIE]
    assert (cookie["httponly"], cookie["samesite"], cookie["secure"]) == (True, "Lax", True)
    assert worker.username not in cookie.value
    assert str(worker.pk) != cookie.value.split(".")[0]


def test_name_of_a_devices_count_cannot_be_typed(worker):
    client = known_browser()
    mark = devices.device_tokens(
        type("Asked", (), {"COOKIES": {k: v.value for k, v in client.cookies.items()}})
    )[0]
    name = f"{throttle.DEVICE_PREFIX}{devices.account_key(worker)}:{mark.number}"
    for number in range(ONE + 1):
        attempt_login(name, address=AFAR.format(number))
    assert gets_in(client)


# Unlocking, and notices to the user.


def test_own_slips_in_a_known_browser_are_forgiven_by_the_log_in_and_released_by_the_administrator(worker):
    client = known_browser()
    for _try in range(ONE - 1):
        attempt_login(client=client)
    assert gets_in(client)
    client.post("/logout/")
    for _try in range(ONE):
        attempt_login(client=client)
    assert throttle.is_locked_out(worker)
    throttle.reset_attempts(worker)
    assert not throttle.is_locked_out(worker)
    assert gets_in(client)


def test_ipv6_neighbours_are_one_address_for_strangers(worker):
    for number in range(ONE):
        answer = attempt_login(address=f"2001:db8:1:2::{number + 1}")
    assert answer.status_code == 429
    client = known_browser(address="2001:db8:9:9::1")
    assert gets_in(client, address="2001:db8:1:2::9")


def test_person_reads_of_the_tries_at_the_next_log_in_and_never_an_address(worker):
    client = known_browser()
    storm()
    answer = client.post("/login/", {"username": worker.username, "password": PASSWORD})
    assert answer.headers["Location"].startswith("/login/notice/")
    page = client.get("/login/notice/").content.decode()
    assert f"用错的密码试了{ALL}次，来自5个地址" in page
    assert "198.51" not in page
    client.post("/login/notice/", {"lockout": Lockout.objects.latest("pk").pk})
    client.post("/logout/")
    answer = client.post("/login/", {"username": worker.username, "password": PASSWORD})
    assert answer.headers["Location"] == "/"


def test_person_is_written_to_once_a_day(worker, at, time_machine):
    at("2026-11-28", 1)
    for _storm in range(3):
        storm()
        send_password_letters()
        time_machine.shift(timedelta(minutes=16))
    assert [letter.to for letter in mail.outbox] == [["zheng@example.org"]]
    assert f"{ALL}次" in mail.outbox[0].body
    assert "198.51" not in mail.outbox[0].body
    time_machine.shift(timedelta(days=1))
    storm()
    send_password_letters()
    assert len(mail.outbox) == 2


def test_name_without_an_account_is_shut_alike_and_forgotten(worker):
    assert storm(username="nobody").status_code == 429
    assert Lockout.objects.filter(username="nobody").exists()
    send_password_letters()
    assert not Lockout.objects.exists()
    assert not SecurityLetter.objects.exists()


def test_few_failed_attempts_cause_no_notice(worker):
    client = known_browser()
    for _try in range(ONE - 1):
        attempt_login(address="10.0.0.9")
    assert (
        client.post("/login/", {"username": worker.username, "password": PASSWORD}).headers["Location"] == "/"
    )


def test_both_login_forms_recognise_the_browser(worker):
    User.objects.filter(pk=worker.pk).update(roles=["administrator"])
    client = known_browser()
    storm()
    led = client.get("/admin/").headers["Location"]
    door_of_admin = client.get(led).headers["Location"]
    answer = client.post(
        door_of_admin, {"username": worker.username, "password": PASSWORD, "next": "/admin/"}
    )
    assert answer.wsgi_request.user.is_authenticated
