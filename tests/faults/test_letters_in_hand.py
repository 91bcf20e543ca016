"""A reminder changes while a worker is sending its e-mail, step by step on two connections.

The worker is stopped between its claim and the end of sending; another transaction runs in the meantime.
"""

import threading
from datetime import timedelta

import pytest
from django.core import mail
from django.db import connection
from django.db.models.functions import Now

from reminders import clock, deliveries, raising
from reminders.actions import remind
from reminders.models import Delivery, Reminder
from tests.factories.accounts import UserFactory
from tests.factories.relations import StakeholderFactory, TaskFactory

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]
PATIENCE = 60  # seconds a thread may take on a busy machine


@pytest.fixture
def reader(at):
    """A user with one open reminder."""
    at("2026-10-12")
    reader = UserFactory(name="周慧敏", email="zhou@example.com", reachable=True)
    remind(reader, kind="due", key="k", subject="s", title="请跟进", today=clock.today())
    return reader


def in_thread(act):
    """Runs `act` to its end in a thread with its own connection; returns its result."""
    results = []

    def run():
        try:
            results.append(act())
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    thread.join(PATIENCE)
    assert not thread.is_alive()
    return results[0]


@pytest.fixture
def while_in_hand(monkeypatch):
    """while_in_hand(act, fails=False): a worker claims and writes an e-mail; `act` runs before it is sent."""

    def deliver(act, fails=False):
        write, now = deliveries.write_letter, clock.now()

        def write_and_let_act(*given):
            letter = write(*given)
            monkeypatch.setattr(deliveries, "write_letter", write)
            in_thread(act)
            if fails:
                raise ConnectionRefusedError("no mail server")
            return letter

        monkeypatch.setattr(deliveries, "write_letter", write_and_let_act)
        return deliveries.deliver(now)

    return deliver


def letter(**which):
    """Returns (state, claimed by) of the only e-mail."""
    row = Delivery.objects.filter(channel="email", **which).get()
    return row.state, row.claimed_by


def later():
    """Delivers twenty minutes later; returns the counts."""
    return deliveries.deliver(clock.now() + timedelta(minutes=20))


ENDS = {
    "closed": lambda: raising.close_reminders(["s"]),
    "retired": lambda: raising.retire_reminders(Reminder.objects.filter(subject="s")),
}


@pytest.mark.parametrize("end", ENDS)
def test_letter_in_hand_ends_as_sent_and_is_sent_once(reader, while_in_hand, end):
    assert while_in_hand(ENDS[end])["delivered"] == 1
    assert letter() == ("sent", "")
    if end == "closed":
        Reminder.objects.update(closed_at=None)  # the contact was withdrawn
    assert later()["delivered"] == 0
    assert len(mail.outbox) == 1


@pytest.mark.parametrize(("end", "state"), [("closed", "pending"), ("retired", "dropped")])
def test_letter_in_hand_that_fails_waits_for_its_reminder_or_is_dropped(reader, while_in_hand, end, state):
    assert while_in_hand(ENDS[end], fails=True)["undelivered"] == 1
    assert later()["delivered"] == 0
    assert letter() == (state, "")
    Reminder.objects.not_retired().update(closed_at=None)
    assert later()["delivered"] == (end == "closed")


def test_letter_in_hand_whose_reminder_is_opened_again_at_once_is_sent_once(reader, while_in_hand):
    def close_and_open():
        raising.close_reminders(["s"])
        Reminder.objects.update(closed_at=None)
        return deliveries.deliver(clock.now())

    assert while_in_hand(close_and_open)["delivered"] == 1
    assert (letter(), later()["delivered"], len(mail.outbox)) == (("sent", ""), 0, 1)


@pytest.mark.parametrize("returns", [True, False])
def test_letter_in_hand_of_a_reminder_that_goes_to_somebody_else(reader, while_in_hand, returns):
    """Each recipient gets one e-mail; if the reminder returns in the meantime, the first one gets no second."""
    taker, pk, today = (
        UserFactory(email="taker@example.com", reachable=True),
        Reminder.objects.get().pk,
        clock.today(),
    )

    def give():
        raising.reassign({taker.pk: [pk]}, today)
        if returns:
            raising.reassign({reader.pk: [pk]}, today)

    while_in_hand(give)
    assert letter(recipient=reader) == ("sent", "")
    later()
    assert sorted(each.to[0] for each in mail.outbox) == (
        ["zhou@example.com"] if returns else ["taker@example.com", "zhou@example.com"]
    )


def test_letter_given_back_while_in_the_hands_of_one_who_died_is_sent(reader):
    """Control: an e-mail claimed by a worker that died is sent once its claim is stale."""
    taker, pk, today = (
        UserFactory(email="taker@example.com", reachable=True),
        Reminder.objects.get().pk,
        clock.today(),
    )
    Delivery.objects.filter(channel="email").update(state="claimed", claimed_by="dead", claimed_at=Now())
    raising.reassign({taker.pk: [pk]}, today)
    raising.reassign({reader.pk: [pk]}, today)
    assert deliveries.deliver(clock.now())["delivered"] == 0
    Delivery.objects.filter(state="claimed").update(claimed_at=Now() - deliveries.CLAIM_TIMEOUT)
    assert deliveries.deliver(clock.now())["delivered"] == 1


@pytest.mark.parametrize("skew", [-1, 1])
def test_second_worker_whose_clock_is_a_minute_off_takes_nothing_from_the_first(reader, while_in_hand, skew):
    now = clock.now() + timedelta(minutes=skew)
    second = []
    assert while_in_hand(lambda: second.append(deliveries.deliver(now)))["delivered"] == 1
    assert (second, len(mail.outbox)) == ([{"delivered": 0, "undelivered": 0}], 1)


# A task is moved or finished while a sweep works on it.


@pytest.fixture
def sweep_in_progress(at, monkeypatch):
    """sweep_in_progress(act): the sweep has written its reminders but not committed; `act` has to wait for it."""
    from relations.reminding import raising as duties

    at("2026-10-12")

    def run(act):
        release, begun = duties.ReminderRun.release_orphans, []

        def release_and_let_act(self, cursor):
            release(self, cursor)
            if self.source is duties.TASKS and not begun:
                begun.append(start(act))
                wait_for_lock()

        monkeypatch.setattr(duties.ReminderRun, "release_orphans", release_and_let_act)
        from reminders import steps

        steps.sweep(clock.today())
        begun[0].join(PATIENCE)
        assert not begun[0].is_alive()

    return run


def start(act):
    """Starts `act` in a thread with its own connection; returns the thread."""

    def run():
        try:
            act()
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    return thread


def wait_for_lock():
    """Waits until a session waits for a lock; asks in new transactions, as one transaction sees one moment."""
    in_thread(lambda: next(found for found in iter(count_waiting, None) if found))


def count_waiting():
    """Returns the number of sessions that wait for a lock."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT COUNT(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
        )
        return cursor.fetchone()[0]


@pytest.mark.parametrize("act", ["move", "finish", "log"])
def test_task_changed_while_it_is_swept_leaves_no_reminder_of_the_former_state(sweep_in_progress, act):
    from relations.models import Task
    from relations.work import task_actions
    from tests.factories.relations import InteractionFactory

    task = TaskFactory(stakeholder=StakeholderFactory(responsible=UserFactory()))
    acts = {
        "move": lambda: task_actions.move_task(
            Task.objects.get(pk=task.pk), due_on=task.due_on.replace(day=30), today=clock.today()
        ),
        "finish": lambda: task_actions.finish_task(Task.objects.get(pk=task.pk), today=clock.today()),
        "log": lambda: InteractionFactory(
            stakeholder=task.stakeholder, done_tasks=[Task.objects.get(pk=task.pk)]
        ),
    }
    sweep_in_progress(acts[act])
    reminders = Reminder.objects.filter(subject=task.key)
    assert (reminders.count(), reminders.open().count()) == (1, 0)
    task.refresh_from_db()
    assert task.notified == (0 if act == "move" else 1)
