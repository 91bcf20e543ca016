"""A strictly confidential complaint (R153-R158): it is what it should be, and each deliberate leak of it is found.

tests/attack/test_close_kinds.py asks that users who are not on its list get the site without it.
"""

import re

import pytest
from django.core import mail
from django.template.backends.django import Template

from accounts.roles import Role
from complaints.access import access_list
from complaints.models import Access, AccessRole, Complaint
from complaints.models.case import ComplaintQuerySet
from reminders.models import Delivery, DeliveryQuerySet, Reminder, ReminderQuerySet
from tests.attack import leaks as leaking
from tests.attack.answers import undone
from tests.attack.hidden import COMPLAINT, MARKS, NUMBER, ON_LIST, hide, planted_complaint, prepared

pytestmark = pytest.mark.django_db
MARK = MARKS[COMPLAINT]


@pytest.fixture(scope="module")
def centre(world):
    return prepared(world)


def leaks(world, who, some):
    """Returns the URLs below one of the URLs `some` that reveal the complaint to `who`, each with the difference."""
    return leaking.leaks(world, who, lambda: hide(world, COMPLAINT), some)


def test_complaint_is_what_it_should_be(centre):
    """Control of the setup: the complaint is escalated and notified to the users on the list, and to no other user."""
    with undone():
        mail.outbox = []
        case = planted_complaint(centre)
        on_list = {access.user for access in Access.objects.current().filter(complaint=case)}
        inside = {centre.people[role] for role in ON_LIST}
        assert on_list == inside
        deliveries = Delivery.objects.filter(reminder__subject__startswith=f"complaint:{case.pk}:")
        assert {row.recipient for row in deliveries} == inside
        letters = [letter for letter in mail.outbox if NUMBER in letter.body]
        assert {address for letter in letters for address in letter.to} == {user.email for user in inside}
        assert [letter for letter in mail.outbox if MARK in f"{letter.subject}{letter.body}"] == []
        assert [letter for letter in mail.outbox if NUMBER in letter.subject] == []
        assert Access.objects.filter(complaint=case, role=AccessRole.ESCALATED).count() == 1


def test_those_on_the_list_find_it(centre):
    """Control: the head finds the mark and the changed pages."""
    found = " ".join(leaks(centre, Role.HEAD, ["/complaints/", "/notices/"]))
    assert NUMBER in found
    assert MARK in found
    assert len(re.findall(r"/complaints/", found)) > 3


# Controls: a deliberate leak is found.


def everything(self, user):
    """A `visible_to` that shows every row."""
    return self.all()


@pytest.mark.parametrize(
    ("rows", "who", "where"),
    [
        (ComplaintQuerySet, Role.DIRECTOR, "/complaints/"),
        (ReminderQuerySet, Role.ADMINISTRATOR, "/admin/reminders/"),
        (DeliveryQuerySet, Role.ADMINISTRATOR, "/admin/reminders/"),
    ],
)
def test_rows_shown_to_all_are_found(centre, monkeypatch, rows, who, where):
    monkeypatch.setattr(rows, "visible_to", everything)
    assert leaks(centre, who, [where]) != []


def test_reminder_handed_to_a_stand_in_is_found(centre, monkeypatch):
    made = Reminder.__init__

    def impersonal(self, *args, **fields):
        made(self, *args, **fields | ({"is_personal": False} if "is_personal" in fields else {}))

    monkeypatch.setattr(Reminder, "__init__", impersonal)
    assert leaks(centre, Role.RESIDENT, ["/notices/"]) != []


def test_access_given_by_mistake_is_found(centre, monkeypatch):
    monkeypatch.setattr(access_list, "remove_person", lambda *args, **kwargs: True)
    assert leaks(centre, Role.MANAGER, ["/complaints/"]) != []


def test_number_that_counts_it_is_found(centre, monkeypatch):
    """Pages whose only fault is that they reveal the number of complaints."""
    draw = Template.render

    def render(self, context=None, request=None):
        return draw(self, context, request) + f"<!-- {Complaint.objects.count()} -->"

    monkeypatch.setattr(Template, "render", render)
    assert leaks(centre, Role.VOLUNTEER, ["/me/", "/notices/"]) != []
