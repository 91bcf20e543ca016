"""Records opened in an emergency: by whom, how often a day, and who reviews it afterwards (R381).

An emergency is a Share that a user gives to themselves for some days (the parameter `emergency_days`); like every
share it ends by its date. Those who lead the record review it (`may_review`, `reviewers`), never the one who opened it;
while nobody can, those who lead the whole centre are told (`overseers`).
"""

from dataclasses import dataclass
from datetime import timedelta

from django.db import transaction
from django.db.models import Q, Sum
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.exceptions import ActionRefused
from accounts.models import RefusedAttempt, User
from accounts.refusals.recording import count_refusal
from accounts.roles import RECORD_SCOPES, Permission, Role, Scope, kinds, roles_with, scope_over
from accounts.stored_texts import stored_in_chinese
from relations.models import Share, Stakeholder
from relations.reminding.about import reminder_values
from relations.shares.actions import NOT_A_LEADER, kinds_led, led_condition, may_share, save_with_history
from reminders.actions import remind
from reminders.models import Parameter, Reminder
from reminders.raising import close_reminders

ROUTE = "relations:emergency"
LIMIT_REACHED = gettext_lazy("今天紧急查看的次数已经用完，请直接找负责人。")
NOT_FOUND = gettext_lazy("没有找到，或者有几份同名的；请写编号。")


@dataclass(frozen=True)
class EmergencyOutcome:
    """The outcome of an emergency form: the record, or the sentence why none was opened.

    `is_new`: it was not visible to the user before.
    """

    record: Stakeholder | None = None
    refusal: str = ""
    is_new: bool = False


@transaction.atomic
def try_emergency(typed, user, *, reason, today):
    """Opens the record with the number or complete name `typed` for `user` in an emergency; an EmergencyOutcome.

    The limit of the day is checked before the record is looked for, and says the same whether there is one. Whatever
    opened nothing is counted, as a refused attempt without what was typed; the user who reaches the limit is reported.
    """
    User.objects.select_for_update(no_key=True).get(pk=user.pk)
    if is_limit_reached(user, today):
        count_attempt(user, today)
        return EmergencyOutcome(refusal=LIMIT_REACHED)
    record = find_for_emergency(typed, user)
    if record is None:
        count_attempt(user, today)
        return EmergencyOutcome(refusal=NOT_FOUND)
    if Stakeholder.objects.visible_to(user).filter(pk=record.pk).exists():
        return EmergencyOutcome(record)
    try:
        open_in_emergency(record, user, reason=reason, today=today)
    except ActionRefused as refusal:
        count_attempt(user, today)
        return EmergencyOutcome(refusal=str(refusal))
    report_reached_limit(user, today)
    return EmergencyOutcome(record, is_new=True)


def find_for_emergency(typed, user):
    """Returns the record with that number or complete name among the kinds open to `user`; None unless there is one."""
    typed = typed.strip()
    candidates = Stakeholder.objects.filter(kind__in=emergency_kinds(user), voided_at=None)
    found = list(candidates.filter(number=typed.upper())[:2]) or list(candidates.filter(name=typed)[:2])
    return found[0] if len(found) == 1 else None


def is_limit_reached(user, today):
    return emergency_counts_on(user, today) >= Parameter.objects.value_on("emergency_tries", today)


def emergency_counts_on(user, day):
    """Returns the number of emergency accesses of `user` on `day`, including attempts that found no record."""
    opened = Share.objects.filter(user=user, kind=Share.Kind.EMERGENCY, starts_on=day).count()
    missed = RefusedAttempt.objects.filter(user=user, route=ROUTE, minute__date=day)
    return opened + (missed.aggregate(times=Sum("times"))["times"] or 0)


def count_attempt(user, today):
    """Counts one submission that opened nothing, before the lock on the user is given back."""
    now = timezone.now()
    same = {"user_id": user.pk, "method": "POST", "route": ROUTE, "status": 404}
    count_refusal(same | {"minute": now.replace(second=0, microsecond=0)}, now, "", False)
    report_reached_limit(user, today)


@stored_in_chinese()
def report_reached_limit(user, today):
    """Reminds those who lead clients of the whole centre, once a day, that `user` has reached the limit."""
    if not is_limit_reached(user, today):
        return
    subject = f"emergency-limit:{user.pk}:{today}"
    for leader in overseers(user):
        remind(
            leader,
            key=f"{subject}:{leader.pk}",
            subject=subject,
            kind=Reminder.Kind.NUDGE,
            title=_("%s今天紧急查看的次数用完了，请了解一下情况") % user.name,
            link=reverse("relations:emergencies"),
            today=today,
            is_for_information=True,
            is_personal=True,
        )


def overseers(user):
    """Returns those who may review emergencies anywhere in the centre, else those who confirm rights; not `user`."""
    others = User.objects.active().exclude(pk=user.pk)
    kinds_opened = [kind for kind, visibility in kinds().items() if visibility.emergencies]
    roles = [
        role
        for role in roles_with(Permission.HAND_OVER)
        if any(scope_over(role, kind) == Scope.ALL for kind in kinds_opened)
    ]
    return list(others.with_any_role(roles)) or list(others.with_permission(Permission.CONFIRM_RIGHTS))


@transaction.atomic
def open_in_emergency(stakeholder, user, *, reason, today):
    """Gives `user` access to a record on their own decision, to be reviewed afterwards. Returns the Share.

    Raises ActionRefused for kinds not in `emergency_kinds`, when the daily limit is reached, when the user has to ask
    a leader first (`must_ask_leader`), and when nobody could review it or learn of it.
    """
    User.objects.select_for_update(no_key=True).get(pk=user.pk)
    if stakeholder.kind not in emergency_kinds(user):
        raise ActionRefused(_("您的角色不能看这类记录。"))
    if is_limit_reached(user, today):
        raise ActionRefused(LIMIT_REACHED)
    if must_ask_leader(stakeholder, user, today):
        raise ActionRefused(
            _("您紧急查看过这份记录，还没有复核，或者被收回了；请直接找中心负责人或部门负责人。")
        )
    days = Parameter.objects.value_on("emergency_days", today)
    share = Share(
        stakeholder=stakeholder,
        user=user,
        kind=Share.Kind.EMERGENCY,
        reason=reason,
        starts_on=today,
        ends_on=today + timedelta(days=days - 1),
        given_by=user,
    )
    save_with_history(share, user)
    if not notify_reviewers(share, today) and not notify_overseers(share, today):
        raise ActionRefused(_("现在没有人可以复核，不能紧急查看；请先请系统管理员给一位同事合适的角色。"))
    return share


def must_ask_leader(stakeholder, user, today):
    """Whether an earlier emergency of `user` on this record waits for its review, or was revoked not long ago."""
    pause = timedelta(days=Parameter.objects.value_on("emergency_pause_days", today))
    earlier = Share.objects.filter(stakeholder=stakeholder, user=user, kind=Share.Kind.EMERGENCY)
    return earlier.filter(Q(reviewed_at=None) | Q(taken_back_at__date__gt=today - pause)).exists()


@stored_in_chinese()
def notify_overseers(share, today):
    """Tells who opened a record that nobody can review, without its name. Returns the number of new reminders.

    Those told do not see the record, so the subject is not that of the request to review it, which ends with sight.
    """
    subject = f"emergency-unreviewed:{share.pk}"
    title = _("%s紧急查看了一份记录，现在没有人能复核，请安排负责人") % share.user.name
    return sum(
        remind(
            person,
            key=f"{subject}:{person.pk}",
            subject=subject,
            kind=Reminder.Kind.NUDGE,
            title=title,
            link=reverse("roles"),
            today=today,
            is_for_information=True,
            is_personal=True,
        )
        for person in overseers(share.user)
    )


def emergency_kinds(user):
    """Returns the list of kinds of which `user` may open a record in an emergency."""
    if not user.may(Permission.LOG):
        return []
    return [
        kind
        for kind, visibility in kinds().items()
        if visibility.emergencies and user.scope_over(kind) in RECORD_SCOPES
    ]


@transaction.atomic
def review_emergency(share, *, by, opinion, today):
    """Stores the opinion of `by`, a leader other than the user of `share`, on an emergency. Raises ActionRefused."""
    share = Share.objects.select_for_update(of=("self",), no_key=True).get(pk=share.pk)
    if share.reviewed_at is not None:
        raise ActionRefused(_("刚才%s已经复核了。") % share.reviewed_by)
    if share.kind != Share.Kind.EMERGENCY or share.user_id == by.pk:
        raise ActionRefused(_("自己的紧急查看要由别人来复核。"))
    if not may_share(by, share.stakeholder):
        raise ActionRefused(NOT_A_LEADER)
    share.reviewed_at, share.reviewed_by, share.opinion = timezone.now(), by, opinion
    save_with_history(share, by)
    close_reminders([reminder_subject(share)])
    return share


def may_review(by, share):
    return share.user_id != by.pk and may_share(by, share.stakeholder)


def reviewers(share):
    """Returns the users who may review: heads of the centre and of the department, except the one who opened it."""
    roles = [
        role for role in Role if scope_over(role, share.stakeholder.kind) in (Scope.ALL, Scope.DEPARTMENT)
    ]
    others = User.objects.active().exclude(pk=share.user_id).with_any_role(roles)
    return [leader for leader in others if may_share(leader, share.stakeholder)]


def reviewable_kinds(user):
    """Returns the list of kinds of which `user` may review an emergency access of another user."""
    wide = kinds_of_scope(user, Scope.ALL, Scope.DEPARTMENT)
    return [kind for kind in kinds_led(user) if kind in wide and kinds()[kind].emergencies]


def reviewable_by(user):
    """Returns the emergencies of others on records that `user` leads, reviewed or not, as a queryset of Share."""
    reviewable = reviewable_kinds(user)
    if not reviewable:
        return Share.objects.none()
    emergencies = Share.objects.visible_to(user).filter(
        kind=Share.Kind.EMERGENCY, stakeholder__kind__in=reviewable
    )
    return emergencies.filter(led_condition(user, "stakeholder")).exclude(user=user.pk)


def kinds_of_scope(user, *scopes):
    """Returns the kinds of which the records visible to `user` by role have one of `scopes`; a list."""
    return [kind for kind in kinds() if user.scope_over(kind) in scopes]


def reminder_subject(share):
    return f"share:{share.pk}"


@stored_in_chinese()
def notify_reviewers(share, today):
    """Reminds the heads of the centre and of the department. Returns the number of new reminders."""
    words = {"who": share.user.name, "record": share.stakeholder.name, "why": share.reason}
    return sum(
        remind(
            leader,
            key=f"{reminder_subject(share)}:review:{leader.pk}",
            subject=reminder_subject(share),
            kind=Reminder.Kind.APPROVAL,
            title=_("请复核：%(who)s紧急查看了%(record)s。原因：%(why)s") % words,
            link=reverse("relations:access", args=[share.stakeholder_id]),
            today=today,
            **reminder_values(share.stakeholder, leader),
        )
        for leader in reviewers(share)
    )


def notify_new_reviewers(day):
    """Notifies users who became leaders after an emergency access; no user is notified twice.

    A step of the sweep; returns its counts.
    """
    waiting = Share.objects.to_review().select_related("stakeholder", "user")
    return {"reminders_raised": sum(notify_reviewers(share, day.today) for share in waiting)}
