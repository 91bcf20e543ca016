"""The course of a relationship: proposing it, approving it, sending it back (R19-R21, R58-R66).

Whoever may approve decides at once. Everybody else proposes, and somebody who may approve within their scope, or who
stands in for such a colleague, and who is not the proposer, decides.
"""

from functools import reduce
from operator import or_

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.exceptions import Refused
from accounts.models import StandIn, User
from accounts.roles import Permission, Role
from relations.cycle.lifecycle import BEFORE_CLOSURE
from relations.models import Course, Cycle, Decision, Stakeholder
from relations.models.stakeholder import in_sight
from relations.reminding.about import about
from reminders.actions import remind
from reminders.models import Reminder
from reminders.raising import close

STATES = Decision.State


def awaiting(user):
    """The decisions that wait for `user`, as a queryset; the count beside 待我审批 is its length."""
    waiting = Decision.objects.visible_to(user).awaiting().exclude(proposed_by=user)
    if user.may(Permission.APPROVE):
        return waiting
    approvers = [absent for absent in absent_colleagues(user) if absent.may(Permission.APPROVE)]
    if not approvers:
        return Decision.objects.none()
    return waiting.filter(reduce(or_, (in_sight(approver, "cycle__stakeholder") for approver in approvers)))


def absent_colleagues(user):
    if not StandIn.objects.may_be_held_by(user):
        return []
    return User.objects.active().filter(pk__in=StandIn.objects.absent_for(user))


def may_decide(user, decision):
    """Whether `user` may approve or return this decision now."""
    return awaiting(user).filter(pk=decision.pk).exists()


@transaction.atomic
def propose(decision, *, by, today):
    """Saves a new decision (unsaved, with its cycle and content): decided at once or put before an approver.

    Raises Refused when the round is past deciding or another decision waits.
    """
    if problem := past_deciding(Cycle.objects.select_for_update(no_key=True).get(pk=decision.cycle_id)):
        raise Refused(problem)
    decision.proposed_by = by
    if by.may(Permission.APPROVE):
        decision.state, decision.decided_by, decision.decided_on = STATES.APPROVED, by, today
    save_alone(decision)
    if decision.state == STATES.PROPOSED:
        ask(decision, today)
    return decision


def past_deciding(cycle):
    """Why no decision is taken on this round any more, or None."""
    if cycle.ended_on:
        return _("第%s轮已经结束，只能查看。") % cycle.number
    if cycle.stage not in BEFORE_CLOSURE:
        return _("已经进入评估与结案，请在结案时写明结束类型。")
    return None


def save_alone(decision):
    """Of two proposals at once one is kept (the database allows one open decision a round)."""
    open_one = _("已经有一个决定在等待审批，请先等它有结果。")
    if decision.cycle.decisions.awaiting().exists():
        raise Refused(open_one)
    try:
        with transaction.atomic():
            decision.save(force_insert=True)
    except IntegrityError:
        raise Refused(open_one) from None


def approve(decision, *, by, today, note=""):
    """Approves. Raises PermissionDenied when `by` may not, Refused when it was decided meanwhile."""
    decide(decision, STATES.APPROVED, by, today, note)


def send_back(decision, *, by, today, note):
    """Returns it to the proposer with a note, which is required."""
    if not note.strip():
        raise Refused(_("请写明退回的原因。"))
    decide(decision, STATES.RETURNED, by, today, note)


@transaction.atomic
def decide(decision, state, by, today, note):
    if not may_decide(by, decision):
        decision.refresh_from_db()
        if decision.state != STATES.PROPOSED:
            raise Refused(_("刚才%s已经处理了这个决定。") % decision.decided_by)
        raise PermissionDenied
    waiting = Decision.objects.awaiting().filter(pk=decision.pk)
    if not waiting.update(state=state, decided_by=by, decided_on=today, decision_note=note.strip()):
        raise Refused(_("刚才有人已经处理了这个决定。"))
    decision.refresh_from_db()
    decision.save()  # the row as it is now goes into the history
    close([subject(decision)])
    answer(decision, today)


def subject(decision):
    return f"decision:{decision.pk}"


def title(decision):
    words = {"who": decision.cycle.stakeholder.name, "course": Course(decision.course).label}
    return _("%(who)s：“%(course)s”的决定") % words


def ask(decision, today):
    """Puts the proposal before those who lead the department, or the centre where the department has nobody."""
    for approver in approvers_of(decision.cycle.stakeholder, but=decision.proposed_by):
        remind(
            approver,
            key=f"approval:{decision.pk}:{approver.pk}",
            subject=subject(decision),
            kind=Reminder.Kind.APPROVAL,
            title=_("请审批 %s") % title(decision),
            link=address(decision),
            today=today,
            **about(decision.cycle.stakeholder, approver),
        )


def answer(decision, today):
    """Tells the proposer what became of it, unless the record has left their sight meanwhile."""
    if not Decision.objects.visible_to(decision.proposed_by).filter(pk=decision.pk).exists():
        return
    remind(
        decision.proposed_by,
        key=f"approval:{decision.pk}:answer",
        subject=f"{subject(decision)}:answer",
        kind=Reminder.Kind.APPROVAL,
        title=f"{decision.get_state_display()} {title(decision)}",
        link=address(decision),
        today=today,
        is_for_information=True,
        **about(decision.cycle.stakeholder, decision.proposed_by),
    )


def address(decision):
    return reverse("relations:decision", args=[decision.pk])


def approvers_of(stakeholder, but=None):
    """Colleagues who lead the department of `stakeholder` and see the record; else the heads of the centre."""
    lead = Q(department=stakeholder.department_id) | Q(headed_departments=stakeholder.department_id)
    in_charge = [Role.HEAD, Role.DIRECTOR, Role.DEPUTY]
    nearby = User.objects.active().filter(lead) if stakeholder.department_id else User.objects.none()
    centre = [user for role in in_charge for user in User.objects.active().holding(role)]
    return fit(nearby.distinct(), stakeholder, but) or fit(centre, stakeholder, but)


def fit(users, stakeholder, but):
    """Those of `users` who may approve and see the record, each once, without `but`."""
    found = {user.pk: user for user in users if user.may(Permission.APPROVE) and user != but}
    return [
        user
        for user in found.values()
        if Stakeholder.objects.visible_to(user).filter(pk=stakeholder.pk).exists()
    ]
