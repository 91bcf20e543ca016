"""The stage bar of a stakeholder: the present stage, since when, and the next move (R13-R14)."""

from dataclasses import dataclass, field

from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.days import month_day
from accounts.query_cache import PreparedRows
from accounts.roles import Permission
from relations.cycle.lifecycle import BEFORE_CLOSURE, Move, open_moves, with_facts
from relations.models import Course, Cycle, Decision, Stage, StageChange, stage_label
from relations.parties.own_right import may_act


@dataclass
class MoveButton:
    """A button: the move, its URL, why the move cannot be made now, and the URL of the page that fixes that.

    `kind` is that of the stakeholder, whose words the label has.
    """

    move: Move
    kind: str
    href: str
    obstacle: str = ""
    fix_url: str = ""

    @property
    def label(self):
        return self.move.label_for(self.kind)


@dataclass
class Panel:
    """Context of `relations/_cycle_panel.html`; `cycle` is the running one, else the last, else None."""

    stakeholder: object
    cycle: object = None
    stages: list = field(default_factory=list)
    earlier: list = field(default_factory=list)
    next_step: MoveButton | None = None
    others: list = field(default_factory=list)
    back: MoveButton | None = None
    can_leave: bool = False
    can_begin_again: bool = False
    waiting: str = ""

    @property
    def stage_words(self):
        return stage_label(self.cycle.stage, self.stakeholder.kind)


CYCLES = PreparedRows(lambda user, record: with_facts(Cycle.objects.filter(stakeholder=record)))


def cycle_panel(user, stakeholder, today):
    """Returns the Panel of `stakeholder` for `user` on `today`, with at most three queries."""
    cycles = CYCLES(user, record=stakeholder.pk)
    for cycle in cycles:
        cycle.stakeholder = stakeholder
    if not cycles:
        return Panel(
            stakeholder,
            stages=stage_bar(stakeholder.kind, None, {}, today),
            can_begin_again=may_act(user, stakeholder, Permission.MOVE),
        )
    cycle, may_move = cycles[0], may_act(user, stakeholder, Permission.MOVE)
    panel = Panel(
        stakeholder,
        cycle=cycle,
        stages=stage_bar(stakeholder.kind, cycle, entered_on(cycle), today),
        earlier=cycles[1:],
        can_begin_again=bool(cycle.ended_on) and may_move,
        waiting=waiting_words(cycle),
    )
    if may_move:
        sort_moves(panel, user, today)
    return panel


def sort_moves(panel, user, today):
    """Sorts the moves open to `user`, who may move the cycle, into the next step, the others, and the step back."""
    steps = [
        move_button(panel.cycle, move, problem, user)
        for move, problem in open_moves(panel.cycle, user, today)
    ]
    panel.back = next((button for button in steps if button.move.is_back), None)
    leaving = [button for button in steps if button.move.leaves]
    agreed = [button for button in leaving if not button.obstacle]
    onward = [button for button in steps if not (button.move.is_back or button.move.leaves)]
    ranked = agreed + onward
    panel.next_step = ranked[0] if ranked else None
    panel.others = [button for button in ranked[1:] if not button.obstacle]
    may_leave = panel.cycle.stage in BEFORE_CLOSURE and not panel.cycle.ended_on
    panel.can_leave = may_leave and not agreed and not panel.waiting


def move_button(cycle, move, problem, user):
    href = reverse("relations:move", args=[cycle.pk, move.name])
    return MoveButton(
        move, cycle.stakeholder.kind, href, str(problem or ""), fix_url_of(cycle, problem, user)
    )


def fix_url_of(cycle, problem, user):
    """Returns the URL of the page that fixes `problem`, or "" if it is unknown or not open to `user`."""
    page = getattr(problem, "page", "")
    if not page or not cycle.stakeholder.may(user, problem.permission):  # may move, so is no guest
        return ""
    return reverse(page, args=[cycle.stakeholder_id if problem.of == "stakeholder" else cycle.pk])


def waiting_words(cycle):
    """Returns a text like “终止关系”的决定等待审批 while the latest decision waits, else ""."""
    if cycle.ended_on or cycle.decision_state != Decision.State.PROPOSED:
        return ""
    return _("“%s”的决定等待审批") % Course(cycle.decision_course).label


def entered_on(cycle):
    """Returns {stage: the day it was last entered}, from the log of moves."""
    changes = StageChange.objects.filter(cycle=cycle).exclude(target="").order_by("pk")
    return dict(changes.values_list("target", "on"))


def stage_bar(kind, cycle, entered, today):
    """Returns the seven stages for the `stages` template tag: label, date as text, state."""
    return [
        {
            "label": stage_label(stage, kind),
            "date": entered_words(cycle, stage, entered, today),
            "state": stage_state(cycle, stage),
        }
        for stage in Stage
    ]


def stage_state(cycle, stage):
    """Returns "now" for the present stage of `cycle` (or None), "done" for earlier ones, "" for later ones."""
    if cycle is None or stage > cycle.stage:
        return ""
    return "now" if stage == cycle.stage and cycle.ended_on is None else "done"


def entered_words(cycle, stage, entered, today):
    """Returns the date of a stage as text: 10-12 起 for the present one, 10-12 for earlier ones, else ""."""
    day = entered.get(stage)
    if day is None or stage_state(cycle, stage) == "":
        return ""
    written = month_day(day, today)
    return _("%s 起") % written if stage_state(cycle, stage) == "now" else written
