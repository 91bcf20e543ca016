"""Reminders are stored once, with a delivery per channel; both follow when a reminder is reassigned."""

from datetime import date

import pytest

from reminders import deliveries, raising
from reminders.actions import remind, remind_owner
from reminders.models import Delivery, Reminder
from tests.factories.accounts import StandInFactory, UserFactory
from tests.reminders.samples import make_reminder

pytestmark = pytest.mark.django_db
TODAY = date(2026, 10, 12)


@pytest.fixture
def reader(at):
    at(TODAY)
    return UserFactory(name="周慧敏", email="zhou@example.com")


def ways():
    """Returns (name of the recipient, channel, state) of every delivery."""
    rows = Delivery.objects.order_by("recipient", "channel")
    return list(rows.values_list("recipient__name", "channel", "state"))


def test_reminder_is_stored_once_with_its_ways(reader):
    fields = {"kind": Reminder.Kind.NUDGE, "key": "k", "subject": "s", "today": TODAY}
    assert remind(reader, title="长" * 301, link="/x/", due_on=date(2026, 10, 15), **fields) is True
    assert remind(reader, title="另一件", **fields) is False
    reminder = Reminder.objects.get()
    assert (reminder.title, reminder.link, reminder.due_on) == ("长" * 300, "/x/", date(2026, 10, 15))
    assert (reminder.subject, reminder.raised_on, reminder.kind) == ("s", TODAY, "nudge")
    assert ways() == [("周慧敏", "email", "pending"), ("周慧敏", "in_app", "sent")]


def test_what_lies_there_has_arrived_and_a_letter_has_not(reader):
    make_reminder(reader)
    arrived = dict(Delivery.objects.values_list("channel", "sent_at"))
    assert arrived["in_app"] is not None
    assert arrived["email"] is None


def test_of_many_only_the_new_ones_count(reader):
    make_reminder(reader, key="a")
    many = [
        Reminder(key=key, subject="s", kind="nudge", recipient=reader, title=key, raised_on=TODAY)
        for key in "abc"
    ]
    assert raising.create_reminders(many, TODAY) == 2
    assert raising.create_reminders([], TODAY) == 0


def test_nothing_is_delivered_to_departed_users(reader):
    reader.is_active = False
    reader.save()
    make_reminder(reader)
    assert ways() == []


def test_colleague_is_asked_once_a_day_about_one_thing(reader):
    by = UserFactory(name="郑雅婷")

    def ask(day, subject="unit:1"):
        return remind_owner(reader, by=by, text="请回电", today=day, subject=subject)

    assert [ask(TODAY), ask(TODAY), ask(TODAY, "unit:2"), ask(date(2026, 10, 13))] == [
        True,
        False,
        True,
        True,
    ]
    assert set(Reminder.objects.values_list("title", "kind")) == {("郑雅婷：请回电", "nudge")}
    assert set(Reminder.objects.values_list("subject", flat=True)) == {"nudge:unit:1", "nudge:unit:2"}


def test_closing_takes_the_open_ones_of_its_subject(reader):
    make_reminder(reader, 1)
    other = make_reminder(reader, 2)
    assert raising.close_reminders(["duty:1"]) == 1
    assert raising.close_reminders(["duty:1"]) == 0
    assert list(Reminder.objects.open()) == [other]


@pytest.mark.parametrize(
    ("first", "last", "is_told"),
    [
        (date(2026, 10, 12), date(2026, 10, 12), True),
        (date(2026, 10, 13), date(2026, 10, 14), False),
        (date(2026, 10, 10), date(2026, 10, 11), False),
    ],
)
def test_stand_in_of_today_is_given_what_is_open(reader, first, last, is_told):
    make_reminder(reader)
    colleague = UserFactory(name="代理", email="")
    StandInFactory(absent=reader, stand_in=colleague, starts_on=first, ends_on=last)
    assert raising.create_stand_in_deliveries(TODAY) == int(is_told)
    assert raising.create_stand_in_deliveries(TODAY) == 0
    assert (("代理", "in_app", "sent") in ways()) is is_told


def test_stand_in_whose_time_was_cancelled_or_of_something_closed_is_given_nothing(reader):
    make_reminder(reader)
    StandInFactory(absent=reader, starts_on=TODAY, ends_on=TODAY, cancelled_at="2026-10-11T00:00:00Z")
    assert raising.create_stand_in_deliveries(TODAY) == 0
    StandInFactory(absent=reader, starts_on=TODAY, ends_on=TODAY)
    raising.close_reminders(["duty:1"])
    assert raising.create_stand_in_deliveries(TODAY) == 0


def test_given_away_it_leaves_the_first_reader_and_reaches_the_next(reader):
    given_away, kept = make_reminder(reader, 1), make_reminder(reader, 2)
    taker = UserFactory(name="接手", email="jie@example.com")
    assert raising.reassign({taker.pk: [given_away.pk]}, TODAY) == 1
    given_away.refresh_from_db()
    assert given_away.recipient == taker
    of_it = Delivery.objects.filter(reminder=given_away).order_by("recipient", "channel")
    assert list(of_it.values_list("recipient__name", "channel", "state")) == [
        ("周慧敏", "email", "dropped"),
        ("周慧敏", "in_app", "dropped"),
        ("接手", "email", "pending"),
        ("接手", "in_app", "sent"),
    ]
    assert not Delivery.objects.unread_by(reader).filter(reminder=given_away).exists()
    assert not Delivery.objects.filter(reminder=kept, state="dropped").exists()


def test_reassigned_reminder_restores_its_deliveries(reader):
    make_reminder(reader)
    taker, pk = UserFactory(name="接手", email=""), Reminder.objects.get().pk
    Delivery.objects.update(read_at="2026-10-12T00:00:00Z", attempts=3)
    raising.reassign({taker.pk: [pk]}, TODAY)
    raising.reassign({reader.pk: [pk]}, TODAY)
    mine = Delivery.objects.filter(recipient=reader).order_by("channel")
    assert list(mine.values_list("channel", "state", "attempts", "read_at")) == [
        ("email", "pending", 0, None),
        ("in_app", "sent", 0, None),
    ]


def test_letter_that_was_sent_stays_sent_when_its_reminder_goes_on(reader):
    make_reminder(reader)
    Delivery.objects.filter(channel="email").update(state="sent")
    raising.reassign({UserFactory(email="").pk: [Reminder.objects.get().pk]}, TODAY)
    assert Delivery.objects.get(recipient=reader, channel="email").state == "sent"


def test_only_what_failed_is_sent_again_with_all_its_tries(reader):
    for key in "abc":
        make_reminder(reader, key=key)
    letters = Delivery.objects.filter(channel="email")
    letters.filter(reminder__key="a").update(
        state="failed", attempts=6, error="gone", not_before="2026-10-13T00:00:00Z"
    )
    letters.filter(reminder__key="b").update(state="sent", attempts=1)
    assert deliveries.send_again(letters) == 1
    assert list(letters.order_by("pk").values_list("state", "attempts", "error", "not_before")) == [
        ("pending", 0, "", None),
        ("sent", 1, "", None),
        ("pending", 0, "", None),
    ]
