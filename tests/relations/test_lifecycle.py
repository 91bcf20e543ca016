"""Every stage, move and role, read from MOVES, so that a newly declared move is tested at once (R13-R28)."""

from datetime import timedelta
from threading import Barrier, Thread

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connections

from accounts.exceptions import ActionRefused
from accounts.models import User
from accounts.roles import GRANTS, Permission, Role
from relations.cycle import lifecycle
from relations.cycle.lifecycle import BACKWARD, MOVES, MOVES_BY_NAME
from relations.models import (
    Assessment,
    ClosingType,
    Cycle,
    Decision,
    Ending,
    Evaluation,
    Kind,
    PlanAction,
    PlanGoal,
    Stage,
    StageChange,
    Stakeholder,
    Task,
)
from relations.parties.kinds import KINDS, KindSpec
from tests.factories.accounts import UserFactory
from tests.factories.approvals import propose
from tests.factories.employers import EmployerFactory
from tests.factories.relations import CycleFactory, StakeholderFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def today(at):
    return at("2026-10-12")


@pytest.fixture
def director(today):
    return UserFactory(director=True)


def assess(cycle, by, **fields):
    """Writes a complete Assessment of the cycle, changed by `fields`."""
    written = {
        "material": "走访了三个社区。",
        "need_formation": "外来人口增加。",
        "existing_needs": "独居长者探访。",
        "environment": "社区支持。",
        "conclusion": "适合派驻社工。",
        "can_handle": True,
        "is_willing": True,
        "assessed_on": cycle.opened_on,
        "assessed_by": by,
    }
    return Assessment.objects.create(cycle=cycle, **(written | fields))


def decide(cycle, by, course, state="approved", **fields):
    """Creates a Decision with this course and state."""
    content = {
        "next": {"both_agree": True, "is_willing": True},
        "refer": {"referral_form": "formal", "referred_to": "康复中心"},
        "terminate": {"termination_reason": "out_of_scope", "help_offered": "介绍了另外两家机构。"},
    }[course]
    if state == "proposed":
        return propose(cycle, by, course)
    decided = {"decided_by": by if state in Decision.ANSWERED else None, "decided_on": cycle.opened_on}
    return Decision.objects.create(
        cycle=cycle,
        course=course,
        justification="对照预估。",
        state=state,
        proposed_by=by,
        **content,
        **decided,
    )


def make_plan(cycle, achieved=None):
    """Creates a plan with one goal and one action. Returns the goal."""
    goal = PlanGoal.objects.create(cycle=cycle, text="每月探访", is_achieved=achieved)
    PlanAction.objects.create(goal=goal, text="列出名单")
    return goal


def evaluate(cycle, by, closing_type=ClosingType.ACHIEVED):
    """Creates a complete Evaluation."""
    return Evaluation.objects.create(
        cycle=cycle,
        realised="fully",
        lessons="早约时间。",
        process_reflection="沟通及时。",
        result_reflection="达到目标。",
        consolidation="每季度回访。",
        closing_type=closing_type,
        evaluated_on=cycle.opened_on,
        evaluated_by=by,
    )


def ready(stage, by, move=None):
    """A cycle at `stage` that meets all conditions of `move`."""
    stakeholder = StakeholderFactory(responsible=by)
    cycle = CycleFactory(stakeholder=stakeholder, stage=stage)
    assess(cycle, by)
    make_plan(cycle, achieved=True)
    evaluate(cycle, by)
    course = {"terminate": "terminate", "refer": "refer"}.get(move.name if move else "", "next")
    decide(cycle, by, course)
    return cycle


@pytest.mark.parametrize("stage", Stage)
@pytest.mark.parametrize("move", MOVES, ids=lambda move: move.name)
def test_move_starts_from_its_own_stages_only(move, stage, director, today):
    cycle = ready(stage, director, move)

    if stage not in move.sources:
        with pytest.raises(ActionRefused, match="现在在"):
            lifecycle.move(cycle, move.name, by=director, today=today, reason="情况有变")
        cycle.refresh_from_db()
        assert (cycle.stage, cycle.ended_on) == (stage, None)
        assert [change.move for change in cycle.changes.all()] == ["begin"]
        return

    lifecycle.move(cycle, move.name, by=director, today=today, reason="情况有变")
    cycle.refresh_from_db()
    assert cycle.stage == (move.target or stage)
    assert (cycle.ended_on, cycle.ending) == ((None, "") if move.target else (today, move.ending))


@pytest.mark.parametrize("move", MOVES, ids=lambda move: move.name)
def test_move_on_an_ended_cycle_is_refused(move, director, today):
    cycle = ready(move.sources[0], director, move)
    Cycle.objects.filter(pk=cycle.pk).update(ended_on=today, ending=Ending.COMPLETED)

    with pytest.raises(ActionRefused, match="这一轮已经结束"):
        lifecycle.move(cycle, move.name, by=director, today=today, reason="情况有变")


@pytest.mark.parametrize("role", Role)
def test_move_is_open_to_the_roles_that_carry_its_permission(role, director, today):
    """R406-R422: the roles that may, and those that may not, for every move."""
    person = UserFactory(roles=[role])
    for move in MOVES:
        cycle = ready(move.sources[0], director, move)
        if move.permission in GRANTS[role].permissions:
            lifecycle.move(cycle, move.name, by=person, today=today, reason="情况有变")
            assert cycle.changes.last().by == person
        else:
            with pytest.raises(PermissionDenied):
                lifecycle.move(cycle, move.name, by=person, today=today, reason="情况有变")
            assert Cycle.objects.get(pk=cycle.pk).stage == move.sources[0]


@pytest.mark.parametrize("role", Role)
def test_open_moves_are_those_the_role_may_make(role, director, today):
    person = User(roles=[role])
    for stage in Stage:
        cycle = ready(stage, director)
        offered = {move.name for move, _problem in lifecycle.open_moves(cycle, person, today)}
        permissions = GRANTS[role].permissions
        assert offered == {m.name for m in MOVES if stage in m.sources and m.permission in permissions}


def test_open_moves_of_an_ended_or_missing_cycle_are_none(director, today):
    cycle = ready(Stage.FOLLOW_UP, director)
    lifecycle.move(cycle, "finish", by=director, today=today)

    assert lifecycle.open_moves(cycle, director, today) == []
    assert lifecycle.open_moves(None, director, today) == []


@pytest.mark.parametrize("move", [move for move in MOVES if move.needs_reason], ids=lambda move: move.name)
@pytest.mark.parametrize("reason", ["", "  \n"])
def test_move_that_wants_a_reason_is_refused_without(move, reason, director, today):
    cycle = ready(move.sources[0], director, move)

    with pytest.raises(ActionRefused, match="请写明原因"):
        lifecycle.move(cycle, move.name, by=director, today=today, reason=reason)


def bare(stage, by):
    """A cycle at `stage` without any content."""
    return CycleFactory(stakeholder=StakeholderFactory(responsible=by), stage=stage)


def refusal(cycle, name, by, today):
    """The message with which the move is refused."""
    with pytest.raises(ActionRefused) as refused:
        lifecycle.move(cycle, name, by=by, today=today)
    cycle.refresh_from_db()
    return str(refused.value)


@pytest.mark.parametrize(
    ("missing", "sentence"),
    [
        ({"class_confirmed": False}, "请先确认对象类别。"),
        ({"preliminary_needs": ""}, "请先写下对需求的初步评估。"),
        ({"first_contact_on": None}, "请先登记首次联系的日期和接待人。"),
        ({"received_by": None}, "请先登记首次联系的日期和接待人。"),
    ],
)
def test_first_contact_must_be_recorded_before_assessment(missing, sentence, director, today):
    """R15-R16."""
    cycle = bare(Stage.CONTACT, director)
    Cycle.objects.filter(pk=cycle.pk).update(**missing)

    assert refusal(cycle, "assess", director, today) == sentence


def test_assessment_must_exist_before_the_decision(director, today):
    cycle = bare(Stage.ASSESSMENT, director)

    assert refusal(cycle, "decide", director, today) == "请先填写预估。"


@pytest.mark.parametrize(
    ("missing", "label"),
    [
        ({"material": ""}, "收集到的详细资料"),
        ({"need_formation": ""}, "需求形成的过程"),
        ({"environment": ""}, "与环境及环境系统的互动"),
        ({"can_handle": None}, "中心能不能处理"),
        ({"is_willing": None}, "对方愿不愿意由中心协助"),
    ],
)
def test_assessment_says_what_is_missing(missing, label, director, today):
    """R17-R18, R54-R55."""
    cycle = bare(Stage.ASSESSMENT, director)
    assess(cycle, director, **missing)

    assert refusal(cycle, "decide", director, today) == f"预估还缺：{label}。"


@pytest.mark.parametrize(
    ("name", "course"), [("plan", "next"), ("terminate", "terminate"), ("refer", "refer")]
)
def test_course_needs_its_own_approved_decision(name, course, director, today):
    """R19-R21, R58: no decision, a waiting or returned one, another course, an approval with a later decision."""
    label = {"next": "进入下一阶段", "terminate": "终止关系", "refer": "转介"}[course]
    other = {"next": "refer", "terminate": "next", "refer": "terminate"}[course]
    cycle = bare(Stage.DECISION, director)

    assert refusal(cycle, name, director, today) == "请先填写关系进程的决定。"
    decide(cycle, director, course)
    decide(cycle, director, other)
    assert refusal(cycle, name, director, today) == f"没有批准“{label}”的决定。"
    for state in ("returned", "withdrawn", "void"):
        decide(cycle, director, course, state=state)
    assert refusal(cycle, name, director, today) == f"没有批准“{label}”的决定。"
    decide(cycle, director, course, state="proposed")
    assert refusal(cycle, name, director, today) == "决定还在等待审批。"


def test_plan_needs_goals_and_an_action_for_each(director, today):
    """R22."""
    cycle = bare(Stage.PLAN, director)

    assert refusal(cycle, "execute", director, today) == "请先写下计划的目标。"
    make_plan(cycle)
    PlanGoal.objects.create(cycle=cycle, text="困境儿童有人跟进")
    assert refusal(cycle, "execute", director, today) == "目标“困境儿童有人跟进”还没有对应的行动。"


@pytest.mark.parametrize("achieved", [None, False])
def test_closure_as_achieved_needs_every_goal_achieved(achieved, director, today):
    """R25, R104: otherwise another closing type is chosen."""
    cycle = bare(Stage.EVALUATION, director)
    make_plan(cycle, achieved=True)
    make_plan(cycle, achieved=achieved)

    assert refusal(cycle, "close", director, today) == "请先填写评估与结案。"
    evaluation = evaluate(cycle, director)
    assert refusal(cycle, "close", director, today) == "还有目标没有标为已实现；请标好，或选别的结束类型。"
    Evaluation.objects.filter(pk=evaluation.pk).update(closing_type=ClosingType.OBJECTIVE)
    lifecycle.move(cycle, "close", by=director, today=today)
    assert cycle.stage == Stage.FOLLOW_UP


def test_follow_up_ends_when_no_revisit_is_open(director, today):
    """R27."""
    cycle = bare(Stage.FOLLOW_UP, director)
    revisit = Task.objects.create(
        stakeholder=cycle.stakeholder, key="revisit", origin=Task.Origin.REVISIT, title="回访", due_on=today
    )

    assert refusal(cycle, "finish", director, today) == "还有没做完的回访。"
    Task.objects.filter(pk=revisit.pk).update(dropped_at=director.date_joined, drop_reason="对方搬走")
    lifecycle.move(cycle, "finish", by=director, today=today)
    assert cycle.get_ending_display() == "回访期满"


def test_employer_without_a_contract_in_force_does_not_enter_execution(director, today):
    """R67, R103: the guard of the kind is checked in addition to the general ones."""
    cycle = CycleFactory(stakeholder=EmployerFactory(lapsed=True), stage=Stage.PLAN)
    make_plan(cycle)

    assert "合同" in refusal(cycle, "execute", director, today)


def test_employer_with_a_contract_in_force_enters_execution(director, today):
    cycle = CycleFactory(stakeholder=EmployerFactory(active=True), stage=Stage.PLAN)
    make_plan(cycle)

    lifecycle.move(cycle, "execute", by=director, today=today)

    assert cycle.stage == Stage.EXECUTION


def test_move_is_logged_with_who_when_and_why(director, today):
    cycle = ready(Stage.PLAN, director)

    lifecycle.move(cycle, "back_to_decision", by=director, today=today, reason=" 对方换了负责人 ")

    logged = cycle.changes.last()
    assert (logged.move, logged.source, logged.target) == ("back_to_decision", Stage.PLAN, Stage.DECISION)
    assert (logged.by, logged.on, logged.reason) == (director, today, "对方换了负责人")
    assert cycle.stage_since == today


def test_steps_back_are_declared_for_every_stage_but_the_first():
    """A step leads back by one stage, requires the permission to approve and always a reason."""
    stages = list(Stage)
    assert [(move.sources[0], move.target) for move in BACKWARD] == list(
        zip(stages[1:], stages, strict=False)
    )
    assert {(move.permission, move.needs_reason) for move in BACKWARD} == {(Permission.APPROVE, True)}


def test_step_back_keeps_what_was_written(director, today):
    cycle = ready(Stage.EXECUTION, director)

    lifecycle.move(cycle, "back_to_plan", by=director, today=today, reason="目标要改")

    assert cycle.goals.count() == 1
    assert Assessment.objects.filter(cycle=cycle).exists()
    assert lifecycle.obstacle(cycle, MOVES_BY_NAME["execute"], today) is None


def test_closure_taken_back_and_made_again_plans_its_revisits_anew(director, today):
    """R27: the revisits of the first closure are dropped, and their keys are not used twice."""
    cycle = ready(Stage.EVALUATION, director)
    lifecycle.move(cycle, "close", by=director, today=today)
    planned = cycle.stakeholder.tasks.open().count()

    lifecycle.move(cycle, "back_to_evaluation", by=director, today=today, reason="经验没有写全")
    assert cycle.stakeholder.tasks.open().count() == 0
    lifecycle.move(cycle, "close", by=director, today=today)

    assert planned > 0
    assert cycle.stakeholder.tasks.open().count() == planned


def test_new_need_opens_the_linked_next_cycle(director, today):
    """R28."""
    cycle = ready(Stage.FOLLOW_UP, director)

    following = lifecycle.move(cycle, "new_need", by=director, today=today, reason="新增了青少年服务")

    assert (following.previous, following.number, following.stage) == (cycle, 2, Stage.CONTACT)
    assert following.preliminary_needs == "新增了青少年服务"
    assert Cycle.objects.get(pk=cycle.pk).ending == Ending.NEW_NEED


def test_terminated_relationship_stays_as_prospective(director, today):
    """R63: a terminated relationship is not cut off."""
    cycle = ready(Stage.DECISION, director, MOVES_BY_NAME["terminate"])

    lifecycle.move(cycle, "terminate", by=director, today=today)

    visible = Stakeholder.objects.visible_to(director).filter(pk=cycle.stakeholder_id)
    assert visible.exists()
    assert not visible.active_on(today).exists()
    assert cycle.stakeholder.closed_on is None


def test_begin_again_is_refused_while_a_round_runs(director, today):
    cycle = bare(Stage.PLAN, director)

    with pytest.raises(ActionRefused, match="第1轮还在进行"):
        lifecycle.start_next_cycle(cycle.stakeholder, by=director, today=today)


@pytest.mark.parametrize("role", Role)
def test_begin_again_is_open_to_those_who_may_move(role, director, today):
    cycle = ready(Stage.FOLLOW_UP, director)
    lifecycle.move(cycle, "finish", by=director, today=today)
    person = UserFactory(roles=[role])

    if Permission.MOVE not in GRANTS[role].permissions:
        with pytest.raises(PermissionDenied):
            lifecycle.start_next_cycle(cycle.stakeholder, by=person, today=today)
        return
    following = lifecycle.start_next_cycle(cycle.stakeholder, by=person, today=today + timedelta(days=30))
    assert (following.number, following.previous, following.stage) == (2, cycle, Stage.CONTACT)
    assert [change.move for change in following.changes.all()] == ["begin"]


def test_what_the_person_saw_decides_after_somebody_else_has_moved(director, today):
    """The user who comes second is told at which stage the cycle is now."""
    cycle = ready(Stage.DECISION, director)
    seen_by_other = Cycle.objects.get(pk=cycle.pk)
    lifecycle.move(cycle, "plan", by=director, today=today)

    with pytest.raises(ActionRefused, match="刚才有人把阶段移到了“计划”"):
        lifecycle.move(seen_by_other, "back_to_assessment", by=director, today=today, reason="再看看")
    assert cycle.changes.filter(move="back_to_assessment").count() == 0


def test_of_two_moves_at_once_one_wins(director, today, monkeypatch):
    """The other move is written between reading and writing: the UPDATE matches no row."""
    cycle = ready(Stage.DECISION, director)
    guard = MOVES_BY_NAME["plan"].guards[0]

    def slow(looked_at, day):
        Cycle.objects.filter(pk=cycle.pk).update(stage=Stage.PLAN)
        return guard(looked_at, day)

    partners = KindSpec(Kind.PARTNER, "", "HZ", "partners", Stakeholder, guards={"plan": (slow,)})
    monkeypatch.setitem(KINDS._entries, Kind.PARTNER, partners)
    with pytest.raises(ActionRefused, match="刚才有人先移动了阶段"):
        lifecycle.move(cycle, "plan", by=director, today=today)
    assert not StageChange.objects.filter(cycle=cycle, move="plan").exists()


def test_afterwards_runs_inside_the_move(director, today, monkeypatch):
    """An error in a follow-up action makes the move fail."""

    def fail(cycle, by, day):
        raise ActionRefused("不行")

    cycle = ready(Stage.EVALUATION, director)
    monkeypatch.setattr(lifecycle, "AFTER_MOVES", {("close", "fails"): fail})
    with pytest.raises(ActionRefused, match="不行"):
        lifecycle.move(cycle, "close", by=director, today=today)
    assert Cycle.objects.get(pk=cycle.pk).stage == Stage.EVALUATION
    assert not StageChange.objects.filter(cycle=cycle, move="close").exists()


@pytest.mark.django_db(transaction=True)
def test_two_connections_move_a_round_once(at):
    """Two colleagues press the same button at the same moment: one move, one StageChange, one clear message."""
    today = at("2026-10-12")
    director = UserFactory(director=True)
    cycle = ready(Stage.DECISION, director)
    start, outcomes = Barrier(2), []

    def press():
        seen = Cycle.objects.get(pk=cycle.pk)
        start.wait(10)
        try:
            lifecycle.move(seen, "plan", by=director, today=today)
            outcomes.append("moved")
        except ActionRefused as refused:
            outcomes.append(str(refused))
        finally:
            connections.close_all()

    threads = [Thread(target=press) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)

    assert sorted(outcome[:2] for outcome in outcomes) == ["mo", "刚才"]
    assert StageChange.objects.filter(cycle=cycle, move="plan").count() == 1
