"""A password reset takes two people: nothing an administrator alone can reach opens another account."""

from itertools import permutations

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse

from accounts.models import PasswordReset, User
from accounts.passwords import resets
from accounts.roles import Role
from accounts.tasks import send_password_letters
from reminders.models import Reminder
from tests.attack.resets.helpers import EVIL, HALF, NEW, activate, enter, logged_in
from tests.factories.accounts import PASSWORD, DepartmentFactory, UserFactory
from tests.plugins.where import deep

pytestmark = pytest.mark.django_db


# What an administrator alone can reach.


def steps_of_an_administrator(subject):
    """Returns every request on an account that could lead to a credential, as (URL, data)."""
    own = {"name": subject.name, "roles": subject.roles, "email": EVIL, "version": 1}
    pk = subject.pk
    return [
        (f"/accounts/{pk}/", own),
        (f"/admin/accounts/user/{pk}/change/", {"name": subject.name, "email": EVIL, "change_reason": "试"}),
        (f"/accounts/{pk}/reset/", {}),
        (f"/accounts/{pk}/reset/", {"letter": "1"}),
        (f"/accounts/{pk}/sessions/", {"void": "1"}),
        (f"/accounts/{pk}/deactivate/", {}),
        (f"/accounts/{pk}/reactivate/", {}),
        ("/accounts/new/", {"name": "新总干事", "username": "newdirector", "roles": ["director"]}),
        ("/forgotten/", {"username": subject.username}),
        ("/me/email/", {"password": PASSWORD}),
    ]


def everything_shown_to(client, subject):
    """Returns the text of all pages about `subject` and of all slips that the administrator reaches."""
    seen = []
    for url, data in steps_of_an_administrator(subject):
        seen.append(client.post(url, data, follow=True).content.decode())
        for reset in PasswordReset.objects.all():
            for address in (f"/slips/{reset.pk}/", f"/accounts/{reset.user_id}/", "/slips/"):
                seen += [client.get(address).content.decode(), client.post(address).content.decode()]
        for address in (f"/accounts/{subject.pk}/history/", f"/admin/accounts/user/{subject.pk}/history/"):
            seen.append(client.get(address).content.decode())
        send_password_letters()
    return seen


@pytest.mark.parametrize("role", [deep("director"), deep("council"), "resident", "left"])
def test_administrator_alone_finds_nothing_that_opens_another_account(centre, role):
    subject = centre.get(role) or UserFactory(left=role == "left", department=DepartmentFactory())
    User.objects.filter(pk=subject.pk).update(email="own@example.org", confirmed_email="own@example.org")
    seen = everything_shown_to(logged_in(centre["administrator"]), User.objects.get(pk=subject.pk))
    mine = [letter.body for letter in mail.outbox if EVIL in letter.to]
    found = {half for text in seen + mine for half in HALF.findall(text)}
    assert found  # first halves are shown, so the search does find codes
    for first, second in permutations(found, 2):
        assert resets.find_reset(first, second) is None
    for half in found:
        assert resets.find_reset(half, half) is None
        assert resets.find_reset(half, "") is None
    assert not any(enter(name, half) for name in (subject.username, "newdirector") for half in found)
    assert not PasswordReset.objects.exclude(used_at=None).exists()


def test_such_a_code_would_have_been_found(centre):
    """Control of the search: together with the page of the second person the same pairs do open the account."""
    subject = centre["council"]
    seen = [logged_in(centre["administrator"]).post(f"/accounts/{subject.pk}/reset/").content.decode()]
    reset = PasswordReset.objects.get()
    seen.append(logged_in(centre["director"]).post(f"/slips/{reset.pk}/").content.decode())
    found = {half for text in seen for half in HALF.findall(text)}
    assert [pair for pair in permutations(found, 2) if resets.find_reset(*pair)]


# The intended way: two people.


@pytest.mark.parametrize(
    ("subject", "starter", "second"),
    [
        ("director", "administrator", "council"),
        ("council", "administrator", "director"),
        ("administrator", "director", "council"),
        ("administrator", "council", "director"),
    ],
)
def test_centre_of_three_helps_each_of_them(centre, subject, starter, second):
    person, by = centre[subject], logged_in(centre[starter])
    by_page = reverse("slip_start" if subject == "administrator" else "accounts:reset", args=[person.pk])
    first = by.post(by_page).context["half"]
    reset = PasswordReset.objects.get()
    assert enter(person.username, PASSWORD)  # starting a reset does not end the old password
    other = logged_in(centre[second])
    assert f"/slips/{reset.pk}/" in other.get("/slips/").content.decode()
    half = other.post(f"/slips/{reset.pk}/").context["half"]
    assert activate(half.lower().replace("-", " "), first).headers["Location"] == "/login/"
    assert enter(person.username, NEW)
    assert not enter(person.username, PASSWORD)


def test_new_colleague_without_email_takes_two_forms_and_one_click(centre):
    """The administrator fills in the form, the department head prints from the notice, the user enters the codes."""
    head = UserFactory(department_head=True)
    typed = {"name": "新社工", "username": "newone", "roles": ["resident"], "department": head.department_id}
    first = logged_in(centre["administrator"]).post("/accounts/new/", typed).context["half"]
    reset = PasswordReset.objects.get()
    assert Reminder.objects.open().filter(recipient=head, link="/slips/").exists()
    half = logged_in(head).post(f"/slips/{reset.pk}/").context["half"]
    assert not Reminder.objects.open().filter(subject=f"slip:{reset.pk}").exists()
    activate(first, half)
    client = Client()
    answer = client.post("/login/", {"username": "newone", "password": NEW})
    assert answer.headers["Location"] == reverse("my_work")  # no notice about their new account


def test_neither_the_starter_nor_the_person_nor_a_bystander_prints(centre):
    resident = UserFactory()
    reset, _halves = resets.start_reset(resident, by=centre["administrator"], way="slip")
    for nobody in (centre["administrator"], resident, UserFactory(), UserFactory(department_head=True)):
        assert logged_in(nobody).post(f"/slips/{reset.pk}/").status_code == 404
    own = UserFactory(department_head=True, department=resident.department)
    assert logged_in(own).post(f"/slips/{reset.pk}/").status_code == 200


def test_an_administrator_who_also_directs_does_not_print_what_they_started(centre):
    both = UserFactory(roles=[Role.ADMINISTRATOR, Role.DIRECTOR])
    reset, _halves = resets.start_reset(centre["council"], by=both, way="slip")
    assert logged_in(both).post(f"/slips/{reset.pk}/").status_code == 404
    assert both not in resets.second_half_printers(centre["council"], both)


def test_who_may_print_is_the_same_asked_from_both_sides():
    department = DepartmentFactory()
    people = [UserFactory(roles=[role], department=dep) for role in Role for dep in (department, None)]
    people += [UserFactory(roles=[Role.RESIDENT], left=True)]
    heading = UserFactory(roles=[Role.FRONT_LINE])
    department.head = heading
    department.save()
    starter = UserFactory(administrator=True)
    for subject in people:
        if not subject.is_active:
            continue
        reset, _halves = resets.start_reset(subject, by=starter, way="slip")
        printers = set(resets.second_half_printers(subject, starter))
        may = {
            one
            for one in [*people, heading, starter]
            if one.is_active and PasswordReset.objects.printable_by(one).filter(pk=reset.pk).exists()
        }
        assert may == printers, subject.roles
