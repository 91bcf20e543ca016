"""Stored codes are declared by the app that writes them: origins of tasks, kinds of reminders and of records."""

from dataclasses import replace

import pytest

from accounts.roles import KINDS, is_person
from relations.log.auto_complete import tasks_completed_by
from relations.models import Purpose, SearchToken, Task
from relations.models.task_origins import ORIGINS, TaskOrigin, purpose_of
from relations.search.index import tokens_of
from reminders.kinds import KINDS as REMINDER_KINDS
from reminders.models import Reminder
from reminders.notice_views import kind_of
from tests.factories.employers import EmployerFactory
from tests.factories.relations import InteractionFactory, TaskFactory

# These values are stored in databases in use.
STORED_ORIGINS = "follow_up retry renewal greeting revisit urgent report monthly_sheet nudge other"
STORED_KINDS = "due escalated contract calendar approval hand_over nudge import check complaint account"


def test_every_stored_value_is_still_declared():
    assert set(STORED_ORIGINS.split()) == set(ORIGINS)
    assert set(STORED_KINDS.split()) == set(REMINDER_KINDS)


@pytest.mark.parametrize(
    ("model", "name", "register"), [(Task, "origin", ORIGINS), (Reminder, "kind", REMINDER_KINDS)]
)
def test_field_offers_what_is_declared_and_has_room_for_it(model, name, register):
    field = model._meta.get_field(name)
    assert [value for value, _label in field.choices] == list(register)
    assert max(map(len, register)) <= field.max_length


def test_labels_are_those_of_the_app_that_declares():
    assert Task(origin="renewal").get_origin_display() == "续签前沟通"
    assert Reminder(kind="complaint").get_kind_display() == "意见／投诉"


def test_notice_of_a_kind_that_nobody_declares_is_shown_by_its_value():
    assert (kind_of(Reminder(kind="survey")).label, kind_of(Reminder(kind="survey")).icon) == (
        "survey",
        "bell",
    )
    assert kind_of(Reminder(kind="due")).falls_due


@pytest.mark.django_db
def test_origin_of_an_app_above_says_what_opens_and_closes_its_tasks(monkeypatch, at):
    """R90: the log opens with the purpose that the task requires, and a contact of that purpose closes the task."""
    today = at("2026-10-12")
    wish = TaskOrigin("心愿", Purpose.VISIT, is_closed_by_purpose=True, within=3)
    monkeypatch.setitem(ORIGINS._entries, "wish", wish)
    employer = EmployerFactory(active=True)
    near = TaskFactory(stakeholder=employer, origin="wish", due_on=today)
    visit = InteractionFactory.build(stakeholder=employer, purpose=Purpose.VISIT, contact_on=today)
    assert purpose_of("wish") == Purpose.VISIT
    assert list(tasks_completed_by(visit)) == [near]
    visit.contact_on = today.replace(day=8)
    assert list(tasks_completed_by(visit)) == []


@pytest.mark.django_db
def test_names_of_persons_are_told_by_their_kind(monkeypatch):
    assert [is_person(kind) for kind in ("employer", "client", "partner", "staff")] == [
        False,
        True,
        False,
        True,
    ]
    monkeypatch.setitem(KINDS, "employer", replace(KINDS["employer"], is_person=True))
    assert is_person("employer")
    named = EmployerFactory(name="单雄信")
    found = set(SearchToken.objects.filter(stakeholder=named).values_list("token", flat=True))
    assert found == tokens_of("单雄信", is_person=True) != tokens_of("单雄信", is_person=False)
