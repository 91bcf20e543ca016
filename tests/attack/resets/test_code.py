"""A reset code has two halves, is used once, expires and cannot be guessed; passwords set from the command line."""

import pytest
from django.core.management import call_command
from django.test import Client

from accounts.models import AccountEvent, PasswordReset, RefusedAttempt, SecurityLetter, User
from accounts.passwords import codes, resets
from reminders.models import Reminder
from tests.attack.resets.helpers import HALF, NEW, activate, enter, logged_in
from tests.factories.accounts import PASSWORD, UserFactory

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("method", ["get", "post"])
def test_who_comes_too_late_to_print_is_told_and_leaves_no_refusal(centre, code, method):
    """Opening the notice after a colleague has printed. Control: a user who was not asked to print."""
    late = logged_in(UserFactory(council=True))
    answer = getattr(late, method)(f"/slips/{code[0].pk}/", follow=True)
    assert answer.redirect_chain == [("/slips/", 302)]
    assert "这张纸条已经打印、取消或过期了" in answer.content.decode()
    assert not RefusedAttempt.objects.exists()
    assert getattr(logged_in(UserFactory()), method)(f"/slips/{code[0].pk}/").status_code == 404
    assert RefusedAttempt.objects.count() == 1


def test_code_is_used_once(centre, code):
    assert activate(*code[1:]).status_code == 302
    assert activate(*code[1:], password="third-river-99").status_code == 200
    assert enter("director", NEW)


def dies_by(centre, how, reset, time_machine):
    """Returns the function that ends the code in the way `how`."""
    administrator, director = centre["administrator"], centre["director"]
    ways = {
        "a newer one": lambda: resets.start_reset(director, by=administrator, way="slip"),
        "cancelling": lambda: resets.cancel_reset(director, by=administrator),
        "closing": lambda: logged_in(administrator).post(f"/accounts/{director.pk}/deactivate/"),
        "time": lambda: time_machine.shift(72 * 3600 + 1),
    }
    return ways[how]


@pytest.mark.parametrize("how", ["a newer one", "cancelling", "closing", "time"])
def test_reset_code_expires(centre, how, at, time_machine):
    at("2026-11-23")
    reset, (first, _none) = resets.start_reset(centre["director"], by=centre["administrator"], way="slip")
    second = resets.print_second_half(reset, by=centre["council"])
    assert resets.find_reset(first, second)
    dies_by(centre, how, reset, time_machine)()
    assert resets.find_reset(first, second) is None
    assert activate(first, second).status_code == 200


def test_code_of_a_closed_account_stays_dead_after_reopening(centre, code):
    client = logged_in(centre["administrator"])
    client.post(f"/accounts/{centre['director'].pk}/deactivate/")
    client.post(f"/accounts/{centre['director'].pk}/reactivate/")
    assert resets.find_reset(*code[1:]) is None


def test_only_hashes_are_kept(code):
    _reset, first, second = code
    stored = str(list(PasswordReset.objects.values())) + str(list(AccountEvent.objects.values()))
    stored += str(list(SecurityLetter.objects.values())) + str(list(Reminder.objects.values()))
    for half in (first, second):
        assert codes.normalized_code(half)[:8] not in stored
        assert half not in stored
    assert codes.code_hash(first) in stored  # control


def test_each_half_alone_is_more_than_anybody_guesses():
    assert len(codes.ALPHABET) ** codes.LENGTH > 2**64
    drawn = {codes.new_code_half() for _time in range(200)}
    assert len(drawn) == 200
    assert all(HALF.fullmatch(half) for half in drawn)


def test_guessing_codes_is_stopped_by_address(code):
    for number in range(5):
        answer = activate(code[1], f"{number:015}")
        assert answer.status_code == 200
    assert activate(*code[1:]).status_code == 429
    assert activate(*code[1:], client=Client(REMOTE_ADDR="10.0.0.7")).status_code == 302


def test_unfit_password_keeps_the_code_and_costs_no_try(code):
    for unfit in ("short-9", "password123", "director"):
        page = activate(*code[1:], password=unfit)
        assert "new_password1" in page.context["form"].errors
        assert code[1] in page.content.decode()
    assert activate(*code[1:]).status_code == 302


def test_page_tells_no_other_page_where_it_came_from():
    for answer in (Client().get("/activate/"), activate("x", "y")):
        assert (
            answer.headers["Referrer-Policy"] == "same-origin"
        )  # with a stricter policy browsers would send "Origin: null"
        assert answer.headers["Cache-Control"] == "no-store"


def test_setting_a_password_needs_the_token_of_the_form(code):
    strict = Client(enforce_csrf_checks=True)
    assert activate(*code[1:], client=strict).status_code == 403


def test_session_of_the_thief_ends_with_the_use(centre, code):
    thief = logged_in(centre["director"])
    assert thief.get("/me/").status_code == 200
    activate(*code[1:])
    assert thief.get("/me/").status_code == 302


# Lost phones, rights that grow, and commands on the server.


@pytest.mark.parametrize("void", [False, True])
def test_lost_phone_puts_every_device_out(centre, void):
    thief = logged_in(centre["director"])
    logged_in(centre["administrator"]).post(
        f"/accounts/{centre['director'].pk}/sessions/", {"void": "1"} if void else {}
    )
    assert thief.get("/me/").status_code == 302
    assert enter("director", PASSWORD) is not void


def test_own_password_is_one_that_nobody_else_could_know(centre, code):
    director = centre["director"]
    resets.void_password(director, by=centre["administrator"])
    director.refresh_from_db()
    assert not resets.has_own_password(director)
    activate(*code[1:])
    director.refresh_from_db()
    assert resets.has_own_password(director)
    assert not resets.has_own_password(UserFactory(temporary_password=True))


def test_password_from_the_server_is_recorded_told_and_changed_at_once(centre, monkeypatch):
    monkeypatch.setattr("getpass.getpass", lambda prompt=None: NEW)
    thief = logged_in(centre["director"])
    call_command("changepassword", "director", verbosity=0)
    assert thief.get("/me/").status_code == 302
    director = User.objects.get(username="director")
    assert not resets.has_own_password(director)
    client = Client()
    client.post("/login/", {"username": "director", "password": NEW})
    assert client.get("/").headers["Location"] == "/password/"
    assert director.account_events.get().kind == AccountEvent.Kind.COMMAND


def test_code_from_the_server_opens_the_first_accounts(capsys):
    only = UserFactory(administrator=True, username="only")
    call_command("reset_password", "only")
    page, first, second = capsys.readouterr().out.split()
    assert page.endswith("/activate/")
    activate(first, second)
    assert enter("only", NEW)
    assert only.account_events.unacknowledged().exists()
