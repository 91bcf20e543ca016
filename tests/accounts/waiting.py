"""Decisions that wait for approval, the rule that says whose, and what came of an act on a request."""

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction

from accounts.approvals import chains, engine
from relations.approvals import decisions
from relations.models import Decision, Stage
from tests.factories.approvals import CONTENT
from tests.factories.relations import CycleFactory, StakeholderFactory

YES, NOT_ASKED, TOO_LATE = "yes", "not asked", "too late"
ACTS = {
    "approve": lambda sheet, by: engine.approve(sheet, by=by, opinion="同意"),
    "send_back": lambda sheet, by: engine.send_back(sheet, by=by, opinion="不同意"),
    "withdraw": lambda sheet, by: engine.withdraw(sheet, by=by),
}


def rule(by, *steps):
    """Sets these steps for decisions; each step is a name or (name, days)."""
    written = [step if isinstance(step, tuple) else (step, None) for step in steps]
    return chains.change_chain("decision", steps=written, by=by, reason="试行")


def waiting_decision(by, course="refer"):
    """A decision of `by` that waits for approval."""
    stakeholder = StakeholderFactory(responsible=by, department=by.department)
    cycle = CycleFactory(stakeholder=stakeholder, stage=Stage.DECISION)
    decision = Decision(cycle=cycle, course=course, justification="对照预估。", **CONTENT[course])
    return decisions.propose(decision, by=by)


def attempt(act, sheet, by):
    """The result of an act by `by`: YES, NOT_ASKED or TOO_LATE."""
    try:
        with transaction.atomic():
            ACTS[act](sheet, by)
    except PermissionDenied:
        return NOT_ASKED
    except ValidationError:
        return TOO_LATE
    return YES
