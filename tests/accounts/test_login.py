"""Login: where it leads, the limits on attempts, and that it reveals nothing."""

from datetime import timedelta

import pytest
from axes.models import AccessAttempt
from django.conf import settings
from django.test import RequestFactory
from django.urls import reverse
from django.utils import timezone

from accounts.login import throttle
from accounts.models import User
from tests.factories.accounts import PASSWORD, UserFactory

pytestmark = pytest.mark.django_db
LOGIN = "/login/"
TRIES = 5


def attempt_login(client, username, password="wrong", address="10.0.0.1", **more):
    """The response to one login attempt, by default with a wrong password."""
    return client.post(LOGIN, {"username": username, "password": password}, REMOTE_ADDR=address, **more)


def fail(client, username, times, **more):
    """Makes `times` failing attempts. Returns the last response."""
    for _try in range(times):
        answer = attempt_login(client, username, **more)
    return answer


@pytest.fixture
def worker():
    return UserFactory(username="zhengyating")


def test_right_password_after_five_wrong_ones_is_refused(client, worker):
    assert fail(client, worker.username, TRIES - 1).status_code == 200
    assert attempt_login(client, worker.username).status_code == 429
    assert attempt_login(client, worker.username, PASSWORD).status_code == 429
    assert "_auth_user_id" not in client.session


def test_four_wrong_tries_still_let_in(client, worker):
    fail(client, worker.username, TRIES - 1)
    assert attempt_login(client, worker.username, PASSWORD).status_code == 302


def test_locked_page_says_in_chinese_how_long_to_wait(client, worker):
    page = fail(client, worker.username, TRIES)
    assert "请15分钟后再试" in page.content.decode()
    assert page.headers["Retry-After"] == "900"


def test_lockout_counts_down_and_is_not_extended_by_attempts(client, worker, at, time_machine):
    at("2026-11-23")
    fail(client, worker.username, TRIES)
    time_machine.shift(timedelta(minutes=10))
    assert "请5分钟后再试" in attempt_login(client, worker.username).content.decode()
    time_machine.shift(timedelta(minutes=5, seconds=1))
    assert attempt_login(client, worker.username, PASSWORD).status_code == 302


@pytest.mark.parametrize("spelling", ["ZhengYaTing", " zhengyating ", "ｚｈｅｎｇｙａｔｉｎｇ"])
def test_other_spellings_of_the_name_share_the_count(client, worker, spelling):
    fail(client, worker.username, TRIES - 1)
    assert attempt_login(client, spelling).status_code == 429


def test_forged_forwarding_header_does_not_help(client, worker):
    for number in range(TRIES):
        page = attempt_login(client, worker.username, HTTP_X_FORWARDED_FOR=f"203.0.113.{number}")
    assert page.status_code == 429


def test_forged_header_does_not_help_behind_our_proxy(client, worker, settings):
    settings.TRUSTED_PROXIES = 1
    for number in range(TRIES):
        header = f"203.0.113.{number}, 198.51.100.7"
        page = attempt_login(client, worker.username, address="10.0.0.1", HTTP_X_FORWARDED_FOR=header)
    assert page.status_code == 429


def test_behind_our_proxy_two_callers_are_told_apart(client, worker, settings):
    settings.TRUSTED_PROXIES = 1
    fail(client, worker.username, TRIES, HTTP_X_FORWARDED_FOR="198.51.100.7")
    other = attempt_login(client, worker.username, PASSWORD, HTTP_X_FORWARDED_FOR="198.51.100.8")
    assert other.status_code == 302


def test_another_browser_does_not_help(client, worker):
    for number in range(TRIES):
        page = attempt_login(client, worker.username, HTTP_USER_AGENT=f"browser {number}")
    assert page.status_code == 429


def test_one_account_is_shut_after_fifteen_tries_from_many_addresses(client, worker):
    for number in range(15):
        page = attempt_login(client, worker.username, address=f"10.0.1.{number}")
    assert page.status_code == 429
    assert attempt_login(client, worker.username, PASSWORD, address="10.0.2.1").status_code == 429


def test_colleagues_behind_one_address_do_not_lock_each_other_out(client, worker):
    for number in range(40):
        attempt_login(client, f"somebody{number}")
    assert attempt_login(client, worker.username, PASSWORD).status_code == 302


def test_address_is_shut_after_fifty_tries_at_many_accounts(client, worker):
    for number in range(50):
        page = attempt_login(client, f"somebody{number}")
    assert page.status_code == 429
    assert attempt_login(client, worker.username, PASSWORD).status_code == 429
    assert attempt_login(client, worker.username, PASSWORD, address="10.0.0.2").status_code == 302


def test_logging_in_does_not_forgive_tries_at_another_account(client, worker):
    UserFactory(username="guesser")
    fail(client, worker.username, TRIES - 1)
    attempt_login(client, "guesser", PASSWORD)
    client.logout()
    assert attempt_login(client, worker.username).status_code == 429


def test_logging_in_forgives_ones_own_slips(client, worker):
    fail(client, worker.username, TRIES - 1)
    attempt_login(client, worker.username, PASSWORD)
    client.logout()
    assert fail(client, worker.username, TRIES - 1).status_code == 200


def test_unknown_name_closed_account_and_wrong_password_answer_alike(client, worker):
    UserFactory(username="left-worker", left=True)
    known = attempt_login(client, worker.username)
    closed = attempt_login(client, "left-worker", PASSWORD)
    unknown = attempt_login(client, "nobodyatall")
    assert {page.status_code for page in (known, closed, unknown)} == {200}
    assert len({len(page.content) for page in (known, closed, unknown)}) == 1


def test_unknown_name_is_locked_alike(client):
    assert fail(client, "nobody", TRIES).status_code == 429


def test_unknown_name_takes_as_long_as_a_wrong_password(client, monkeypatch):
    hashed = []
    monkeypatch.setattr(User, "set_password", lambda self, raw: hashed.append(raw))
    attempt_login(client, "nobody", "some-password")
    assert hashed == ["some-password"]


def test_password_is_kept_nowhere(client, worker):
    attempt_login(client, worker.username, "very-secret-slip")
    attempt = AccessAttempt.objects.get()
    assert "very-secret-slip" not in attempt.post_data + attempt.get_data


def test_old_password_on_the_password_page_is_counted_too(client, worker):
    client.force_login(worker)
    new = "another-river-77"
    for _try in range(TRIES):
        page = client.post("/password/", {"old_password": "x", "new_password1": new, "new_password2": new})
    assert page.status_code == 429


@pytest.mark.parametrize(
    ("remote", "forwarded", "proxies", "address"),
    [
        ("10.0.0.1", "1.1.1.1", 0, "10.0.0.1"),
        ("10.0.0.1", "1.1.1.1, 2.2.2.2", 1, "2.2.2.2"),
        ("10.0.0.1", "1.1.1.1, 2.2.2.2, 3.3.3.3", 2, "2.2.2.2"),
        ("10.0.0.1", "", 1, "10.0.0.1"),
        ("10.0.0.1", "1.1.1.1", 2, "10.0.0.1"),
        ("10.0.0.1", "nonsense", 1, "10.0.0.1"),
        ("2001:db8:1:2:3:4:5:6", "", 0, "2001:db8:1:2::"),
        ("::ffff:10.0.0.9", "", 0, "10.0.0.9"),
        ("", "", 0, None),
    ],
)
def test_client_address_believes_only_our_proxies(settings, remote, forwarded, proxies, address):
    settings.TRUSTED_PROXIES = proxies
    request = RequestFactory().get("/", REMOTE_ADDR=remote, HTTP_X_FORWARDED_FOR=forwarded)
    assert throttle.client_address(request) == address


def test_limits_and_ways_of_counting_belong_together():
    counted = [way if isinstance(way, str) else " and ".join(way) for way in settings.AXES_LOCKOUT_PARAMETERS]
    assert counted == list(settings.LOGIN_LIMITS)
    assert settings.AXES_FAILURE_LIMIT <= 10


def test_shut_account_is_released(client, worker):
    fail(client, worker.username, TRIES)
    assert throttle.is_locked_out(worker)
    throttle.reset_attempts(worker)
    assert not throttle.is_locked_out(worker)
    assert attempt_login(client, worker.username, PASSWORD).status_code == 302


def test_old_tries_do_not_shut(worker):
    AccessAttempt.objects.create(username=worker.username, ip_address="10.0.0.1", failures_since_start=50)
    AccessAttempt.objects.update(attempt_time=timezone.now() - timedelta(minutes=16))
    assert not throttle.is_locked_out(worker)


@pytest.mark.parametrize(
    "goal", ["https://evil.example/", "//evil.example/", "javascript:alert(1)", "/login/", "/login/?next=/x"]
)
def test_next_url_stays_on_this_site(client, worker, goal):
    answer = client.post(LOGIN, {"username": worker.username, "password": PASSWORD, "next": goal})
    assert answer.headers["Location"] == reverse("my_work")


def test_next_leads_back_on_this_site(client, worker):
    answer = client.post(
        LOGIN, {"username": worker.username, "password": PASSWORD, "next": "/stand-ins/?a=1"}
    )
    assert answer.headers["Location"] == "/stand-ins/?a=1"


@pytest.mark.parametrize("query", ["", "?next=/login/", "?next=https://evil.example/"])
def test_who_is_logged_in_goes_to_my_work(client, worker, query):
    client.force_login(worker)
    assert client.get(LOGIN + query).headers["Location"] == reverse("my_work")


def test_name_is_found_in_any_case(client, worker):
    assert attempt_login(client, "ZHENGYATING", PASSWORD).status_code == 302


def test_log_in_leaves_no_version_in_the_history(client, worker):
    before = worker.history.count()
    attempt_login(client, worker.username, PASSWORD)
    assert worker.history.count() == before


def test_get_does_not_log_out(client, worker):
    client.force_login(worker)
    assert client.get("/logout/").status_code == 405
    assert "_auth_user_id" in client.session


def test_log_out_ends_the_session(client, worker):
    client.force_login(worker)
    assert client.post("/logout/").headers["Location"] == LOGIN
    assert "_auth_user_id" not in client.session


@pytest.mark.parametrize("field", ["username", "password"])
def test_endless_name_or_password_is_wrong_like_any_other(client, worker, field):
    data = {"username": worker.username, "password": "wrong"} | {field: "ﷺ" * 50_000}
    answer = client.post("/login/", data)
    assert (answer.status_code, answer.context["form"].is_valid()) == (200, False)
