"""Chooses the act that comes next on the page of a complaint, with its form, and lists the other acts open there."""

from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _

from complaints.acts import wording as act_words
from complaints.acts.forms import ActForm
from complaints.lists.waiting import HEAD_ACTS
from complaints.measures.forms import MeasureForm
from complaints.models import ComplaintKind, State
from complaints.models.case import WAITING_FOR_COMPLAINANT

NEXT_STEP_BY_STATE = {
    State.WITH_HEAD: "appoint",
    State.HANDLING: "reply",
    State.UNRESOLVED: "plan",
    State.PLANNED: "answer",
    State.PASSED: "answer",
    State.NOT_PROCESSED: "reclass",
}
OUTCOME_STEPS = ("satisfied", "unsatisfied", "no_word", "follow_up")
ON_PEOPLE_PAGE = ("list", "delist", "mark", "accuse")
MEASURE = "measure"


@dataclass
class NextAct:
    """The one next act: its form, heading, button label and consequence."""

    name: str
    heading: str
    href: str
    form: object
    save: str
    consequence: str


def acts_context(case, user, today, roles, steps, measures):
    """The template context of the acts: `offer` (NextAct or None), `outcomes`, `more`, `greyed`, `waits` and flags."""
    open_now = {step.name: step for step, obstacle in steps if not obstacle and makes_sense(step, case)}
    name = next_name(case, open_now, measures)
    outcomes = [open_now[each] for each in OUTCOME_STEPS if each in open_now] if is_waiting(case) else []
    shown = {name, *(step.name for step in outcomes), *ON_PEOPLE_PAGE}
    return {
        "offer": next_act(name, open_now, case, user, today),
        "outcomes": [link_of(step, case) for step in outcomes],
        "outcome_form": outcome_form(open_now, case, user, today) if outcomes else None,
        "more": [link_of(step, case) for each, step in open_now.items() if each not in shown],
        "greyed": [(step.label, obstacle) for step, obstacle in steps if obstacle],
        "can_note": name == "reply" and "note" in open_now,
        "can_extend": "extend" in open_now,
        "can_change_handler": "appoint" in open_now and case.handler_id is not None,
        "can_add_measure": may_measure(case, roles),
        "waits": waiting_words(case, open_now, name, outcomes),
    }


def is_waiting(case):
    return case.state in WAITING_FOR_COMPLAINANT


def makes_sense(step, case):
    """Whether the step makes sense beyond its state: no second pause, no extension once both clocks are met."""
    if step.name == "pause":
        return not case.paused_on
    if step.name == "resume":
        return bool(case.paused_on)
    if step.name == "extend":
        return None in (case.response_met_on, case.result_met_on)
    return True


def next_name(case, open_now, measures):
    """The name of the next step, or None. In the state SETTLED: first the opinion, then the measure, then closing."""
    if case.state != State.SETTLED:
        name = NEXT_STEP_BY_STATE.get(case.state)
        return name if name in open_now else None
    if "sign" not in open_now:
        return None if measures or case.kind == ComplaintKind.PRAISE else MEASURE
    if not case.opinion:
        return "sign"
    return "close" if "close" in open_now else MEASURE


def next_act(name, open_now, case, user, today):
    if name is None:
        return None
    if name == MEASURE:
        return measure_act(case, today)
    step = open_now[name]
    return NextAct(
        name=name,
        heading=heading(step, case),
        href=reverse("complaints:act", args=[case.number, name]),
        form=None if name == "close" else ActForm(case=case, step=step, by=user, today=today),
        save=str(act_words.save_label(step)),
        consequence=str(act_words.CONSEQUENCES[name]),
    )


def measure_act(case, today):
    return NextAct(
        name=MEASURE,
        heading=_("写改善措施"),
        href=reverse("complaints:measure_new", args=[case.number]),
        form=MeasureForm(case=case, today=today),
        save=_("写下措施"),
        consequence=_("保存后：到期提醒措施的负责人，做完以后再检查是否又发生。"),
    )


def outcome_form(open_now, case, user, today):
    """The form for the complainant's feedback: one form with one button per outcome."""
    return ActForm(case=case, step=open_now["satisfied"], by=user, today=today)


def link_of(step, case):
    return {
        "name": step.name,
        "label": heading(step, case),
        "href": reverse("complaints:act", args=[case.number, step.name]),
    }


def heading(step, case):
    if step.name == "appoint" and case.handler_id:
        return _("换跟进人")
    return str(step.label)


def may_measure(case, roles):
    return case.is_open and bool({"head", "handler"} & roles)


def waiting_words(case, open_now, name, outcomes):
    """A sentence that names the colleague whose turn it is; "" when the user can act or the complaint has ended."""
    if name or outcomes or not case.is_open:
        return ""
    if case.state in HEAD_ACTS:
        return _("现在等%s办理。") % case.head.name
    return _("现在等%s办理。") % (case.handler or case.head).name
