"""The seven stages: which move may follow which, who may make it, and what must be there first (R13-R28).

The table MOVES is read by the buttons, the guards, the diagram and the tests alike. `move` is the only writer of
a stage: it changes the stage by an UPDATE that asks for the stage it started from, writes the StageChange, and runs
what follows, in one transaction.
"""

from collections.abc import Callable
from dataclasses import dataclass

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.roles import Permission
from relations.models import ClosingType, Course, Cycle, Ending, Stage, StageChange


class Refused(Exception):
    """A move that may not be made now; its text is a sentence for the person who tried."""


def contact_is_recorded(cycle, today):
    """Stage 1 must record the source, the class and the first needs, and who received whom when (R15-R16)."""
    if not cycle.class_confirmed:
        return _("请先确认对象类别。")
    if not cycle.preliminary_needs:
        return _("请先写下对需求的初步评估。")
    if not cycle.first_contact_on or not cycle.received_by_id:
        return _("请先登记首次联系的日期和接待人。")
    return None


def assessment_is_written(cycle, today):
    """Stage 2 must record the need, how it came about, the environment and a conclusion (R17-R18)."""
    assessment = getattr(cycle, "assessment", None)
    if assessment is None:
        return _("请先填写预估。")
    named = {
        "material": _("收集到的详细资料"),
        "need_formation": _("需求形成的过程"),
        "environment": _("与环境及环境系统的互动"),
    }
    missing = [label for field, label in named.items() if not getattr(assessment, field)]
    return _("预估还缺：%s。") % "、".join(missing) if missing else None


def approved(course):
    """The guard: the latest decision of this cycle is approved and takes `course` (R19-R21, R58)."""

    def guard(cycle, today):
        decision = cycle.decisions.order_by("-pk").first()
        if decision is None:
            return _("请先填写关系进程的决定。")
        if decision.state == decision.State.PROPOSED:
            return _("决定还在等待审批。")
        if decision.state == decision.State.RETURNED or decision.course != course:
            return _("没有批准“%s”的决定。") % Course(course).label
        return None

    return guard


def plan_is_made(cycle, today):
    """Stage 4 has goals, and actions for each goal (R22)."""
    goals = list(cycle.goals.prefetch_related("actions"))
    if not goals:
        return _("请先写下计划的目标。")
    idle = [goal.text for goal in goals if not goal.actions.all()]
    return _("目标“%s”还没有对应的行动。") % idle[0] if idle else None


def evaluation_is_written(cycle, today):
    """Closure needs the evaluation, and either the goals achieved or another closing type (R24-R26, R104)."""
    evaluation = getattr(cycle, "evaluation", None)
    if evaluation is None:
        return _("请先填写评估与结案。")
    if evaluation.closing_type == ClosingType.ACHIEVED and cycle.goals.exclude(is_achieved=True).exists():
        return _("还有目标没有标为已实现；请标好，或选别的结束类型。")
    return None


def revisits_are_done(cycle, today):
    """Stage 7 ends when no revisit is open (R27)."""
    open_revisits = cycle.stakeholder.tasks.open().filter(origin="revisit").exists()
    return _("还有没做完的回访。") if open_revisits else None


@dataclass(frozen=True)
class Move:
    """One declared move. `target` is None when it ends the cycle; then `ending` says how."""

    name: str
    label: str
    sources: tuple
    target: Stage | None
    permission: Permission = Permission.MOVE
    guards: tuple[Callable, ...] = ()
    ending: str = ""
    needs_reason: bool = False
    opens_next: bool = False


BEFORE_CLOSURE = (Stage.CONTACT, Stage.ASSESSMENT, Stage.DECISION, Stage.PLAN, Stage.EXECUTION)

MOVES = [
    Move("assess", gettext_lazy("进入预估"), (Stage.CONTACT,), Stage.ASSESSMENT, guards=(contact_is_recorded,)),
    Move("decide", gettext_lazy("进入确认服务提供"), (Stage.ASSESSMENT,), Stage.DECISION, guards=(assessment_is_written,)),
    Move("plan", gettext_lazy("确认介入，进入计划"), (Stage.DECISION,), Stage.PLAN, guards=(approved(Course.NEXT),)),
    Move("execute", gettext_lazy("进入执行"), (Stage.PLAN,), Stage.EXECUTION, guards=(plan_is_made,)),
    Move("evaluate", gettext_lazy("进入评估与结案"), (Stage.EXECUTION,), Stage.EVALUATION),
    Move(
        "close", gettext_lazy("结案，进入跟踪回访"), (Stage.EVALUATION,), Stage.FOLLOW_UP, guards=(evaluation_is_written,)
    ),
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
    ),
    Move("refer", gettext_lazy("转介"), BEFORE_CLOSURE, None, guards=(approved(Course.REFER),), ending=Ending.REFERRED),
]
MOVES_BY_NAME = {move.name: move for move in MOVES}
KIND_GUARDS = {}
AFTERWARDS = {}


def guard_for(kind, name):
    """Decorator: an upper app adds a guard of its kind to the move `name` (an employer needs a contract, ...)."""

    def register(guard):
        KIND_GUARDS.setdefault((str(kind), name), []).append(guard)
        return guard

    return register


def afterwards(name):
    """Decorator: `run(cycle, by, today)` follows the move `name` inside its transaction."""

    def register(run):
        AFTERWARDS.setdefault(name, []).append(run)
        return run

    return register


def obstacle(cycle, move, today):
    """Why `move` cannot be made now, as a sentence, or None."""
    guards = [*move.guards, *KIND_GUARDS.get((cycle.stakeholder.kind, move.name), [])]
    return next((problem for guard in guards if (problem := guard(cycle, today))), None)


def open_moves(cycle, user, today):
    """The moves this user may make from here: a list of (Move, why not now or None)."""
    if cycle is None or cycle.ended_on:
        return []
    candidates = [move for move in MOVES if cycle.stage in move.sources and user.may(move.permission)]
    return [(move, obstacle(cycle, move, today)) for move in candidates]


@transaction.atomic
def move(cycle, name, *, by, today, reason=""):
    """Makes the declared move `name` on `cycle`.

    Raises PermissionDenied when `by` may not, Refused with a sentence when a guard or a reason is missing or when
    somebody else has moved the cycle meanwhile.
    """
    declared = MOVES_BY_NAME[name]
    if not by.may(declared.permission):
        raise PermissionDenied
    if cycle.stage not in declared.sources or cycle.ended_on:
        raise Refused(_("这一步已经有人做过了，请看最新的阶段。"))
    if declared.needs_reason and not reason.strip():
        raise Refused(_("请写明原因。"))
    if problem := obstacle(cycle, declared, today):
        raise Refused(problem)
    source = cycle.stage
    write(cycle, declared, today)
    StageChange.objects.create(
        cycle=cycle,
        move=name,
        source=source,
        target=declared.target or "",
        ending=declared.ending,
        reason=reason.strip(),
        on=today,
        by=by,
    )
    for follow in AFTERWARDS.get(name, []):
        follow(cycle, by, today)
    return begin(cycle.stakeholder, by=by, today=today, previous=cycle) if declared.opens_next else cycle


def write(cycle, declared, today):
    """The conditional UPDATE: of two people moving at once, one wins and the other is told."""
    changes = {"version": cycle.version + 1}
    if declared.target:
        changes |= {"stage": declared.target, "stage_since": today}
    else:
        changes |= {"ended_on": today, "ending": declared.ending}
    waiting = Cycle.objects.filter(pk=cycle.pk, stage=cycle.stage, ended_on=None, version=cycle.version)
    if not waiting.update(**changes):
        raise Refused(_("刚才有人移动了阶段，请看最新的情况再决定。"))
    cycle.refresh_from_db()


def begin(stakeholder, *, by, today, previous=None, **first_contact):
    """Opens the next cycle at stage 1; `previous` links it to the one whose follow-up found the new need (R28)."""
    number = stakeholder.cycles.count() + 1
    cycle = Cycle.objects.create(
        stakeholder=stakeholder,
        number=number,
        previous=previous,
        opened_on=today,
        stage_since=today,
        **first_contact,
    )
    StageChange.objects.create(cycle=cycle, move="begin", target=Stage.CONTACT, on=today, by=by)
    return cycle
