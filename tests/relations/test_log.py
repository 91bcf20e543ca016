"""Logging, correcting and withdrawing contacts by relations.log.actions, in sequence and in parallel."""

import threading
from datetime import date, timedelta
from uuid import uuid4

import pytest
from django.db import connections
from django.utils import timezone

from accounts.exceptions import EditConflict
from relations.duties import settlement as duties
from relations.log.actions import (
    Participants,
    correct_interaction,
    log_interaction,
    log_sheet_check,
    withdraw_interaction,
)
from relations.models import Duty, Interaction, Purpose, Task
from reminders.models import Reminder
from tests.factories.accounts import UserFactory
from tests.factories.employers import EmployerFactory
from tests.factories.relations import ContactPersonFactory, InteractionFactory, TaskFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def today(at):
    return at("2026-10-12")


@pytest.fixture
def unit(today):
    return EmployerFactory(active=True, with_person=True)


def duty_of(unit, code, **fields):
    """The duty of the rule `code` that matches `fields`."""
    return Duty.objects.get(stakeholder=unit, rule__code=code, **fields)


def remind_of(subject, user):
    """Creates an open reminder of `subject`."""
    return Reminder.objects.create(
        key=f"{subject}:0",
        subject=subject,
        kind="due",
        recipient=user,
        title="到期",
        raised_on=date(2026, 10, 12),
    )


def at_once(acts):
    """Runs each action in its own thread, all started together; raises what one of them raised."""
    start, failed = threading.Barrier(len(acts)), []

    def run(act):
        try:
            start.wait()
            act()
        except Exception as problem:
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


@pytest.mark.django_db(transaction=True)
def test_twenty_parallel_submits_make_one_record(unit, today):
    token, contacts = uuid4(), []

    def submit():
        contact = Interaction(
            stakeholder_id=unit.pk, contact_on=today, channel="face", content="谈了名单。", token=token
        )
        contacts.append(
            log_interaction(
                contact, by=unit.responsible, company=Participants([unit.responsible]), follow_up_on=today
            ).pk
        )

    at_once([submit] * 20)
    assert set(contacts) == {Interaction.objects.get().pk}
    assert Task.objects.count() == 1
    assert duty_of(unit, "resident-contact", due_on=date(2026, 10, 31)).met == 1


@pytest.mark.django_db(transaction=True)
def test_contacts_saved_at_once_are_both_counted(unit, today):
    director = UserFactory(director=True)
    person = ContactPersonFactory(stakeholder=unit, director=True)

    def talk():
        contact = Interaction(stakeholder_id=unit.pk, contact_on=today, channel="face", content="谈了名单。")
        log_interaction(contact, by=director, company=Participants([director], [], [person]))

    at_once([talk] * 4)
    duty = duty_of(unit, "management-contact")
    assert (duty.met, duty.met_on) == (4, today)
    before = list(Duty.objects.order_by("key").values("key", "met", "met_on"))
    duties.rebuild(today)
    assert list(Duty.objects.order_by("key").values("key", "met", "met_on")) == before


def test_new_contact_says_what_it_completed(unit):
    assert InteractionFactory(stakeholder=unit).completed == ["10月驻点沟通"]
    assert InteractionFactory(stakeholder=unit).completed == []


def test_second_of_two_completes(unit, today):
    director, person = UserFactory(director=True), ContactPersonFactory(stakeholder=unit, director=True)
    talks = [
        InteractionFactory(stakeholder=unit, by=director, ours=[director], theirs=[person], contact_on=day)
        for day in (today - timedelta(days=200), today)
    ]
    assert [talk.completed for talk in talks] == [["2026年总干事沟通"], ["2026年管理层沟通"]]
    words = duties.completed_by(talks)
    assert words == {talks[0].pk: ["2026年总干事沟通"], talks[1].pk: ["2026年管理层沟通"]}


def test_completion_belongs_to_the_first_of_one_day(unit, today):
    first, second = InteractionFactory(stakeholder=unit), InteractionFactory(stakeholder=unit)
    assert duties.completed_by([second, first]) == {first.pk: ["10月驻点沟通"]}


def test_completion_moves_to_what_was_entered_late_for_an_earlier_day(unit, today):
    first = InteractionFactory(stakeholder=unit)
    late = InteractionFactory(stakeholder=unit, contact_on=date(2026, 10, 3))
    assert late.completed == []
    assert duties.completed_by([first, late]) == {late.pk: ["10月驻点沟通"]}


def test_completed_by_nothing_asks_nothing(django_assert_num_queries):
    with django_assert_num_queries(0):
        assert duties.completed_by([]) == {}


@pytest.mark.parametrize(
    ("kind", "moved"), [({}, True), ({"attempted": True}, False), ({"check": True}, False)]
)
def test_only_a_talk_moves_the_last_contact(unit, today, kind, moved):
    InteractionFactory(stakeholder=unit, **kind)
    unit.refresh_from_db()
    assert (unit.last_contact_on == today) is moved


def test_earlier_contact_does_not_move_the_last_one_back(unit, today):
    InteractionFactory(stakeholder=unit, channel="phone")
    InteractionFactory(stakeholder=unit, contact_on=today - timedelta(days=3))
    unit.refresh_from_db()
    assert (unit.last_contact_on, unit.last_contact_channel) == (today, "phone")


def test_reminder_of_a_duty_closes_and_opens_with_the_contact(unit):
    duty = duty_of(unit, "resident-contact", due_on=date(2026, 10, 31))
    Duty.objects.filter(pk=duty.pk).update(notified=1)
    remind_of(duty.key, unit.responsible)
    contact = InteractionFactory(stakeholder=unit)
    assert not Reminder.objects.open().exists()
    withdraw_interaction(contact, by=unit.responsible, reason="记错了")
    assert Reminder.objects.open().count() == 1


def test_reminder_of_a_task_closes_and_opens_with_the_contact(unit):
    task = TaskFactory(stakeholder=unit, notified=1)
    remind_of(task.key, unit.responsible)
    contact = InteractionFactory(stakeholder=unit, done_tasks=[task])
    assert not Reminder.objects.open().exists()
    withdraw_interaction(contact, by=unit.responsible, reason="记错了")
    task.refresh_from_db()
    assert (task.done_at, task.done_on, task.done_by) == (None, None, None)
    assert Reminder.objects.open().count() == 1


def test_withdrawn_contact_takes_its_own_promises_with_it(unit, today):
    contact = InteractionFactory(stakeholder=unit, follow_up="收名单", follow_up_on=today)
    remind_of(Task.objects.get().key, unit.responsible)
    withdraw_interaction(contact, by=unit.responsible, reason="记错了")
    assert Task.objects.get().dropped_at is not None
    assert not Reminder.objects.open().exists()


def test_withdrawn_twice_is_withdrawn_once(unit):
    contact, other = InteractionFactory(stakeholder=unit), UserFactory()
    withdraw_interaction(contact, by=unit.responsible, reason="记错了")
    withdraw_interaction(contact, by=other, reason="又撤一次")
    contact.refresh_from_db()
    assert (contact.withdrawn_by, contact.withdraw_reason) == (unit.responsible, "记错了")


def test_withdrawn_contact_gives_the_last_one_back(unit, today):
    InteractionFactory(stakeholder=unit, contact_on=date(2026, 9, 1), channel="phone")
    contact = InteractionFactory(stakeholder=unit)
    withdraw_interaction(contact, by=unit.responsible, reason="记错了")
    unit.refresh_from_db()
    assert (unit.last_contact_on, unit.last_contact_channel) == (date(2026, 9, 1), "phone")


def test_correction_of_an_old_version_is_refused(unit):
    contact = InteractionFactory(stakeholder=unit)
    company = Participants([unit.responsible])
    correct_interaction(contact, before=contact.contact_on, company=company, version=1)
    with pytest.raises(EditConflict) as changed:
        correct_interaction(contact, before=contact.contact_on, company=company, version=1)
    assert changed.value.latest.version == 2


def test_correction_moves_what_was_met(unit, today):
    contact = InteractionFactory(stakeholder=unit)
    contact.contact_on = date(2026, 9, 30)
    correct_interaction(contact, before=today, company=Participants([unit.responsible]), version=1)
    assert duty_of(unit, "resident-contact", due_on=date(2026, 9, 30)).met_on == date(2026, 9, 30)
    assert duty_of(unit, "resident-contact", due_on=date(2026, 10, 31)).met_on is None
    unit.refresh_from_db()
    assert unit.last_contact_on == date(2026, 9, 30)


def test_correction_keeps_in_words_who_was_there(unit):
    person = unit.contacts.get()
    contact, other = InteractionFactory(stakeholder=unit, theirs=[person]), UserFactory(name="冯子健")
    correct_interaction(
        contact, before=contact.contact_on, company=Participants([unit.responsible], [other]), version=1
    )
    assert contact.history.first().history_change_reason == f"加上冯子健（陪同），去掉{person}"


def test_sheet_check_of_two_days_is_two_checks(unit, today):
    first = log_sheet_check(unit, by=unit.responsible, today=today)
    again = log_sheet_check(unit, by=unit.responsible, today=today)
    later = log_sheet_check(unit, by=unit.responsible, today=today + timedelta(days=1))
    changed = log_sheet_check(unit, by=unit.responsible, today=today, changes="换了电话")
    assert first == again
    assert len({first.pk, later.pk, changed.pk}) == 3
    assert (changed.purpose, changed.content) == (Purpose.SHEET_CHECK, "换了电话")
    assert timezone.localdate(first.entered_at) == today
