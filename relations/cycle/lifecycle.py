"""The seven stages: the moves between them, who may make each, and what has to be recorded first (R13-R28).

Buttons, guards, the diagram and the tests all use the table MOVES. Only `move` writes a stage: in one transaction it
updates the stage on condition that it is still the old one, writes the StageChange, and runs the functions in
AFTER_MOVES. Guards read the annotations of `with_facts`, so that checking every move costs one query.
"""

from collections.abc import Callable
from dataclasses import dataclass

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.db.models import Exists, Max, OuterRef, Subquery
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.exceptions import ActionRefused
from accounts.registry import Registry
from accounts.roles import Permission
from relations import bulk
from relations.models import (
    ClosingType,
    Course,
    Cycle,
    Decision,
    Ending,
    PlanAction,
    PlanGoal,
    Stage,
    StageChange,
    Task,
    stage_label,
)
from relations.parties.kinds import KINDS

BEGIN = "begin"  # the name of a StageChange that starts a cycle


class Obstacle(str):
    """Why a move cannot be made now, as a sentence; `page` is the URL name of the page that fixes it.

    The URL takes the pk of the cycle, or of the stakeholder if `of` is "stakeholder". The page requires `permission`.
    """

    __slots__ = ("of", "page", "permission")

    def __new__(cls, text, page="", of="cycle", permission=Permission.MOVE):
        obstacle = super().__new__(cls, text)
        obstacle.page, obstacle.of, obstacle.permission = page, of, permission
        return obstacle


def with_facts(cycles):
    """Annotates a queryset of cycles with everything that the guards read, in the same query."""
    newest = Decision.objects.filter(cycle=OuterRef("pk")).order_by("-pk")
    goals = PlanGoal.objects.filter(cycle=OuterRef("pk"))
    idle = goals.filter(~Exists(PlanAction.objects.filter(goal=OuterRef("pk")))).order_by("position", "pk")
    revisits = Task.objects.open().filter(origin=Task.Origin.REVISIT, stakeholder=OuterRef("stakeholder_id"))
    return cycles.select_related("stakeholder", "assessment", "evaluation").annotate(
        decision_pk=Subquery(newest.values("pk")[:1]),
        decision_course=Subquery(newest.values("course")[:1]),
        decision_state=Subquery(newest.values("state")[:1]),
        has_goals=Exists(goals),
        idle_goal=Subquery(idle.values("text")[:1]),
        has_open_goals=Exists(goals.exclude(is_achieved=True)),
        has_open_revisits=Exists(revisits),
    )


def ensure_facts(cycle):
    """Returns `cycle` if it has the annotations of `with_facts`, else loads it again with them."""
    if "decision_state" in cycle.__dict__:
        return cycle
    return with_facts(Cycle.objects.filter(pk=cycle.pk)).get()


def contact_is_recorded(cycle, today):
    """Guard: stage 1 records the class, the first needs, and date and receiver of the first contact (R15-R16).

    The source is never empty.
    """
    page = "relations:contact"
    if not cycle.class_confirmed:
        return Obstacle(_("请先确认对象类别。"), page)
    if not cycle.preliminary_needs:
        return Obstacle(_("请先写下对需求的初步评估。"), page)
    if not cycle.first_contact_on or not cycle.received_by_id:
        return Obstacle(_("请先登记首次联系的日期和接待人。"), page)
    return None


def assessment_is_written(cycle, today):
    """Guard: stage 2 records material, the origin of the needs, environment, and whether the centre can and may help.

    R17-R18, R54-R55. Needs and conclusion are never empty.
    """
    assessment = getattr(cycle, "assessment", None)
    if assessment is None:
        return Obstacle(_("请先填写预估。"), "relations:assessment")
    empty = {
        _("收集到的详细资料"): not assessment.material,
        _("需求形成的过程"): not assessment.need_formation,
        _("与环境及环境系统的互动"): not assessment.environment,
        _("中心能不能处理"): assessment.can_handle is None,
        _("对方愿不愿意由中心协助"): assessment.is_willing is None,
    }
    missing = [label for label, is_empty in empty.items() if is_empty]
    return Obstacle(_("预估还缺：%s。") % _("、").join(missing), "relations:assessment") if missing else None


def approved(course):
    """Returns a guard: the latest decision of the cycle is approved and its course is `course` (R19-R21, R58)."""

    def guard(cycle, today):
        if cycle.decision_state is None:
            return Obstacle(_("请先填写关系进程的决定。"), "relations:decide")
        if cycle.decision_state == Decision.State.PROPOSED:
            return Obstacle(_("决定还在等待审批。"), "relations:decisions")
        if cycle.decision_state in Decision.TO_REPEAT or cycle.decision_course != course:
            return Obstacle(_("没有批准“%s”的决定。") % Course(course).label, "relations:decide")
        return None

    return guard


def plan_is_made(cycle, today):
    """Guard: stage 4 has goals, and at least one action for each goal (R22)."""
    if not cycle.has_goals:
        return Obstacle(_("请先写下计划的目标。"), "relations:plan")
    if cycle.idle_goal:
        return Obstacle(_("目标“%s”还没有对应的行动。") % cycle.idle_goal, "relations:plan")
    return None


def evaluation_is_written(cycle, today):
    """Guard: there is an evaluation, and all goals are achieved or the closing type is another (R24-R26, R104)."""
    evaluation = getattr(cycle, "evaluation", None)
    if evaluation is None:
        return Obstacle(_("请先填写评估与结案。"), "relations:evaluation")
    if evaluation.closing_type == ClosingType.ACHIEVED and cycle.has_open_goals:
        return Obstacle(_("还有目标没有标为已实现；请标好，或选别的结束类型。"), "relations:evaluation")
    return None


def revisits_are_done(cycle, today):
    """Guard: stage 7 ends only when no revisit is open (R27)."""
    return Obstacle(_("还有没做完的回访。"), "relations:cycle") if cycle.has_open_revisits else None


@dataclass(frozen=True)
class Move:
    """One declared move. `target` is None if the move ends the cycle; then `ending` is set.

    `label` may name the stage of the target as %(stage)s.
    """

    name: str
    label: str
    sources: tuple
    target: Stage | None
    permission: Permission = Permission.MOVE
    guards: tuple[Callable, ...] = ()
    ending: str = ""
    needs_reason: bool = False
    opens_next: bool = False
    is_back: bool = False
    leaves: bool = False  # ends the relationship without the service having been completed

    def label_for(self, kind):
        """Returns the label, with the stage that it leads to in the words of a kind of stakeholder."""
        return str(self.label) % {"stage": stage_label(self.target, kind) if self.target else ""}

    @property
    def asks_first(self):
        """Whether a page asks for confirmation first.

        It does if the move needs a reason, cannot be undone, or has no guard, so that one stray tap would make it.
        """
        return self.needs_reason or self.target is None or not self.guards


BEFORE_CLOSURE = (Stage.CONTACT, Stage.ASSESSMENT, Stage.DECISION, Stage.PLAN, Stage.EXECUTION)

FORWARD = [
    Move(
        "assess",
        gettext_lazy("进入%(stage)s"),
        (Stage.CONTACT,),
        Stage.ASSESSMENT,
        guards=(contact_is_recorded,),
    ),
    Move(
        "decide",
        gettext_lazy("进入%(stage)s"),
        (Stage.ASSESSMENT,),
        Stage.DECISION,
        guards=(assessment_is_written,),
    ),
    Move(
        "plan",
        gettext_lazy("确认介入，进入%(stage)s"),
        (Stage.DECISION,),
        Stage.PLAN,
        guards=(approved(Course.NEXT),),
    ),
    Move("execute", gettext_lazy("进入%(stage)s"), (Stage.PLAN,), Stage.EXECUTION, guards=(plan_is_made,)),
    Move("evaluate", gettext_lazy("进入%(stage)s"), (Stage.EXECUTION,), Stage.EVALUATION),
    Move(
        "close",
        gettext_lazy("结案，进入%(stage)s"),
        (Stage.EVALUATION,),
        Stage.FOLLOW_UP,
        guards=(evaluation_is_written,),
    ),
]
ENDINGS = [
    Move(
        "finish",
        gettext_lazy("回访期满，结束本轮"),
        (Stage.FOLLOW_UP,),
        None,
        guards=(revisits_are_done,),
        ending=Ending.COMPLETED,
    ),
    Move(
        "new_need",
        gettext_lazy("有新的需求，进入新一轮"),
        (Stage.FOLLOW_UP,),
        None,
        ending=Ending.NEW_NEED,
        needs_reason=True,
        opens_next=True,
    ),
    Move(
        "terminate",
        gettext_lazy("终止关系"),
        BEFORE_CLOSURE,
        None,
        guards=(approved(Course.TERMINATE),),
        ending=Ending.TERMINATED,
        leaves=True,
    ),
    Move(
        "refer",
        gettext_lazy("转介"),
        BEFORE_CLOSURE,
        None,
        guards=(approved(Course.REFER),),
        ending=Ending.REFERRED,
        leaves=True,
    ),
]
BACKWARD = [
    Move(
        f"back_to_{move.sources[0].name.lower()}",
        gettext_lazy("退回上一阶段"),
        (move.target,),
        move.sources[0],
        permission=Permission.APPROVE,
        needs_reason=True,
        is_back=True,
    )
    for move in FORWARD
]
MOVES = [*FORWARD, *ENDINGS, *BACKWARD]
MOVES_BY_NAME = {move.name: move for move in MOVES}
# {(name of a move, description): function (cycle, by, today)}; the functions run in the transaction of the move.
AFTER_MOVES = Registry("what follows a move of the cycle")


def actions_after_move(name):
    """Returns the functions that run after the move `name`, in the order of their registration."""
    return [run for (move, _what), run in AFTER_MOVES.items() if move == name]


def obstacle(cycle, move, today):
    """Returns why `move` cannot be made now, or None: a sentence, or an Obstacle if a page that fixes it is known."""
    cycle = ensure_facts(cycle)
    guards = [*move.guards, *guards_of_kind(cycle.stakeholder.kind, move.name)]
    return next((problem for guard in guards if (problem := guard(cycle, today))), None)


def guards_of_kind(kind, name):
    """Returns the guards that a kind adds to the move `name` (for example: an employer needs a contract)."""
    return KINDS[kind].guards.get(name, ()) if kind in KINDS else ()


def open_moves(cycle, user, today):
    """Returns the moves that `user` may make from the present stage: a list of (Move, why not now, or None)."""
    if cycle is None or cycle.ended_on:
        return []
    cycle = ensure_facts(cycle)
    record = cycle.stakeholder
    candidates = [move for move in MOVES if cycle.stage in move.sources and record.may(user, move.permission)]
    return [(move, obstacle(cycle, move, today)) for move in candidates]


@transaction.atomic
def move(cycle, name, *, by, today, reason=""):
    """Makes the declared move `name` on `cycle`, which has the stage that was shown to the user.

    Returns the cycle, or the next cycle if the move started one. Raises PermissionDenied when `by` may not make the
    move, ActionRefused (with a sentence) when a guard fails, the reason is missing, or another user has moved the
    cycle in the meantime.
    """
    declared = MOVES_BY_NAME[name]
    if not cycle.stakeholder.may(by, declared.permission):
        raise PermissionDenied
    now = with_facts(Cycle.objects.filter(pk=cycle.pk)).get()
    if problem := stage_conflict(now, cycle.stage, declared):
        raise ActionRefused(problem)
    if declared.needs_reason and not reason.strip():
        raise ActionRefused(_("请写明原因。"))
    if problem := obstacle(now, declared, today):
        raise ActionRefused(problem)
    update_stage(now, declared, today)
    log_move(now, declared, by, today, reason.strip())
    cycle.refresh_from_db()
    for follow in actions_after_move(name):
        follow(cycle, by, today)
    if not declared.opens_next:
        return cycle
    return start_cycle(
        cycle.stakeholder, by=by, today=today, previous=cycle, preliminary_needs=reason.strip()
    )


def stage_conflict(cycle, seen_stage, declared):
    """Returns why `declared` cannot start from the present stage, or None; `seen_stage` was shown to the user."""
    if cycle.ended_on:
        return _("这一轮已经结束，不能再移动阶段。")
    if cycle.stage != seen_stage:
        return _("刚才有人把阶段移到了“%s”，请看最新的情况再决定。") % stage_label(
            cycle.stage, cycle.stakeholder.kind
        )
    if cycle.stage not in declared.sources:
        kind = cycle.stakeholder.kind
        values = {"stage": stage_label(cycle.stage, kind), "move": declared.label_for(kind)}
        return _("现在在“%(stage)s”阶段，不能“%(move)s”。") % values
    return None


def update_stage(cycle, declared, today):
    """Writes the stage by a conditional UPDATE: of two moves at once, the second raises ActionRefused."""
    if declared.target:
        changes = {"stage": declared.target, "stage_since": today}
    else:
        changes = {"ended_on": today, "ending": declared.ending}
    waiting = Cycle.objects.filter(pk=cycle.pk, stage=cycle.stage, ended_on=None)
    if not waiting.update(**changes):
        raise ActionRefused(_("刚才有人先移动了阶段，请看最新的情况再决定。"))


def log_move(cycle, declared, by, today, reason):
    """Writes the StageChange; `cycle` still has the old stage."""
    StageChange.objects.create(
        cycle=cycle,
        move=declared.name,
        source=cycle.stage,
        target=declared.target or "",
        ending=declared.ending,
        reason=reason,
        on=today,
        by=by,
    )


def start_cycle(stakeholder, *, by, today, previous=None, **first_contact):
    """Creates the next cycle, at stage 1, and returns it; `previous` links it to the cycle that it continues (R28).

    `first_contact` are values of the fields of stage 1 (R15-R16). Raises IntegrityError when a cycle is running.
    """
    last = stakeholder.cycles.aggregate(last=Max("number"))["last"] or 0
    cycle = Cycle.objects.create(
        stakeholder=stakeholder,
        number=last + 1,
        previous=previous,
        opened_on=today,
        stage_since=today,
        **first_contact,
    )
    StageChange.objects.create(cycle=cycle, move=BEGIN, target=Stage.CONTACT, on=today, by=by)
    return cycle


def start_first_cycles(pks, *, by, today, reason):
    """Creates the first cycle of each of these new stakeholders, in a fixed number of SQL statements.

    `reason` is stored in the history of the cycles.
    """
    cycles = [Cycle(stakeholder_id=pk, number=1, opened_on=today, stage_since=today) for pk in pks]
    bulk.insert(cycles)
    bulk.write_history(Cycle, [cycle.pk for cycle in cycles], kind="+", by=by, reason=reason)
    bulk.insert_without_keys(
        [
            StageChange(cycle_id=cycle.pk, move=BEGIN, target=Stage.CONTACT, on=today, by=by)
            for cycle in cycles
        ]
    )


def start_next_cycle(stakeholder, *, by, today):
    """Starts a new cycle, linked to the last one: terminated or referred stakeholders may come back (R63).

    Raises PermissionDenied when `by` may not move cycles, ActionRefused when a cycle is running or was started in
    the meantime.
    """
    if not stakeholder.may(by, Permission.MOVE):
        raise PermissionDenied
    last = stakeholder.cycles.order_by("-number").first()
    if last and last.ended_on is None:
        raise ActionRefused(_("第%s轮还在进行，不必另开一轮。") % last.number)
    try:
        with transaction.atomic():
            return start_cycle(stakeholder, by=by, today=today, previous=last)
    except IntegrityError:
        raise ActionRefused(_("刚才有人已经开始了新一轮，请看最新的情况。")) from None
