"""Writing the plan: goals with actions, further lines without JavaScript, two editors at once (R4, R22-R23)."""

import pytest
from django.urls import reverse

from relations.models import Cycle, PlanAction, PlanGoal, Stage
from tests.factories.accounts import UserFactory
from tests.factories.relations import CycleFactory, InteractionFactory, StakeholderFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def today(at):
    return at("2026-10-12")


@pytest.fixture
def worker():
    return UserFactory(resident=True)


@pytest.fixture
def partner(worker):
    return StakeholderFactory(responsible=worker, name="青岚镇志愿服务队")


def at_stage(stakeholder, stage, **fields):
    return CycleFactory(stakeholder=stakeholder, stage=stage, **fields)


def address(name, *args):
    return reverse(f"relations:{name}", args=args)


def plan_data(*goals, **extra):
    """The form data of goals, each given as (text, [action, ...])."""
    data = {"goals-TOTAL_FORMS": len(goals), "goals-INITIAL_FORMS": 0, **extra}
    for number, (text, actions) in enumerate(goals):
        data |= {f"goals-{number}-text": text, f"goals-{number}-tag": ""}
        data |= {
            f"goals-{number}-actions-TOTAL_FORMS": len(actions),
            f"goals-{number}-actions-INITIAL_FORMS": 0,
        }
        data |= {f"goals-{number}-actions-{place}-text": action for place, action in enumerate(actions)}
    return data


def test_plan_with_an_action_that_has_no_goal_is_refused(client, partner, worker):
    cycle = at_stage(partner, Stage.PLAN)
    client.force_login(worker)

    answer = client.post(address("plan", cycle.pk), plan_data(("", ["列出名单"]), version=cycle.version))

    assert "请先写下目标，再写它的行动。" in answer.content.decode()
    assert "列出名单" in answer.content.decode()
    assert not PlanGoal.objects.exists()


def test_plan_keeps_goals_with_their_actions(client, partner, worker):
    """R22, R4."""
    cycle = at_stage(partner, Stage.PLAN)
    client.force_login(worker)
    sent = plan_data(
        ("每月探访", ["列出名单", "每周五户", ""]), ("培训志愿者", ["约讲师"]), version=cycle.version
    )

    answer = client.post(address("plan", cycle.pk), sent | {"goals-0-tag": "image"})

    assert answer.url == address("cycle", cycle.pk)
    goals = PlanGoal.objects.order_by("pk")
    assert [(goal.text, goal.tag) for goal in goals] == [("每月探访", "image"), ("培训志愿者", "")]
    assert [[action.text for action in goal.actions.all()] for goal in goals] == [
        ["列出名单", "每周五户"],
        ["约讲师"],
    ]


@pytest.mark.parametrize(
    ("more", "line"), [("goals", "goals-1-text"), ("goals-0-actions", "goals-0-actions-1-text")]
)
def test_plan_gets_another_line_without_a_script(more, line, client, partner, worker):
    """Adding a line saves nothing and loses nothing that was typed."""
    cycle = at_stage(partner, Stage.PLAN)
    client.force_login(worker)

    answer = client.post(
        address("plan", cycle.pk), plan_data(("每月探访", ["列出名单"]), version=cycle.version, add=more)
    )

    page = answer.content.decode()
    assert f'name="{line}"' in page
    assert 'value="每月探访"' in page
    assert "fld--bad" not in page
    assert not PlanGoal.objects.exists()


def test_plan_line_with_recorded_contacts_is_not_taken_out(client, partner, worker):
    """R23: an action with recorded contacts stays."""
    cycle = at_stage(partner, Stage.EXECUTION)
    goal = PlanGoal.objects.create(cycle=cycle, text="每月探访")
    action = PlanAction.objects.create(goal=goal, text="列出名单")
    InteractionFactory(stakeholder=partner, plan_action=action)
    client.force_login(worker)
    sent = {
        "version": cycle.version,
        "goals-TOTAL_FORMS": 1,
        "goals-INITIAL_FORMS": 1,
        "goals-0-id": goal.pk,
        "goals-0-text": goal.text,
        "goals-0-tag": "",
        "goals-0-is_achieved": "",
        "goals-0-actions-TOTAL_FORMS": 1,
        "goals-0-actions-INITIAL_FORMS": 1,
        "goals-0-actions-0-id": action.pk,
        "goals-0-actions-0-text": action.text,
    }

    refused = client.post(address("plan", cycle.pk), sent | {"goals-0-actions-0-DELETE": "on"})
    assert "行动“列出名单”已经有沟通记录，不能删去。" in refused.content.decode()
    refused = client.post(address("plan", cycle.pk), sent | {"goals-0-DELETE": "on"})
    assert "目标“每月探访”的行动已经有沟通记录，不能删去。" in refused.content.decode()

    client.post(
        address("plan", cycle.pk), sent | {"goals-0-is_achieved": "True", "goals-0-actions-0-is_done": "on"}
    )
    goal.refresh_from_db()
    action.refresh_from_db()
    assert (goal.is_achieved, action.is_done) == (True, True)


def test_plan_line_without_contacts_is_taken_out(client, partner, worker):
    cycle = at_stage(partner, Stage.PLAN)
    goal = PlanGoal.objects.create(cycle=cycle, text="每月探访")
    action = PlanAction.objects.create(goal=goal, text="列出名单")
    client.force_login(worker)

    client.post(
        address("plan", cycle.pk),
        {
            "version": cycle.version,
            "goals-TOTAL_FORMS": 1,
            "goals-INITIAL_FORMS": 1,
            "goals-0-id": goal.pk,
            "goals-0-text": goal.text,
            "goals-0-DELETE": "on",
            "goals-0-actions-TOTAL_FORMS": 1,
            "goals-0-actions-INITIAL_FORMS": 1,
            "goals-0-actions-0-id": action.pk,
            "goals-0-actions-0-text": action.text,
        },
    )

    assert not PlanGoal.objects.exists()


def test_plan_of_two_people_keeps_both(client, partner, worker):
    cycle = at_stage(partner, Stage.PLAN)
    client.force_login(worker)
    client.post(address("plan", cycle.pk), plan_data(("每月探访", ["列出名单"]), version=cycle.version))

    late = client.post(
        address("plan", cycle.pk), plan_data(("培训志愿者", ["约讲师"]), version=cycle.version)
    )
    page = late.content.decode()
    assert late.status_code == 409
    assert "培训志愿者" in page
    assert "每月探访" in page

    client.post(address("plan", cycle.pk), plan_data(("培训志愿者", ["约讲师"]), version=cycle.version + 1))
    assert list(PlanGoal.objects.order_by("pk").values_list("text", flat=True)) == ["每月探访", "培训志愿者"]


def test_plan_of_a_round_that_ended_meanwhile_is_not_saved(client, partner, worker, today):
    cycle = at_stage(partner, Stage.PLAN)
    Cycle.objects.filter(pk=cycle.pk).update(ended_on=today, ending="terminated")
    client.force_login(worker)

    answer = client.post(address("plan", cycle.pk), plan_data(("每月探访", []), version=cycle.version))

    assert "第1轮已经结束，只能查看。" in answer.content.decode()
    assert not PlanGoal.objects.exists()
