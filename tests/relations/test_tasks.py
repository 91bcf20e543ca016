"""Tasks created by users: adding, finishing, dropping and moving them, and who may."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.exceptions import ActionRefused
from accounts.roles import Role
from relations.models import Task
from relations.work import task_actions
from reminders.models import Reminder
from tests.factories.accounts import UserFactory
from tests.factories.relations import InteractionFactory, StakeholderFactory, TaskFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def today(at):
    return at("2026-10-12")


@pytest.fixture
def worker():
    return UserFactory(resident=True)


@pytest.fixture
def partner(worker):
    return StakeholderFactory(responsible=worker)


@pytest.fixture
def task(partner):
    return TaskFactory(stakeholder=partner)


def address(name, pk):
    return reverse(f"relations:{name}", args=[pk])


ACTS = {
    "finish_task": {},
    "reopen_task": {},
    "drop_task": {"reason": "对方已搬走"},
    "move_task": {"due_on": "2026-10-20", "seen": "2026-10-12"},
}


@pytest.mark.parametrize("act", ACTS)
def test_task_out_of_sight_is_not_there(act, client, task):
    client.force_login(UserFactory(resident=True))

    assert client.post(address(act, task.pk), ACTS[act]).status_code == 404


@pytest.mark.parametrize("act", ACTS)
@pytest.mark.parametrize("role", [Role.COUNCIL, Role.FINANCE, Role.ADMINISTRATOR])
def test_task_of_somebody_else_is_not_changed_by_those_who_may_only_look(act, role, client, task):
    client.force_login(UserFactory(roles=[role]))

    assert client.post(address(act, task.pk), ACTS[act]).status_code == 403
    assert Task.objects.open().filter(pk=task.pk, due_on=task.due_on).exists()


def test_task_is_finished_by_whose_it_is(client, partner):
    council = UserFactory(council=True)
    task = TaskFactory(stakeholder=partner, owner=council)
    client.force_login(council)

    client.post(address("finish_task", task.pk))

    assert Task.objects.get(pk=task.pk).done_on == date(2026, 10, 12)


@pytest.mark.parametrize(
    ("fields", "where"),
    [
        ({"title": ""}, "title"),
        ({"due_on": "2026-10-11"}, "due_on"),
        ({"due_on": "2026-02-30"}, "due_on"),
        ({"owner": ""}, "owner"),
    ],
)
def test_task_that_cannot_be_is_refused(fields, where, client, partner, worker):
    client.force_login(worker)
    token = "0b7a1f3e-6f0c-4c38-9f0a-3d2f0c3b6a11"
    sent = {"title": "寄合同", "due_on": "2026-10-12", "owner": worker.pk, "token": token}

    answer = client.post(address("add_task", partner.pk), sent | fields)

    assert set(answer.context["form"].errors) == {where}
    assert not Task.objects.exists()


def test_task_sent_twice_is_one_task(client, partner, worker):
    client.force_login(worker)
    form = client.get(address("add_task", partner.pk)).context["form"]
    sent = {
        "title": "寄合同",
        "due_on": "2026-10-12",
        "owner": worker.pk,
        "token": str(form["token"].value()),
    }
    for _ in range(2):
        client.post(address("add_task", partner.pk), sent)

    task = Task.objects.get()
    assert (task.title, task.owner, task.created_by, task.origin) == ("寄合同", worker, worker, "other")


def test_adding_is_refused_to_those_who_may_only_look(client, partner):
    client.force_login(UserFactory(council=True))

    assert client.get(address("add_task", partner.pk)).status_code == 403


def reminded(task):
    """Creates an open reminder of the task."""
    return Reminder.objects.create(
        key=f"{task.key}:0",
        subject=task.key,
        kind="due",
        recipient=task.owner,
        title=task.title,
        raised_on=task.due_on,
    )


@pytest.mark.parametrize("act", ["finish_task", "drop_task", "move_task"])
def test_task_that_changes_closes_its_reminder(act, client, task, worker):
    reminder = reminded(task)
    client.force_login(worker)

    client.post(address(act, task.pk), ACTS[act])

    reminder.refresh_from_db()
    assert reminder.closed_at is not None


def test_finish_can_be_undone(client, task, worker):
    reminder = reminded(task)
    client.force_login(worker)
    done = client.post(address("finish_task", task.pk), follow=True)
    assert address("reopen_task", task.pk) in done.content.decode()

    client.post(address("reopen_task", task.pk))

    reminder.refresh_from_db()
    assert Task.objects.open().filter(pk=task.pk).exists()
    assert reminder.closed_at is None


def test_what_a_contact_has_done_is_not_undone_by_hand(task, partner):
    InteractionFactory(stakeholder=partner, done_tasks=[task])

    with pytest.raises(ActionRefused, match="不能撤销"):
        task_actions.reopen_task(task)
    assert not Task.objects.open().filter(pk=task.pk).exists()


@pytest.mark.parametrize("act", ["finish_task", "drop_task", "move_task"])
def test_second_change_is_refused_kindly(act, client, task, worker, today):
    task_actions.finish_task(task, today=today)
    client.force_login(worker)

    answer = client.post(address(act, task.pk), ACTS[act], follow=True)

    assert "这一项刚才已经完成或取消了。" in answer.content.decode()
    task.refresh_from_db()
    assert (task.due_on, task.dropped_at) == (today, None)


def test_dropping_wants_a_reason(client, task, worker):
    client.force_login(worker)

    answer = client.post(address("drop_task", task.pk), {"reason": " "})

    assert "请写明为什么不做了。" in answer.content.decode()
    with pytest.raises(ActionRefused, match="请写明为什么不做了"):
        task_actions.drop_task(task, reason="")
    assert Task.objects.open().exists()


@pytest.mark.parametrize("due_on", ["2026-10-11", "下周"])
def test_moving_to_a_day_that_is_past_or_none_is_refused(due_on, client, task, worker):
    client.force_login(worker)

    answer = client.post(address("move_task", task.pk), {"due_on": due_on, "seen": "2026-10-12"})

    assert set(answer.context["form"].errors) == {"due_on"}


def test_moved_task_is_reminded_of_anew(client, task, worker):
    Task.objects.filter(pk=task.pk).update(notified=1)
    client.force_login(worker)

    client.post(address("move_task", task.pk), {"due_on": "2028-10-20", "seen": "2026-10-12"})

    task.refresh_from_db()
    assert (task.due_on, task.notified, task.is_provisional) == (date(2028, 10, 20), 0, True)
    assert task.history.count() == 2


def test_list_costs_as_many_queries_for_many(client, partner, worker, today, django_assert_num_queries):
    client.force_login(worker)

    def fill(count):
        """Creates `count` open and `count` finished tasks."""
        for _ in range(count):
            TaskFactory(stakeholder=partner, due_on=today + timedelta(days=2))
            task_actions.finish_task(TaskFactory(stakeholder=partner), today=today)

    fill(1)
    client.get(address("tasks", partner.pk))
    with CaptureQueriesContext(connection) as few:
        client.get(address("tasks", partner.pk))
    fill(9)
    with django_assert_num_queries(len(few)):
        page = client.get(address("tasks", partner.pk)).content.decode()
    assert page.count("还有2个工作日") == 10
    assert page.count("已完成 10-12") == 10
