"""Decisions on the course of a relationship: proposing, approving, returning them (R19-R21, R58-R66).

The user who proposes never approves, whatever their role. Another user who may approve within their scope does, or the
stand-in of such a user. accounts.approvals stores the approval request; its rules are in relations.approvals.matter.
"""

from contextlib import contextmanager

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from accounts.approvals import engine
from accounts.approvals.assignment import steps_waiting_for
from accounts.approvals.models import Sheet
from accounts.exceptions import ActionRefused
from accounts.models import User
from accounts.roles import Permission, Role
from relations.approvals.matter import MATTER, reason_not_decidable, subject_of, waiting_request
from relations.models import Cycle, Decision, Stakeholder


def awaiting(user, days=None):
    """Returns a queryset of the decisions that wait for `user`; `days` is passed to accounts.approvals.assignment."""
    return Decision.objects.filter(
        sheet__in=steps_waiting_for(user, days).filter(sheet__matter=MATTER).values("sheet")
    )


def may_decide(user, decision):
    """Whether `user` may approve or return this decision now."""
    return decision.sheet is not None and engine.may_decide(user, decision.sheet)


@transaction.atomic
def propose(decision, *, by):
    """Submits a new decision (unsaved, with its cycle and content) for approval, and returns it.

    Raises ActionRefused when the cycle can no longer be decided on, another decision waits, or no user other than
    `by` could approve.
    """
    if problem := reason_not_decidable(
        Cycle.objects.select_for_update(no_key=True).get(pk=decision.cycle_id)
    ):
        raise ActionRefused(problem)
    decision.proposed_by = by
    if sheet := waiting_request(decision.cycle):
        raise ActionRefused(words_for_waiting(sheet))
    try:
        with transaction.atomic():
            sheet = Sheet(matter=MATTER, subject=subject_of(decision.cycle), asked_by=by)
            engine.open_sheet(sheet, record=decision)
    except engine.NoApprover as nobody:
        raise ActionRefused(" ".join(nobody.messages), page=nobody.page) from None
    except ValidationError as refusal:
        raise ActionRefused(" ".join(refusal.messages)) from None
    except IntegrityError:
        raise ActionRefused(words_for_waiting(waiting_request(decision.cycle))) from None
    return decision


def words_for_waiting(sheet):
    """Returns why no second decision can be proposed while `sheet` waits."""
    return _("已经有一个决定在等待审批（%s），请等它有结果，或者由提出的人撤回。") % sheet


def approve(decision, *, by, note=""):
    """Approves the decision.

    Raises engine.AnswerRefused (403) when `by` may not approve it or its content has changed, ActionRefused when it was
    decided before.
    """
    with refusals_as_action_refused(decision):
        if not engine.approve(decision.sheet, by=by, opinion=note):
            decision.refresh_from_db()
            raise engine.SheetIsVoid(_("提交以后情况有变化，这个决定已经失效，什么都没有改。"))
    decision.refresh_from_db()


def send_back(decision, *, by, note):
    """Returns the decision to the proposer with `note`, which is required. Raises as `approve` does."""
    with refusals_as_action_refused(decision):
        engine.send_back(decision.sheet, by=by, opinion=note)
    decision.refresh_from_db()


@contextmanager
def refusals_as_action_refused(decision):
    """Turns a ValidationError into ActionRefused, which names the user who decided first, if there is one."""
    try:
        yield
    except ValidationError as refusal:
        decision.refresh_from_db()
        if decision.decided_by:
            raise ActionRefused(_("刚才%s已经处理了这个决定。") % decision.decided_by) from None
        raise ActionRefused(" ".join(refusal.messages)) from None


def approvers_of(stakeholder, but=None):
    """Returns the users who may approve for `stakeholder`, without `but`; a list.

    They are the members and the head of its department who may approve and see the record; if there are none, the
    heads of the centre.
    """
    lead = Q(department=stakeholder.department_id) | Q(headed_departments=stakeholder.department_id)
    in_charge = [Role.HEAD, Role.DIRECTOR, Role.DEPUTY]
    nearby = User.objects.active().filter(lead) if stakeholder.department_id else User.objects.none()
    centre = [user for role in in_charge for user in User.objects.active().with_role(role)]
    return eligible_approvers(nearby.distinct(), stakeholder, but) or eligible_approvers(
        centre, stakeholder, but
    )


def eligible_approvers(users, stakeholder, but):
    """Returns those of `users` who may approve and see the record, each once, without `but`."""
    approvers = {user.pk: user for user in users if user.may(Permission.APPROVE) and user != but}
    return [
        user
        for user in approvers.values()
        if Stakeholder.objects.visible_to(user).filter(pk=stakeholder.pk).exists()
    ]
