"""A head who wants to hide a complaint: overdue ones stay visible to those above, and no date far ahead is taken."""

from datetime import date, timedelta

import pytest
from django.urls import reverse

from accounts.exceptions import ActionRefused
from accounts.models import User
from complaints.measures.forms import MeasureForm
from complaints.models import Complaint
from reminders import steps
from reminders.models import Reminder
from tests.complaints.cases import escalated_users
from tests.factories.accounts import UserFactory
from tests.factories.complaints import ComplaintFactory, take_step

ESCALATED_ON, A_DAY_LATER = "2026-10-14", "2026-10-15"


@pytest.fixture
def overdue(head, at):
    """A complaint of 28 September, escalated to the director on 14 October."""
    case = ComplaintFactory()
    sweep(at, ESCALATED_ON)
    return case


def sweep(at, day):
    """Runs the sweep of `day`; no step may fail."""
    assert steps.sweep(at(day))[1] == []


def test_head_does_not_strike_off_who_was_told_that_it_is_overdue(overdue, head, director, client):
    with pytest.raises(ActionRefused, match="办结以前"):
        take_step(overdue, "delist", head, user=director)
    client.force_login(head)
    overdue.refresh_from_db()
    page = client.get(reverse("complaints:people", args=[overdue.number]))
    assert "act/delist/" not in page.content.decode()
    data = {"version": overdue.version, "user": director.pk}
    client.post(reverse("complaints:act", args=[overdue.number, "delist"]), data)
    assert escalated_users(overdue) == {director}


def test_named_before_it_was_overdue_is_struck_off_from_that_place_only(head, director, at):
    case = ComplaintFactory()
    take_step(case, "list", head, user=director, text="请知悉")
    sweep(at, ESCALATED_ON)
    take_step(case, "delist", head, user=director)
    assert escalated_users(case) == {director}


@pytest.mark.parametrize("step", ["accuse", "mark"])
def test_next_above_is_told_when_the_one_who_was_told_is_shut_out(overdue, head, director, council, at, step):
    take_step(overdue, step, head, users=(director,), text="反映人说的")
    assert escalated_users(overdue) == set()
    sweep(at, A_DAY_LATER)
    assert escalated_users(overdue) == {council}


def test_next_above_is_told_when_the_one_who_was_told_has_left(overdue, director, council, at):
    User.objects.filter(pk=director.pk).update(is_active=False)
    sweep(at, A_DAY_LATER)
    assert escalated_users(overdue) == {director, council}


@pytest.mark.parametrize(
    ("step", "values"),
    [
        ("extend", {"clock": "response"}),
        ("plan", {"on": date(2026, 9, 28), "form_of_reply": "phone", "words": "要查档案"}),
        ("follow_up", {}),
    ],
)
def test_day_far_ahead_is_refused(head, today, step, values):
    """The pages of a complaint, the public one included, list every day up to its dates."""
    case = ComplaintFactory()
    if step != "extend":
        take_step(case, "reply", head, on=today, form_of_reply="phone", text="已回电")
    for day in (today + timedelta(days=367), date.max):
        with pytest.raises(ActionRefused, match="年份"):
            take_step(case, step, head, text="要查档案", due_on=day, **values)
    take_step(case, step, head, text="要查档案", due_on=today + timedelta(days=366), **values)


@pytest.mark.parametrize("field", ["due_on", "check_on"])
def test_measure_far_ahead_is_refused(head, today, field):
    case = ComplaintFactory()
    data = {
        "version": 1,
        "measure": "排班表每周公布",
        "owner": head.pk,
        "due_on": "2026-10-08",
        "check_on": "2027-01-01",
    }
    assert MeasureForm(data, case=case, today=today).is_valid()
    form = MeasureForm(data | {"check_on": "9999-12-31", field: "9999-12-31"}, case=case, today=today)
    assert not form.is_valid()
    assert field in form.errors


def test_reader_strikes_off_nobody(overdue, head, director, client):
    reader = UserFactory()
    take_step(overdue, "list", head, user=reader, text="当时在场")
    client.force_login(director)
    data = {"version": Complaint.objects.get().version, "user": reader.pk}
    assert client.post(reverse("complaints:act", args=[overdue.number, "delist"]), data).status_code == 403


def test_one_marked_as_an_error_is_looked_at_by_the_one_above(head, director, client):
    case = ComplaintFactory()
    take_step(case, "void", head, text="登记错了")
    assert escalated_users(case) == {director}
    reminders = Reminder.objects.open().filter(recipient=director)
    assert reminders.count() == 1
    client.force_login(director)
    reviewed = reverse("complaints:reviewed", args=[case.number])
    assert reviewed in client.get(case.get_absolute_url()).content.decode()
    assert reminders.exists()
    client.post(reviewed)
    assert not reminders.exists()
    assert reviewed not in client.get(case.get_absolute_url()).content.decode()


def test_who_was_not_asked_answers_for_nobody(head, director, client):
    case = ComplaintFactory()
    take_step(case, "void", head, text="登记错了")
    client.force_login(head)
    client.post(reverse("complaints:reviewed", args=[case.number]))
    assert Reminder.objects.open().filter(recipient=director).count() == 1


def test_nobody_above_hears_of_an_error_that_is_about_them(head, director, council):
    case = ComplaintFactory(accused=[director, council])
    take_step(case, "void", head, text="登记错了")
    assert escalated_users(case) == set()


@pytest.mark.parametrize(("day", "is_told"), [("2026-10-15", False), ("2026-10-16", True)])
def test_pause_of_ten_working_days_is_told_above(head, director, at, day, is_told):
    case = ComplaintFactory()
    take_step(case, "pause", head, text="等材料")
    sweep(at, day)
    assert escalated_users(case) == ({director} if is_told else set())
    take_step(case, "resume", head)
    assert not Reminder.objects.open().filter(recipient=director).exists()
