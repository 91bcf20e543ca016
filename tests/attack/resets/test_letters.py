"""E-mails about passwords go only to a confirmed address, are retried when the mail server is away, and are limited."""

import re
from datetime import timedelta

import pytest
from django.core import mail
from django.db import connection
from django.db.models.functions import Now
from django.test import Client
from django.utils import timezone

from accounts.models import AccountEvent, ForgottenRequest, PasswordReset, SecurityLetter, User
from accounts.passwords import codes, forgotten, letters, resets
from accounts.passwords.email_views import confirmation_code
from accounts.passwords.letters import CLAIM_TIMEOUT, FAILURES_IN_A_ROW
from accounts.tasks import send_password_letters
from reminders.models import Reminder
from tests.attack.resets.helpers import EVIL, HALF, NEW, AwayBackend, activate, confirmed, enter, logged_in
from tests.factories.accounts import PASSWORD, UserFactory

pytestmark = pytest.mark.django_db


def halves_in(letter):
    """Returns the two halves of the code in the link of an e-mail."""
    return re.search(r"/activate/#(\S+)", letter.body)[1].split(codes.SEPARATOR)


def test_link_goes_to_the_persons_own_mailbox_and_opens_the_account(centre):
    person = confirmed(centre["director"])
    answer = logged_in(centre["administrator"]).post(
        f"/accounts/{person.pk}/reset/", {"letter": "1"}, follow=True
    )
    assert [letter.to for letter in mail.outbox] == [["own@example.org"]]
    assert not HALF.findall(answer.content.decode())
    activate(*halves_in(mail.outbox[0]))
    assert enter(person.username, NEW)


CHANGES_OF_ADDRESS = {
    "the account form": lambda client, person: client.post(
        f"/accounts/{person.pk}/", {"name": person.name, "roles": person.roles, "email": EVIL, "version": 1}
    ),
    "the admin site": lambda client, person: corrected(client, person),
}


def corrected(client, person):
    """Changes the e-mail address of `person` in the admin site; returns the response."""
    address = f"/admin/accounts/user/{person.pk}/change/"
    seen = client.get(address).context["adminform"].form["seen"].value()
    typed = {"name": person.name, "email": EVIL, "phone": "", "change_reason": "试", "seen": seen}
    return client.post(address, typed)


@pytest.mark.parametrize("way", CHANGES_OF_ADDRESS)
def test_address_changed_by_somebody_else_gets_no_link_and_the_old_one_is_told(centre, way):
    person, client = confirmed(centre["director"]), logged_in(centre["administrator"])
    CHANGES_OF_ADDRESS[way](client, person)
    person.refresh_from_db()
    assert (person.email, person.has_confirmed_email) == (EVIL, False)
    client.post(f"/accounts/{person.pk}/reset/", {"letter": "1"})
    Client().post("/forgotten/", {"username": person.username})
    send_password_letters()
    assert not person.resets.exists()
    assert {address for letter in mail.outbox for address in letter.to} == {"own@example.org"}
    assert Reminder.objects.open().filter(recipient=centre["council"], kind="account").exists()


@pytest.mark.parametrize("way", CHANGES_OF_ADDRESS)
def test_old_address_is_told_though_it_was_never_confirmed(centre, way):
    person = centre["director"]
    User.objects.filter(pk=person.pk).update(email="own@example.org", confirmed_email="")
    person.refresh_from_db()
    CHANGES_OF_ADDRESS[way](logged_in(centre["administrator"]), person)
    send_password_letters()
    assert "own@example.org" in {address for letter in mail.outbox for address in letter.to}


def test_address_is_confirmed_by_password_and_mailbox_both(centre):
    person = centre["director"]
    User.objects.filter(pk=person.pk).update(email="own@example.org")
    client = logged_in(person)
    client.post("/me/email/", {"password": "wrong"})
    assert mail.outbox == []
    client.post("/me/email/", {"password": PASSWORD})
    code = re.search(r"/me/email/#(\S+)", mail.outbox[0].body)[1]
    assert (
        logged_in(centre["council"]).post("/me/email/", {"code": code}).status_code == 302
    )  # nothing is said: back to the account page
    client.post("/me/email/", {"code": code[:-1] + ("A" if code[-1] != "A" else "B")})
    assert not User.objects.get(pk=person.pk).has_confirmed_email
    client.post("/me/email/", {"code": code})
    assert User.objects.get(pk=person.pk).has_confirmed_email


def test_address_changed_at_the_moment_of_confirming_is_not_said_to_be_confirmed(centre):
    """The address changes between reading the account and confirming: the page says so and nothing is confirmed."""
    person = centre["director"]
    User.objects.filter(pk=person.pk).update(email="own@example.org")
    person.refresh_from_db()
    client, code, changed = logged_in(person), confirmation_code(person), []

    def change_once(execute, sql, *rest):
        if not changed and sql.startswith("UPDATE") and "confirmed_email" in sql:
            changed.append(User.objects.filter(pk=person.pk).update(email=EVIL))
        return execute(sql, *rest)

    with connection.execute_wrapper(change_once):
        answer = client.post("/me/email/", {"code": code})
    assert changed
    assert "没有确认" in answer.content.decode()
    assert not User.objects.get(pk=person.pk).confirmed_email
    assert not person.account_events.filter(kind=AccountEvent.Kind.CONFIRMED).exists()


def test_change_of_an_address_is_told_once_although_two_hold_the_account(centre):
    person = confirmed(centre["director"])
    other = User.objects.get(pk=person.pk)
    other.email = EVIL
    other.save()
    person.refresh_from_db()
    person.save()
    changes = person.account_events.filter(kind=AccountEvent.Kind.ADDRESS)
    assert (changes.count(), SecurityLetter.objects.count()) == (1, 1)
    person.email = "third@example.org"
    person.refresh_from_db(fields=["name"])
    person.save()
    assert changes.count() == 2  # control: a new change is reported


def test_code_for_one_address_confirms_no_other(centre):
    person = centre["director"]
    User.objects.filter(pk=person.pk).update(email="own@example.org")
    client = logged_in(person)
    client.post("/me/email/", {"password": PASSWORD})
    code = re.search(r"/me/email/#(\S+)", mail.outbox[0].body)[1]
    User.objects.filter(pk=person.pk).update(email=EVIL)
    client.post("/me/email/", {"code": code})
    assert User.objects.get(pk=person.pk).confirmed_email == ""


def test_a_slip_takes_the_trust_from_the_mailbox(centre):
    """Another person may have used the slip, so the address has to be confirmed again."""
    person = confirmed(centre["director"])
    reset, (first, _none) = resets.start_reset(person, by=centre["administrator"], way="slip")
    activate(first, resets.print_second_half(reset, by=centre["council"]))
    assert not User.objects.get(pk=person.pk).has_confirmed_email


def test_letter_that_is_not_sent_is_said_and_shown(centre, settings):
    settings.EMAIL_BACKEND = "tests.attack.resets.helpers.AwayBackend"
    person = confirmed(centre["director"])
    client = logged_in(centre["administrator"])
    answer = client.post(f"/accounts/{person.pk}/reset/", {"letter": "1"}, follow=True)
    assert "链接没有发出去" in answer.content.decode()
    assert person.account_events.filter(kind=AccountEvent.Kind.NOT_SENT).exists()


@pytest.fixture
def mail_is_away(settings, monkeypatch):
    """The mail server is away; AwayBackend counts the attempts."""
    settings.EMAIL_BACKEND = "tests.attack.resets.helpers.AwayBackend"
    monkeypatch.setattr(AwayBackend, "tries", 0)


def test_letters_stop_when_the_mail_server_is_away(mail_is_away, settings):
    for _letter in range(5):
        letters.queue_letter(UserFactory(email="own@example.org"), "lockout", lambda: "试")
    assert (letters.send_due(), AwayBackend.tries) == (0, FAILURES_IN_A_ROW)
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    assert letters.send_due() == 2  # those not attempted yet; the others wait for their retry


def test_links_asked_for_wait_when_the_mail_server_is_away(mail_is_away, settings):
    for place in range(5):
        confirmed(UserFactory(username=f"person{place}"))
        ForgottenRequest.objects.create(username=f"person{place}", at=timezone.now())
    assert (forgotten.answer_requests(), AwayBackend.tries) == (0, FAILURES_IN_A_ROW)
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    assert forgotten.answer_requests() == 2


def test_refusals_that_do_not_follow_each_other_stop_nothing():
    assert letters.send_until_server_fails([False, False, True, False, None, False, True]) == 2
    assert letters.send_until_server_fails([False, None, False, False, True]) == 0


@pytest.mark.parametrize(
    ("age", "sent"),
    [(CLAIM_TIMEOUT, 1), (CLAIM_TIMEOUT / 2, 0), (-CLAIM_TIMEOUT / 2, 0), (-2 * CLAIM_TIMEOUT, 1)],
    ids=str,
)
@pytest.mark.parametrize("skew", [-60, 0, 60])
def test_claim_of_a_letter_is_stale_by_the_clock_of_the_database(time_machine, age, sent, skew):
    """`skew` is how wrong the clock of the worker's machine is, in minutes."""
    letters.queue_letter(UserFactory(email="own@example.org"), "lockout", lambda: "试")
    SecurityLetter.objects.update(state="claimed", attempts=1, not_before=Now() - age)
    time_machine.move_to(timezone.now() + timedelta(minutes=skew))
    assert letters.send_due() == sent


def test_letter_about_a_reset_is_tried_again_and_then_shown(centre, settings, at, time_machine):
    at("2026-11-28", 23)  # a Saturday night: these e-mails do not wait for working hours
    person = confirmed(centre["director"])
    resets.start_reset(person, by=centre["administrator"], way="slip")
    settings.EMAIL_BACKEND = "tests.attack.resets.helpers.AwayBackend"
    for _hour in range(9):
        send_password_letters()
        time_machine.shift(5 * 3600)
    assert SecurityLetter.objects.get().state == "failed"
    page = logged_in(centre["administrator"]).get(f"/accounts/{person.pk}/")
    assert page.context["unsent"] == 1


def test_letter_about_a_reset_goes_out_at_night(centre, at):
    at("2026-11-28", 23)
    person = confirmed(centre["director"])
    resets.start_reset(person, by=centre["administrator"], way="slip")
    send_password_letters()
    send_password_letters()
    assert [letter.to for letter in mail.outbox] == [["own@example.org"]]
    assert not HALF.findall(mail.outbox[0].body)


# Requests on the page for a forgotten password.


def test_forgotten_password_is_answered_alike_for_every_name(centre):
    confirmed(centre["director"])
    left = UserFactory(left=True, email="a@example.org", confirmed_email="a@example.org")
    pages = {
        Client(REMOTE_ADDR=f"10.0.3.{place}").post("/forgotten/", {"username": name}).content
        for place, name in enumerate(("director", "council", "nobody", left.username))
    }
    assert len({len(page) for page in pages}) == 1
    assert mail.outbox == []  # nothing is sent during the request: its duration reveals nothing
    send_password_letters()
    assert [letter.to for letter in mail.outbox] == [["own@example.org"]]
    activate(*halves_in(mail.outbox[0]))
    assert enter("director", NEW)


def test_letters_that_anybody_can_ask_for_are_few(centre):
    confirmed(centre["director"])
    for number in range(9):
        Client(REMOTE_ADDR=f"10.0.4.{number}").post("/forgotten/", {"username": "director"})
        send_password_letters()
    assert len(mail.outbox) == 3
    for _time in range(5):
        Client().post("/forgotten/", {"username": "council"})
    assert Client().post("/forgotten/", {"username": "council"}).status_code == 429


def test_asking_does_not_end_the_reset_of_a_colleague(centre):
    person = confirmed(centre["director"])
    reset, _halves = resets.start_reset(person, by=centre["administrator"], way="slip")
    Client().post("/forgotten/", {"username": "director"})
    send_password_letters()
    assert PasswordReset.objects.live().get() == reset
