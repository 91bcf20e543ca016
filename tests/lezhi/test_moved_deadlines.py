"""A reminder belongs to the date it states: a deadline of any kind, moved in any way, is reminded of again, once.

`first` is the original date; `later` and `earlier` are others. Each `Dated` is moved on its own pages.
"""

from datetime import date

import pytest
from django.core import mail
from django.db.models.functions import Now
from django.test import Client
from django.urls import reverse

from accounts.roles import Role
from employers.models import Contract
from relations.models import CadenceRule, Task
from relations.rules import versions as rules
from reminders import clock, steps
from reminders.deliveries import deliver
from reminders.models import Delivery, Reminder
from tests.factories.accounts import DepartmentFactory, UserFactory
from tests.factories.complaints import ComplaintFactory
from tests.factories.employers import EmployerFactory
from tests.factories.relations import StakeholderFactory, TaskFactory
from tests.plugins.where import deep

pytestmark = pytest.mark.django_db
MANY = 5


class People:
    """A worker, their superiors, and the head, who is in charge of complaints; most of them get e-mails."""

    def __init__(self):
        team = DepartmentFactory(name="社会服务部")
        self.worker = UserFactory(department=team, name="周慧敏", email="worker@example.com", reachable=True)
        UserFactory(
            supervisor=True, department=team, name="督导", email="supervisor@example.com", reachable=True
        )
        self.director = UserFactory(
            director=True, name="总干事", email="director@example.com", reachable=True
        )
        UserFactory(council=True, name="理事")
        self.head = UserFactory(roles=[Role.HEAD], name="周主任", email="head@example.com", reachable=True)


def at_desk(user):
    """Returns a client in which `user` is logged in."""
    client = Client()
    client.force_login(user, backend="accounts.backends.RoleBackend")
    return client


class Dated:
    """Objects with a deadline. `told` is the first day of reminders of each date, `silent` a day just before it."""

    told, silent = {}, {}

    def __init__(self, people, count):
        self.people, self.count = people, count
        self.make()


class Tasks(Dated):
    """Tasks moved on their own page."""

    begins = "2026-10-12"
    dates = {"first": date(2026, 10, 23), "later": date(2026, 11, 6), "earlier": date(2026, 10, 22)}
    told = {"first": "2026-10-21", "later": "2026-11-04", "earlier": "2026-10-21"}
    silent = {"first": "2026-10-20", "later": "2026-11-03"}

    def make(self):
        for _each in range(self.count):
            partner = StakeholderFactory(responsible=self.people.worker)
            TaskFactory(stakeholder=partner, due_on=self.dates["first"])

    def move(self, name):
        client = at_desk(self.people.worker)
        for task in Task.objects.open():
            typed = {"due_on": self.dates[name], "seen": task.due_on.isoformat()}
            client.post(reverse("relations:move_task", args=[task.pk]), typed)
        assert set(Task.objects.values_list("due_on", flat=True)) == {self.dates[name]}

    def about(self):
        return Reminder.objects.filter(subject__startswith="task:")


class TasksInTheAdmin(Tasks):
    """Tasks moved in the admin site."""

    def move(self, name):
        client = at_desk(UserFactory(roles=[Role.ADMINISTRATOR, Role.DIRECTOR]))
        for task in Task.objects.open():
            page = reverse("admin:relations_task_change", args=[task.pk])
            form = client.get(page).context["adminform"].form
            sent = {field: form[field].value() for field in form.fields}
            sent = {field: "" if value is None else value for field, value in sent.items()}
            assert (
                client.post(
                    page, sent | {"due_on": self.dates[name], "change_reason": "对方改期"}
                ).status_code
                == 302
            )
        assert set(Task.objects.values_list("due_on", flat=True)) == {self.dates[name]}


class Renewals(Dated):
    """A contract whose end is moved: the renewal talk is due thirty days before it."""

    begins = "2026-10-12"
    ends = {"first": date(2026, 12, 14), "later": date(2026, 12, 24), "earlier": date(2026, 12, 13)}
    dates = {"first": date(2026, 11, 14), "later": date(2026, 11, 24), "earlier": date(2026, 11, 13)}
    told = {"first": "2026-11-12", "later": "2026-11-20", "earlier": "2026-11-12"}
    silent = {"first": "2026-11-11", "later": "2026-11-19"}

    def make(self):
        for _each in range(self.count):
            EmployerFactory(active=True, responsible=self.people.worker, contract__ends_on=self.ends["first"])

    def move(self, name):
        client = at_desk(self.people.director)
        for contract in Contract.objects.all():
            page = reverse("employers:contract_edit", args=[contract.stakeholder_id, contract.pk])
            form = client.get(page).context["form"]
            sent = {field: form[field].value() for field in form.fields}
            sent = {field: value for field, value in sent.items() if value is not None}
            client.post(page, sent | {"ends_on": self.ends[name]})
        assert set(Contract.objects.values_list("ends_on", flat=True)) == {self.ends[name]}

    def about(self):
        return Reminder.objects.filter(subject__startswith="task:renewal:")


class Complaints(Dated):
    """The response to complaints received on 28 September; on 10 October, a make-up Saturday, it is reminded of."""

    begins = "2026-09-28"
    dates = {"first": date(2026, 10, 13)}

    def make(self):
        for _each in range(self.count):
            ComplaintFactory()

    def about(self):
        return Reminder.objects.filter(subject__startswith="complaint:", subject__endswith=":response")


class ByTheCalendar(Complaints):
    """The response date of complaints, moved by days off and make-up workdays."""

    dates = Complaints.dates | {"later": date(2026, 10, 14), "earlier": date(2026, 10, 12)}
    told = {"first": "2026-10-10", "later": "2026-10-10", "earlier": "2026-10-10"}
    off = {
        "first": (False, True),
        "later": (False, False),
        "earlier": (True, True),
    }  # whether the 11th and the 12th are working days

    def move(self, name):
        client = at_desk(self.people.director)
        for day, is_working in zip(("2026-10-11", "2026-10-12"), self.off[name], strict=True):
            page = reverse("holiday_day")
            seen = client.get(page, {"date": day}).context["form"]["seen"].value()
            words = {"name": "台风", "notice": "中心〔2026〕3号", "note": "", "seen": seen}
            client.post(page, words | {"date": day, "is_working": str(is_working)})


class ByAnAct(Complaints):
    """The response date of complaints, extended by the head."""

    dates = Complaints.dates | {"later": date(2026, 10, 20)}
    told = {"first": "2026-10-10", "later": "2026-10-12"}  # half of the twelve working days
    silent = {"later": "2026-10-10"}

    def move(self, name):
        from complaints.models import Complaint

        client = at_desk(self.people.head)
        for case in Complaint.objects.all():
            sent = {
                "version": case.version,
                "clock": "response",
                "due_on": self.dates[name],
                "text": "等材料",
            }
            client.post(reverse("complaints:act", args=[case.number, "extend"]), sent)


class Duties(Dated):
    """A rule that starts this month is changed in place: the same duty becomes due at the end of the quarter."""

    begins = "2026-10-12"
    dates = {"first": date(2026, 10, 31), "later": date(2026, 12, 31)}
    told = {"first": "2026-10-26", "later": "2026-12-24"}
    silent = {"first": "2026-10-23", "later": "2026-12-23"}
    periods = {"first": "month", "later": "quarter"}

    def make(self):
        for _each in range(self.count):
            EmployerFactory(active=True, responsible=self.people.worker, watched_from=date(2026, 10, 1))
        self.change(remark="自10月起")

    def change(self, **changes):
        rules.change_rule(
            "resident-contact",
            by=self.people.director,
            today=clock.today(),
            effective_from=date(2026, 10, 1),
            reason="试",
            **changes,
        )

    def move(self, name):
        self.change(period=self.periods[name])

    def about(self):
        rule = CadenceRule.objects.get(code="resident-contact", effective_to=None)
        return Reminder.objects.filter(subject__startswith=f"duty:{rule.pk}:")


KINDS = [Tasks, TasksInTheAdmin, Renewals, ByTheCalendar, ByAnAct, Duties]
WAYS = {
    "later": ["later"],
    "earlier": ["earlier"],
    "back": ["later", "first"],
    "five in a row": ["later", "first"] * 2 + ["later"],
}
TABLE = [
    pytest.param(kind, moves, id=f"{kind.__name__} {way}")
    for kind in KINDS
    for way, moves in WAYS.items()
    if set(moves) <= set(kind.told)
    and not (kind is ByAnAct and len(moves) > 1)  # an act only extends the deadline
]
STATES = ["waiting", "read", "claimed", "sent", "failed"]


def swept(day):
    """Sweeps for `day`; returns the counts."""
    counts, failed = steps.sweep(day)
    assert failed == []
    return counts


def letters(reminders):
    """Returns the e-mails about these reminders."""
    return Delivery.objects.filter(reminder__in=reminders, channel="email")


@pytest.fixture
def told(at, django_capture_on_commit_callbacks):
    """told(kind, count) sweeps until the first date is reminded of. Returns (objects, reminder keys)."""

    def tell(kind, count):
        at(kind.begins)
        things = kind(People(), count)
        if "first" in kind.silent:
            swept(at(kind.silent["first"]))
            assert not things.about().exists()
        swept(at(kind.told["first"]))
        found = list(things.about())
        assert (len(found), {each.due_on for each in found}) == (count, {kind.dates["first"]})
        return things, [each.pk for each in found]

    return tell


@pytest.fixture
def moved(django_capture_on_commit_callbacks):
    """moved(things, name) moves the deadlines on their pages and runs the on-commit callbacks."""

    def move(things, name):
        with django_capture_on_commit_callbacks(execute=True):
            things.move(name)

    return move


def assert_told_anew_once(things, name, before, at):
    """Checks that from the right day on each object has one new reminder of the new date, unread, with one e-mail."""
    if name in things.silent:
        swept(at(things.silent[name]))
        assert things.about().open().count() == 0
    for _run in range(2):
        swept(at(things.told[name]))
    new = list(things.about().open())
    assert len(new) == things.count
    assert not {each.pk for each in new} & set(before)
    assert {each.due_on for each in new} == {things.dates[name]}
    day = things.dates[name]
    words = (f"{day.month}月{day.day}日", str(day))
    assert all(any(word in each.title for word in words) for each in new)
    ways = Delivery.objects.filter(reminder__in=new)
    assert ways.filter(channel="in_app", read_at=None).count() == things.count
    assert set(letters(new).values_list("state", "attempts")) == {("pending", 0)}
    deliver(clock.now())
    deliver(clock.now())
    assert set(letters(new).values_list("state", "attempts")) == {("sent", 1)}
    assert letters(new).count() == things.count


@pytest.mark.parametrize(("kind", "moves"), TABLE)
def test_moved_deadline_is_told_anew_once(kind, moves, told, moved, at):
    things, before = told(kind, 2)
    for name in moves:
        moved(things, name)
    assert not Reminder.objects.open().filter(pk__in=before).exists()
    assert_told_anew_once(things, moves[-1], before, at)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_many_moved_are_as_many_new_reminders_and_letters(kind, told, moved, at):
    things, before = told(kind, MANY)
    deliver(clock.now())
    mail.outbox.clear()
    moved(things, "later")
    assert_told_anew_once(things, "later", before, at)
    assert letters(before).filter(state="sent", attempts=1).count() == MANY


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("kind", [Tasks, deep(ByTheCalendar), deep(Duties)], ids=lambda kind: kind.__name__)
def test_moved_deadline_whatever_has_become_of_the_former_letter(kind, state, told, moved, at):
    things, before = told(kind, 2)
    old, after = letters(before), "dropped"
    if state == "read":
        Delivery.objects.filter(reminder__in=before, channel="in_app").update(read_at=clock.now())
    elif state == "sent":
        deliver(clock.now())
        after = "sent"
    elif state != "waiting":
        old.update(state=state, claimed_by="worker", claimed_at=Now(), attempts=1)
        after = state if state == "claimed" else after
    moved(things, "later")
    assert set(old.values_list("state", flat=True)) == {after}
    assert_told_anew_once(things, "later", before, at)
    assert set(letters(before).values_list("state", flat=True)) == {after}


@pytest.mark.parametrize("kind", [Tasks, Renewals, ByTheCalendar, Duties], ids=lambda kind: kind.__name__)
def test_each_date_that_is_told_between_two_moves_is_told(kind, told, moved, at):
    """The deadline moves away, is reminded of there, and comes back (or to a date still ahead): once each."""
    things, before = told(kind, 2)
    moved(things, "later")
    assert_told_anew_once(things, "later", before, at)
    before += [each.pk for each in things.about().open()]
    at(things.told["first"])
    moved(things, "first")
    things.silent = {}
    assert_told_anew_once(things, "first", before, at)


def test_deadline_moved_to_the_day_it_has_changes_nothing(told, moved):
    things, before = told(Tasks, 2)
    moved(things, "first")
    assert list(things.about().open().values_list("pk", flat=True).order_by("pk")) == sorted(before)
    assert set(letters(before).values_list("state", flat=True)) == {"pending"}


@pytest.mark.parametrize("is_moved", [True, False])
def test_overdue_deadline_that_is_moved_is_escalated_when_it_is_missed_again(is_moved, told, moved, at):
    """Control: without the move, no user is notified a second time."""
    things, _before = told(Tasks, 2)
    swept(at("2026-10-28"))
    above = things.about().filter(kind="escalated")
    assert above.open().count() == 2
    if is_moved:
        moved(things, "later")
        assert above.open().count() == 0
    swept(at("2026-11-10"))
    assert above.open().count() == (0 if is_moved else 2)
    for _run in range(2):
        swept(at("2026-11-11"))
    assert above.open().count() == 2
    assert above.count() == (4 if is_moved else 2)


def test_reminder_of_a_former_date_is_not_opened_by_what_is_undone(told, moved, at):
    things, before = told(Tasks, 1)
    moved(things, "later")
    client, task = at_desk(things.people.worker), Task.objects.get()
    client.post(reverse("relations:finish_task", args=[task.pk]))
    client.post(reverse("relations:reopen_task", args=[task.pk]))
    assert Task.objects.open().exists()
    assert not things.about().open().exists()
    assert_told_anew_once(things, "later", before, at)
