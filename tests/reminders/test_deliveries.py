"""E-mails of reminders: in working hours only, one for all reminders of a user, never sent twice by two workers.

A failed e-mail is retried after ever longer pauses, and listed when it is given up.

"""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.core import mail
from django.db.models import Q
from django.db.models.functions import Now
from django.urls import reverse
from django.utils import timezone

from reminders import clock, deliveries, raising
from reminders.models import Delivery, Parameter, Reminder
from tests.factories.accounts import UserFactory
from tests.reminders.samples import make_reminder

pytestmark = pytest.mark.django_db

TODAY = date(2026, 10, 12)
BACKEND = "accounts.backends.RoleBackend"


def moment(day, hour=10, minute=0):
    """Returns a time on `day` (ISO date) in Shanghai."""
    return datetime.combine(
        date.fromisoformat(day), datetime.min.time(), tzinfo=ZoneInfo("Asia/Shanghai")
    ) + timedelta(hours=hour, minutes=minute)


@pytest.fixture
def now(at):
    """Monday, 12 October 2026, 10:00 in Shanghai."""
    at(TODAY)
    return clock.now()


@pytest.fixture
def reader(now):
    return UserFactory(name="周慧敏", email="zhou@example.com", reachable=True)


def letters():
    """Returns the e-mail deliveries, oldest first."""
    return Delivery.objects.filter(channel=Delivery.Channel.EMAIL).order_by("pk")


def claimed_ago(age, attempts=1):
    """Marks all e-mails as claimed by a worker `age` ago, by the clock of the database."""
    letters().update(state="claimed", claimed_by="dead", claimed_at=Now() - age, attempts=attempts)


class FailingBackend:
    """An e-mail backend whose server is unreachable."""

    def __init__(self, *args, **kwargs):
        pass

    def send_messages(self, messages):
        raise ConnectionRefusedError("no mail server")


@pytest.fixture
def no_mail_server(settings):
    settings.EMAIL_BACKEND = f"{__name__}.FailingBackend"


@pytest.mark.parametrize(
    ("day", "hour", "minute", "delivered"),
    [
        ("2026-10-12", 8, 59, 0),
        ("2026-10-12", 9, 0, 1),
        ("2026-10-12", 17, 59, 1),
        ("2026-10-12", 18, 0, 0),
        ("2026-10-12", 23, 59, 0),
        ("2026-10-13", 0, 0, 0),
        ("2026-10-17", 10, 0, 0),  # a Saturday
        ("2026-10-10", 10, 0, 1),  # a Saturday, but a make-up day
        ("2026-10-07", 10, 0, 0),  # National Day holiday
    ],
)
def test_letters_go_out_in_working_hours_of_shanghai(reader, day, hour, minute, delivered):
    make_reminder(reader)
    in_utc = moment(day, hour, minute).astimezone(ZoneInfo("UTC"))
    assert deliveries.deliver(in_utc)["delivered"] == len(mail.outbox) == delivered


def test_working_hours_are_numbers_of_the_centre(reader, now):
    Parameter.objects.create(
        key="work_starts", value=11, effective_from=TODAY, reason="试", set_by=UserFactory(director=True)
    )
    make_reminder(reader)
    assert deliveries.deliver(now)["delivered"] == 0
    assert deliveries.deliver(now + timedelta(hours=1))["delivered"] == 1


def test_one_letter_names_all_that_waits_and_no_name_stands_in_its_subject(reader, now, settings):
    settings.SITE_URL = "https://lezhi.example"
    for number in range(3):
        make_reminder(reader, number)
    assert deliveries.deliver(now) == {"delivered": 1, "undelivered": 0}
    letter = mail.outbox[0]
    assert letter.subject == "乐知：您有3项提醒"
    assert letter.to == ["zhou@example.com"]
    for number in range(3):
        assert f"第{number}件事" in letter.body
    assert "https://lezhi.example/relations/1/" in letter.body
    assert set(letters().values_list("state", "attempts")) == {("sent", 1)}
    assert deliveries.deliver(now) == {"delivered": 0, "undelivered": 0}


def test_title_is_escaped_in_the_letter(reader, now):
    make_reminder(reader, title="<script>alert(1)</script>：到期")
    deliveries.deliver(now)
    html, _type = mail.outbox[0].alternatives[0]
    assert "<script>" not in html
    assert "&lt;script&gt;" in html


def test_long_letter_is_cut_and_says_so(reader, now):
    for number in range(53):
        make_reminder(reader, number)
    deliveries.deliver(now)
    assert "另有3项" in mail.outbox[0].body
    assert letters().filter(state="sent").count() == 53


def test_what_was_done_meanwhile_is_not_sent_unless_it_opens_again(reader, now):
    """A contact closes its reminder before the e-mail is sent; later the contact is withdrawn."""
    make_reminder(reader)
    Reminder.objects.update(closed_at=now)
    assert deliveries.deliver(now)["delivered"] == 0
    Reminder.objects.update(closed_at=None)
    assert deliveries.deliver(now)["delivered"] == 1
    assert deliveries.deliver(now)["delivered"] == 0


@pytest.mark.parametrize(("days", "state"), [(30, "pending"), (31, "dropped")])
def test_what_was_done_long_ago_is_dropped(reader, now, days, state):
    make_reminder(reader)
    Reminder.objects.update(closed_at=now - timedelta(days=days))
    assert deliveries.deliver(now)["delivered"] == 0
    assert letters().get().state == state


def test_reader_who_has_left_gets_no_letter(reader, now):
    make_reminder(reader)
    reader.is_active = False
    reader.save()
    assert deliveries.deliver(now)["delivered"] == 0
    assert letters().get().state == "dropped"


def test_failed_letter_waits_longer_each_time_and_is_shown_at_last(reader, now, no_mail_server):
    make_reminder(reader)
    pauses = []
    for _attempt in range(6):
        assert deliveries.deliver(now) == {"delivered": 0, "undelivered": 1}
        row = letters().get()
        if row.state == "pending":
            pauses.append(row.not_before - now)
            assert deliveries.deliver(row.not_before - timedelta(seconds=1))["undelivered"] == 0
            now = moment("2026-10-13") if row.not_before.hour > 8 else row.not_before
            Delivery.objects.update(not_before=now)
    assert pauses == [timedelta(minutes=5 * 2**step) for step in range(5)]
    row = letters().get()
    assert (row.state, row.attempts) == ("failed", 6)
    assert row.error == "ConnectionRefusedError: no mail server"
    assert deliveries.deliver(now) == {"delivered": 0, "undelivered": 0}


def test_after_three_failures_the_server_is_taken_to_be_away(reader, now, no_mail_server):
    for number in range(5):
        make_reminder(UserFactory(email=f"w{number}@example.com", reachable=True), number)
    assert deliveries.deliver(now) == {"delivered": 0, "undelivered": 3}
    assert letters().filter(attempts=0).count() == 2


def test_failing_letter_keeps_no_other_waiting(reader, now, monkeypatch):
    other = UserFactory(email="wu@example.com", reachable=True)
    make_reminder(reader, 1)
    make_reminder(other, 2)
    write = deliveries.write_letter

    def fail_for_the_first(reader_, *rest):
        if reader_ == reader:
            raise ValueError("a broken letter")
        return write(reader_, *rest)

    monkeypatch.setattr(deliveries, "write_letter", fail_for_the_first)
    assert deliveries.deliver(now) == {"delivered": 1, "undelivered": 1}


def test_claim_of_a_dead_worker_is_taken_up_after_a_quarter_of_an_hour(reader, now):
    make_reminder(reader)
    claimed_ago(timedelta(minutes=14))
    assert deliveries.deliver(now)["delivered"] == 0
    claimed_ago(timedelta(minutes=15))
    assert deliveries.deliver(now)["delivered"] == 1
    assert set(letters().values_list("state", "claimed_by")) == {("sent", "")}


@pytest.mark.parametrize("skew", [-60, -16, -1, 0, 1, 16, 60], ids=lambda minutes: f"{minutes}min")
@pytest.mark.parametrize(("age", "delivered"), [(14, 0), (15, 1)])
def test_clock_of_the_worker_s_machine_says_nothing_about_a_claim(reader, now, skew, age, delivered):
    """A worker with a wrong clock neither takes an e-mail from a running worker nor leaves one that was abandoned."""
    make_reminder(reader)
    claimed_ago(timedelta(minutes=age))
    assert deliveries.deliver(now + timedelta(minutes=skew))["delivered"] == delivered


@pytest.mark.parametrize("skew", [-16, 16], ids=lambda minutes: f"{minutes}min")
def test_claim_is_stamped_by_the_clock_of_the_database(reader, now, skew, monkeypatch):
    make_reminder(reader)
    fresh_claims = []

    def look(*_args):
        fresh = Q(claimed_at__gt=Now() - timedelta(minutes=1), claimed_at__lt=Now() + timedelta(minutes=1))
        fresh_claims.append(letters().filter(fresh, state="claimed").count())
        raise ValueError("that is enough")

    monkeypatch.setattr(deliveries, "write_letter", look)
    deliveries.deliver(now + timedelta(minutes=skew))
    assert fresh_claims == [1]


@pytest.mark.parametrize(("ahead", "delivered"), [(14, 0), (16, 1)])
def test_claim_with_future_timestamp_expires(reader, now, ahead, delivered):
    """The clock of the database was set back, or an older release stored the time of a server whose clock was fast."""
    make_reminder(reader)
    claimed_ago(-timedelta(minutes=ahead))
    assert deliveries.deliver(now)["delivered"] == delivered


@pytest.mark.parametrize("how", ["closed", "retired"])
def test_letter_of_a_dead_worker_does_not_stay_claimed_when_its_reminder_is_closed(reader, now, how):
    make_reminder(reader)
    claimed_ago(timedelta(minutes=20))
    if how == "closed":
        raising.close_reminders(["duty:1"])
    else:
        raising.retire_reminders(Reminder.objects.all())
    assert deliveries.deliver(now)["delivered"] == 0
    assert letters().get().claimed_by == ""
    assert letters().get().state == ("pending" if how == "closed" else "dropped")
    Reminder.objects.not_retired().update(closed_at=None)
    assert deliveries.deliver(now)["delivered"] == (how == "closed")


def test_claimed_email_is_not_released_when_its_reminder_is_closed(reader, now):
    make_reminder(reader)
    claimed_ago(timedelta(minutes=1))
    raising.retire_reminders(Reminder.objects.all())
    deliveries.deliver(now)
    assert letters().get().state == "claimed"


def test_email_is_given_up_after_killing_its_worker(reader, now):
    make_reminder(reader)
    claimed_ago(timedelta(hours=1), attempts=6)
    assert deliveries.deliver(now)["delivered"] == 0
    assert letters().get().state == "failed"


def test_two_workers_send_one_letter(reader, now, monkeypatch):
    """The second worker queries the queue while the first one is sending."""
    make_reminder(reader)
    write, second = deliveries.write_letter, []

    def interleave(*args):
        monkeypatch.setattr(deliveries, "write_letter", write)
        second.append(deliveries.deliver(now))
        return write(*args)

    monkeypatch.setattr(deliveries, "write_letter", interleave)
    assert deliveries.deliver(now)["delivered"] == 1
    assert second == [{"delivered": 0, "undelivered": 0}]
    assert len(mail.outbox) == 1


def test_letter_speaks_the_language_of_its_reader(reader, now):
    reader.language = "en"
    reader.save()
    make_reminder(reader)
    deliveries.deliver(now)
    assert '<html lang="en">' in mail.outbox[0].alternatives[0][0]


def test_failed_letters_are_listed_without_what_they_say_and_sent_again(client, reader, now):
    make_reminder(reader)
    letters().update(state="failed", attempts=6, error="SMTPServerDisconnected: gone")
    client.force_login(UserFactory(administrator=True), backend=BACKEND)
    page = client.get(reverse("undelivered")).content.decode()
    assert "周慧敏" in page
    assert "SMTPServerDisconnected: gone" in page
    assert "荷塘街道" not in page
    assert client.post(reverse("send_again", args=[reader.pk])).status_code == 302
    assert deliveries.deliver(timezone.now())["delivered"] == 1


@pytest.mark.parametrize(("trait", "status"), [("resident", 403), ("director", 403), ("administrator", 200)])
def test_failed_letters_are_for_those_who_manage_accounts(client, now, trait, status):
    client.force_login(UserFactory(**{trait: True}), backend=BACKEND)
    assert client.get(reverse("undelivered")).status_code == status
    assert client.post(reverse("send_again", args=[1])).status_code == (302 if status == 200 else 403)


@pytest.mark.parametrize("confirmed", ["", "other@example.com"])
def test_letter_to_an_address_nobody_confirmed_says_how_many_only(reader, now, confirmed):
    """Another user, who manages accounts, may have entered the address."""
    type(reader).objects.filter(pk=reader.pk).update(confirmed_email=confirmed)
    make_reminder(reader)
    make_reminder(reader, 2)
    deliveries.deliver(now)
    [letter] = mail.outbox
    for text in (letter.body, letter.alternatives[0][0]):
        assert "您有2项提醒，请登录查看" in text
        assert "荷塘街道" not in text
        assert "/relations/1/" not in text
