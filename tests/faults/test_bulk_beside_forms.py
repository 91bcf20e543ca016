"""Editing one record while a bulk action changes it, in both orders and at the same moment: nothing is lost."""

from threading import Barrier, Thread

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from accounts.roles import Role
from employers.models import Employer
from relations.models import HandOver, Task
from relations.parties import actions as register
from tests.factories.accounts import DepartmentFactory, UserFactory
from tests.factories.employers import EmployerFactory
from tests.factories.relations import TaskFactory

ROUNDS = 4


@pytest.fixture
def today(at):
    return at("2026-10-12")


@pytest.fixture
def office(today):
    return Office()


class Office:
    """A director who edits, another who hands over, the giver, and a taker in another department."""

    def __init__(self):
        self.here, self.there = DepartmentFactory(name="社会服务部"), DepartmentFactory(name="项目部")
        self.giver = UserFactory(department=self.here)
        self.taker = UserFactory(department=self.there)
        self.director, self.other = UserFactory(roles=[Role.DIRECTOR]), UserFactory(roles=[Role.DIRECTOR])
        self.employer = EmployerFactory(responsible=self.giver, department=self.here, address="旧址1号")

    def client(self, user):
        client = Client()
        client.force_login(user)
        return client

    def form(self, name, query="", args=(), by=None):
        """Returns (client, URL, {name: value} as the form shows it)."""
        client, url = self.client(by or self.director), reverse(name, args=args) + query
        form = client.get(url).context["form"]
        shown = {bound.html_name: bound.value() for bound in form if bound.value() not in (None, "", False)}
        return client, url, shown

    def edit(self):
        """Opens the form of the record; returns a function that submits a new address."""
        client, url, shown = self.form("employers:edit", args=[self.employer.pk])
        return lambda: client.post(url, shown | {"address": "新址2号"})

    def hand_over(self, to=None, by=None):
        """Opens the form for a hand-over; returns a function that submits it."""
        client, url, shown = self.form(
            "employers:hand_over", f"?pick={self.employer.pk}", by=by or self.other
        )
        return lambda: client.post(url, shown | {"to": (to or self.taker).pk})

    def nudge(self, by):
        """Opens the form for a reminder to the worker; returns a function that submits it."""
        client, url, shown = self.form("employers:nudge", f"?pick={self.employer.pk}", by=by)
        return lambda: client.post(url, shown)

    def now(self):
        """Returns the employer as now stored."""
        self.employer.refresh_from_db()
        return self.employer

    def versions(self):
        return sorted(self.employer.history.values_list("version", flat=True))


def together(*acts):
    """Starts all acts at one moment, each in its own thread and connection; returns their status codes."""
    start, answers = Barrier(len(acts)), [None] * len(acts)

    def run(place, act):
        start.wait()
        try:
            answers[place] = act().status_code
        finally:
            connection.close()

    threads = [Thread(target=run, args=pair) for pair in enumerate(acts)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    return answers


@pytest.mark.django_db
def test_form_left_open_gives_no_record_back(office):
    edit, hand_over = office.edit(), office.hand_over()
    assert hand_over().status_code == 302
    answer = edit()
    now = office.now()
    assert (answer.status_code, now.address) == (409, "旧址1号")
    assert (now.responsible, now.department) == (office.taker, office.there)
    assert "新址2号" in answer.content.decode()


@pytest.mark.django_db
def test_edit_before_the_hand_over_stays(office):
    edit, hand_over = office.edit(), office.hand_over()
    assert (edit().status_code, hand_over().status_code) == (302, 302)
    now = office.now()
    assert (now.address, now.responsible, now.department) == ("新址2号", office.taker, office.there)


@pytest.mark.django_db
def test_hand_over_counts_a_version_with_its_history(office):
    before = office.employer.version
    task = TaskFactory(stakeholder=office.employer, owner=office.giver)
    office.hand_over()()
    stored = office.employer.history.first()
    assert (office.now().version, stored.version) == (before + 1, before + 1)
    assert (stored.responsible_id, stored.history_user) == (office.taker.pk, office.other)
    task.refresh_from_db()
    assert (task.owner, task.history.first().owner_id) == (office.taker, office.taker.pk)


@pytest.mark.django_db
def test_second_hand_over_from_an_old_page_is_asked_again(office):
    third = UserFactory(department=office.here)
    first, second = office.hand_over(), office.hand_over(to=third, by=office.director)
    assert first().status_code == 302
    answer = second()
    assert (answer.status_code, office.now().responsible) == (409, office.taker)
    assert office.taker.name in answer.content.decode()
    client, url, shown = office.form("employers:hand_over", f"?pick={office.employer.pk}")
    assert client.post(url, shown | {"to": third.pk}).status_code == 302
    assert list(HandOver.objects.order_by("pk").values_list("giver", "taker")) == [
        (office.giver.pk, office.taker.pk),
        (office.taker.pk, third.pk),
    ]


@pytest.mark.django_db
def test_task_form_left_open_takes_no_task_back(office):
    task = TaskFactory(stakeholder=office.employer, owner=office.giver)
    client, url, shown = office.form("relations:move_task", args=[task.pk])
    office.hand_over()()
    assert client.post(url, shown | {"due_on": "2026-11-20"}).status_code == 302
    task.refresh_from_db()
    assert (task.owner, str(task.due_on)) == (office.taker, "2026-11-20")


@pytest.mark.django_db(transaction=True)
def test_edit_and_hand_over_at_once(office):
    for _round in range(ROUNDS):
        Employer.objects.filter(pk=office.employer.pk).update(address="旧址1号")
        register.hand_over(
            Employer.objects.filter(pk=office.employer.pk),
            to=office.giver,
            by=office.director,
            today=office.director.request_day,
        )
        before = office.now().version
        edited, handed = together(office.edit(), office.hand_over())
        now = office.now()
        assert (edited in (302, 409), handed) == (True, 302)
        assert (now.responsible, now.department) == (office.taker, office.there)
        assert now.address == {302: "新址2号", 409: "旧址1号"}[edited]
        assert now.version == before + (2 if edited == 302 else 1)
    versions = office.versions()
    assert len(versions) == len(set(versions))


@pytest.mark.django_db(transaction=True)
def test_two_hand_overs_at_once(office):
    third = UserFactory(department=office.here)
    answers = together(office.hand_over(), office.hand_over(to=third, by=office.director))
    assert sorted(answers) == [302, 409]
    winner = office.taker if answers[0] == 302 else third
    assert office.now().responsible == winner
    assert list(HandOver.objects.values_list("giver", "taker")) == [(office.giver.pk, winner.pk)]


@pytest.mark.django_db(transaction=True)
def test_one_reminder_each_from_two_who_remind_at_once(office):
    assert together(office.nudge(office.director), office.nudge(office.other)) == [302, 302]
    assert together(office.nudge(office.director), office.nudge(office.director)) == [302, 302]
    assert Task.objects.filter(origin=Task.Origin.NUDGE, stakeholder=office.employer).count() == 2


@pytest.mark.django_db(transaction=True)
def test_task_moved_while_its_record_is_handed_over(office):
    task = TaskFactory(stakeholder=office.employer, owner=office.giver)
    client, url, shown = office.form("relations:move_task", args=[task.pk])
    answers = together(lambda: client.post(url, shown | {"due_on": "2026-11-20"}), office.hand_over())
    task.refresh_from_db()
    assert (answers, task.owner, str(task.due_on)) == ([302, 302], office.taker, "2026-11-20")
