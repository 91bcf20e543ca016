"""How many attempts one IP address has, whatever headers it sends."""

import threading

import pytest
from django.db import connections
from django.test import Client, RequestFactory

from accounts.roles import Role
from complaints.models import Attempt, Complaint
from complaints.portal import codes, limits
from reminders.models import Parameter
from tests.complaints.portal import door
from tests.complaints.portal.door import CASE, FOLLOW, FORM, following, send, sent, typed
from tests.factories.accounts import UserFactory

pytestmark = pytest.mark.usefixtures("head")


def at_once(*acts):
    """Runs the functions in threads at the same moment. Raises the first exception."""
    failed, ready = [], threading.Barrier(len(acts))

    def run(act):
        try:
            ready.wait()
            act()
        except BaseException as problem:
            failed.append(problem)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=[act]) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failed:
        raise failed[0]


def allow(key, value, today):
    """Sets a parameter from today on."""
    Parameter.objects.create(
        key=key, value=value, effective_from=today, reason="试", set_by=UserFactory(roles=[Role.DIRECTOR])
    )


class TestForms:
    def test_sixth_within_ten_minutes_waits_and_keeps_what_was_typed(self, client):
        for _form in range(5):
            assert send(client).url == door.RECEIPT
        answer = send(client, statement="第六件事")
        assert (answer.status_code, answer["Retry-After"]) == (429, "600")
        assert "第六件事" in answer.content.decode()
        assert Complaint.objects.count() == 5

    def test_limit_is_lifted_after_ten_minutes(self, client, at):
        for _form in range(6):
            send(client)
        at("2026-09-28", 10, 9)
        assert send(client).status_code == 429
        at("2026-09-28", 10, 21)
        assert send(client).url == door.RECEIPT

    def test_number_is_a_setting(self, client, today):
        allow("portal_submissions", 1, today)
        send(client)
        assert send(client).status_code == 429

    def test_forged_forwarding_header_does_not_help(self):
        answers = [
            send_from("203.0.113.5", HTTP_X_FORWARDED_FOR=f"198.51.100.{number}") for number in range(6)
        ]
        assert [answer.status_code for answer in answers] == [302] * 5 + [429]

    def test_behind_our_proxy_the_proxys_word_counts(self, settings):
        settings.TRUSTED_PROXIES = 1
        forged = [send_from("10.0.0.1", HTTP_X_FORWARDED_FOR=f"9.9.9.{n}, 203.0.113.5") for n in range(6)]
        assert [answer.status_code for answer in forged] == [302] * 5 + [429]
        assert send_from("10.0.0.1", HTTP_X_FORWARDED_FOR="203.0.113.6").status_code == 302

    def test_another_address_is_not_held_up(self):
        for _form in range(6):
            send_from("203.0.113.5")
        assert send_from("203.0.113.6").status_code == 302

    def test_neighbours_in_one_ipv6_network_are_one(self):
        answers = [send_from(f"2001:db8:1:2::{number:x}") for number in range(1, 7)]
        assert [answer.status_code for answer in answers] == [302] * 5 + [429]

    def test_slips_in_one_form_count_once(self, client):
        token = codes.new_token()
        for _slip in range(8):
            assert client.post(FORM, typed(token=token, title="")).status_code == 200
        assert client.post(FORM, typed(token=token)).url == door.RECEIPT

    def test_one_form_sent_without_end_is_stopped(self, client, today):
        allow("portal_submissions", 1, today)
        token = codes.new_token()
        answers = [client.post(FORM, typed(token=token, title="")).status_code for _slip in range(13)]
        assert answers == [200] * 12 + [429]


def send_from(address, **more):
    """Submits a form from this IP address. Returns the response."""
    return Client().post(FORM, typed(token=codes.new_token()), REMOTE_ADDR=address, **more)


@pytest.mark.django_db(transaction=True)
def test_twenty_parallel_sends_of_one_form_make_one_complaint_and_show_one_code():
    token, shown = codes.new_token(), []

    def submit():
        client = Client()
        client.post(FORM, typed(token=token))
        shown.append(door.code_on(client))

    at_once(*[submit] * 20)
    assert Complaint.objects.count() == 1
    assert set(shown) == {"-".join(codes.code_lines(codes.code_of(codes.seed_of(token))))}
    assert len(shown) == 20


@pytest.mark.django_db(transaction=True)
def test_twenty_parallel_submissions_respect_the_limit():
    """Every attempt is stored before it is counted: fewer than five may pass at once, but never more."""
    statuses = []
    at_once(*[lambda: statuses.append(send_from("203.0.113.5").status_code)] * 20)
    assert set(statuses) <= {302, 429}
    assert Complaint.objects.count() == statuses.count(302) <= 5
    assert Attempt.objects.count() == 20


def test_eleventh_code_attempt_is_refused(client):
    _case, code, _sender = sent()
    for _try in range(10):
        assert "没有找到这个查询码" in client.post(FOLLOW, {"code": "7MXD-4RTW"}).content.decode()
    answer = client.post(FOLLOW, {"code": code})
    assert (answer.status_code, answer["Retry-After"]) == (429, "600")


def test_messages_have_their_own_number(today):
    allow("portal_messages", 2, today)
    case, code, _client = sent()
    client = following(code)
    answers = [client.post(CASE, {"text": f"第{number}句"}) for number in range(3)]
    assert [answer.status_code for answer in answers] == [302, 302, 429]
    assert "第2句" in answers[2].content.decode()
    assert case.acts.filter(kind="message").count() == 2


def test_address_hash_changes_with_day_and_secret(settings, at):
    request = RequestFactory().get("/", REMOTE_ADDR="203.0.113.5")
    for day in ("2026-09-28", "2026-09-29"):
        limits.register_attempt(request, limits.CODE, today=at(day))
    settings.SECRET_KEY = "another" * 10
    limits.register_attempt(request, limits.CODE, today=at("2026-09-29"))
    hashes = {
        each[: limits.ADDRESS_HASH_LENGTH] for each in Attempt.objects.values_list("sender_hash", flat=True)
    }
    assert len(hashes) == 3


@pytest.mark.django_db(transaction=True)
def test_twenty_parallel_sends_of_one_message_from_one_browser_make_one(today):
    allow("portal_messages", 100, today)
    case, code, _client = sent()
    cookies, statuses = following(code).cookies, []

    def write():
        client = Client()
        client.cookies = cookies
        statuses.append(client.post(CASE, {"text": "没有人打过电话。", "seen": "3"}).status_code)

    at_once(*[write] * 20)
    assert statuses == [302] * 20
    assert case.acts.filter(kind="message").count() == 1


@pytest.mark.django_db(transaction=True)
def test_name_given_in_parallel_counts_once():
    case, code, _client = sent(is_personnel="on", anyway="1")
    cookies = following(code).cookies

    def name():
        client = Client()
        client.cookies = cookies
        assert client.post("/portal/case/name/", {"name": "林小春"}).status_code == 302

    at_once(*[name] * 10)
    assert case.acts.filter(kind="identified").count() == 1
