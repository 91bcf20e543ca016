"""A user whose password was reset is notified before every other page, even if an attacker reads the notice first."""

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import AccountEvent, Lockout
from accounts.passwords import resets
from accounts.passwords.event_log import record_event
from accounts.passwords.models import AppendOnlyError
from accounts.passwords.notices import MAX_EVENTS
from reminders.models import Reminder
from tests.attack.resets.helpers import NEW, activate, logged_in
from tests.factories.accounts import PASSWORD, UserFactory

pytestmark = pytest.mark.django_db


# The notice to the user.


def acknowledge(client, **more):
    """Submits the acknowledgement of the notice with its hidden fields; returns the response."""
    page = client.get("/login/notice/").context
    return client.post(
        "/login/notice/", {"event": page["last_event"], "lockout": page["last_lockout"]} | more
    )


def test_notice_stands_before_every_page_until_it_is_acknowledged(centre, code):
    activate(*code[1:])
    client = Client()
    answer = client.post("/login/", {"username": "director", "password": NEW, "next": "/stand-ins/"})
    assert answer.headers["Location"] == "/login/notice/?next=%2Fstand-ins%2F"
    for address in ("/", "/employers/", "/admin/", "/accounts/"):
        assert client.get(address).headers["Location"] == "/login/notice/"
    page = client.get("/login/notice/?next=/stand-ins/")
    for phrase in ("管理员", "发起了重设密码", "理事", "打印了纸条的另一半", "用重设码设了新密码"):
        assert phrase in page.content.decode()
    assert acknowledge(client, next="/stand-ins/").headers["Location"] == "/stand-ins/"
    assert client.get("/stand-ins/").status_code == 200
    client.post("/logout/")
    assert client.post("/login/", {"username": "director", "password": NEW}).headers["Location"] == "/"


def test_acknowledged_notice_stays_visible_for_a_month(centre, code):
    """An attacker with a stolen code acknowledges the notice; the user, back with another code, sees both events."""
    activate(*code[1:], password="stolen-river-66")
    thief = Client()
    thief.post("/login/", {"username": "director", "password": "stolen-river-66"})
    acknowledge(thief)
    again, (first, _none) = resets.start_reset(centre["director"], by=centre["administrator"], way="slip")
    activate(first, resets.print_second_half(again, by=centre["council"]))
    client = Client()
    client.post("/login/", {"username": "director", "password": NEW})
    assert client.get("/login/notice/").content.decode().count("用重设码设了新密码") == 2


def record_events(person, by, times=1):
    """Returns the keys of `times` new events on the account of `person`."""
    return [record_event(person, AccountEvent.Kind.SESSIONS, by=by).pk for _time in range(times)]


def untold(person):
    """Returns the keys of the events that `person` has not acknowledged."""
    return list(person.account_events.unacknowledged().order_by("pk").values_list("pk", flat=True))


@pytest.fixture
def news(centre):
    """(client, director, administrator): the director has logged in and has an event to acknowledge."""
    person, by = centre["director"], centre["administrator"]
    record_events(person, by)
    client = Client()
    client.post("/login/", {"username": "director", "password": PASSWORD})
    return client, person, by


def test_what_comes_after_the_notice_was_drawn_is_not_acknowledged(news):
    client, person, by = news
    page = client.get("/login/notice/").context
    late = record_events(person, by)
    shut = Lockout.objects.create(username="director", slot=1, at=timezone.now(), tries=9, addresses=3)
    form = {"event": page["last_event"], "lockout": page["last_lockout"], "next": "/stand-ins/"}
    again = client.post("/login/notice/", form).headers["Location"]
    assert again == "/login/notice/?next=%2Fstand-ins%2F"
    assert untold(person) == late
    shut.refresh_from_db()
    assert shut.acknowledged_at is None
    assert acknowledge(client, next="/stand-ins/").headers["Location"] == "/stand-ins/"
    assert untold(person) == []


def test_what_does_not_fit_on_the_notice_is_shown_on_the_next(news):
    client, person, by = news
    record_events(person, by, MAX_EVENTS)
    acknowledge(client)
    page = client.get("/login/notice/").context
    assert untold(person) == [page["last_event"]]
    assert page["last_event"] in {event.pk for event in page["events"]}
    acknowledge(client)
    assert client.get("/stand-ins/").status_code == 200


@pytest.mark.parametrize("crafted", ["", "x", "-1", "９", "1e9"])
def test_notice_without_a_number_acknowledges_nothing(news, crafted):
    client, person, _by = news
    client.post("/login/notice/", {"event": crafted, "lockout": crafted})
    assert len(untold(person)) == 1


def test_number_beyond_all_keys_is_harmless(news):
    client, person, _by = news
    client.post("/login/notice/", {"event": "9" * 30, "lockout": "9" * 30})
    assert untold(person) == []


def test_notice_leads_nowhere_else(centre, code):
    activate(*code[1:])
    client = Client()
    client.post("/login/", {"username": "director", "password": NEW})
    answer = acknowledge(client, next="https://evil.example/")
    assert answer.headers["Location"] == reverse("my_work")


def test_objection_is_heard_by_who_appoints(centre, code):
    activate(*code[1:])
    client = Client()
    client.post("/login/", {"username": "director", "password": NEW})
    assert acknowledge(client, objected="1").headers["Location"] == "/password/"
    heard = Reminder.objects.open().filter(recipient=centre["council"], kind="account")
    assert heard.filter(title__contains="不是自己要的").exists()


def test_who_confirms_hears_of_resets_of_sensitive_accounts_alone(centre):
    resets.start_reset(centre["director"], by=centre["administrator"], way="slip")
    heard = Reminder.objects.open().filter(recipient=centre["council"], subject__startswith="account:")
    assert heard.count() == 1
    resets.start_reset(UserFactory(), by=centre["administrator"], way="slip")
    assert heard.count() == 1


def test_record_is_written_once(centre):
    line = record_event(centre["director"], AccountEvent.Kind.STARTED, by=centre["administrator"])
    for attempt in (line.save, line.delete, AccountEvent.objects.all().delete):
        with pytest.raises(AppendOnlyError):
            attempt()
    with pytest.raises(AppendOnlyError):
        AccountEvent.objects.update(by=None)


def test_record_is_on_the_page_of_the_account(centre, code):
    page = (
        logged_in(centre["administrator"]).get(f"/accounts/{centre['director'].pk}/history/").content.decode()
    )
    assert "发起了重设密码" in page
    assert "打印了纸条的另一半" in page
