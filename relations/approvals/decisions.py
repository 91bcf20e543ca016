"""Decisions on the course of a relationship: proposing, approving, returning them (R19-R21, R58-R66).

The user who proposes never approves, whatever their role. Another user who may approve within their scope does, or the
stand-in of such a user. accounts.approvals stores the approval request; its rules are in relations.approvals.matter.
"""

from contextlib import contextmanager

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accounts.approvals import assignment, engine
from accounts.approvals.approver_roles import ESCALATION_ORDER
from accounts.approvals.models import Sheet
from accounts.approvals.registers import APPROVER_ROLES
from accounts.exceptions import ActionRefused
from relations.approvals.matter import (
    MATTER,
    RECORD_FIELDS,
    reason_not_decidable,
    seeing,
    subject_of,
    waiting_request,
)
from relations.models import Cycle


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
            about = decision.cycle.stakeholder.account_id  # the colleague whose record it is does not decide
            sheet = Sheet(matter=MATTER, subject=subject_of(decision.cycle), about_id=about, asked_by=by)
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
    """Returns the users nearest to `stakeholder` who may be asked to approve for it, without `but`; a list.

    They are those whom a request of the same day would remind first: the holders of the first role in
    ESCALATION_ORDER that somebody holds who sees the record.
    """
    record = {name: getattr(stakeholder, field) for name, field in RECORD_FIELDS.items()}
    excluded = [pk for pk in (but and but.pk, stakeholder.account_id) if pk]
    context = assignment.context_of_record(record, assignment.Days.for_day())
    for name in ESCALATION_ORDER:
        people = seeing(APPROVER_ROLES[name].holders(context), stakeholder).exclude(pk__in=excluded)
        if approvers := list(people):
            return approvers
    return []
