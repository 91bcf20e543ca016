"""Access to a record beyond the role of a user: created, revoked, opened in an emergency, reviewed (R381)."""

from datetime import timedelta

from django.db import transaction
from django.db.models import Q, Sum
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.exceptions import ActionRefused
from accounts.models import RefusedAttempt, User
from accounts.roles import RECORD_SCOPES, Permission, Role, Scope, kinds, scope_over
from accounts.stored_texts import stored_in_chinese
from relations.models import Share, Stakeholder
from relations.parties.kinds import may_for_kind
from relations.reminding.about import reminder_values
from relations.reminding.raising import reassign_reminders
from reminders.actions import remind
from reminders.models import Parameter, Reminder
from reminders.raising import close_reminders

ROUTE = "relations:emergency"


def may_share(by, stakeholder):
    """Whether `by` may share this record: a leader who sees it by role, not by a share."""
    if not stakeholder.may(by, Permission.HAND_OVER):
        return False
    return Stakeholder.objects.visible_to(by).filter(led_condition(by), pk=stakeholder.pk).exists()


def led_condition(by, path=""):
    """The condition that `by` leads a record by role: the whole centre, or the department of the record.

    `path` is the lookup path to the record ("stakeholder__").
    """
    led = Q(**{f"{path}kind__in": kinds_of_scope(by, Scope.ALL)})
    if by.department_id:
        near = {
            f"{path}kind__in": kinds_of_scope(by, Scope.DEPARTMENT),
            f"{path}department": by.department_id,
        }
        led |= Q(**near)
    return led


def kinds_of_scope(user, *scopes):
    """Returns the kinds of which the records visible to `user` by role have one of `scopes`; a list."""
    return [kind for kind in kinds() if user.scope_over(kind) in scopes]


def eligible_users(kind):
    """Returns the active users with whom a record of `kind` may be shared, as a queryset of User.

    Roles that may see only numbers of the kind, or nothing, cannot be given names by a share either.
    """
    roles = [role for role in Role if scope_over(role, kind) in RECORD_SCOPES]
    return User.objects.active().with_permission(Permission.VIEW).with_any_role(roles)


@transaction.atomic
def create_share(stakeholder, user, *, by, reason, starts_on, ends_on, today):
    """Shares `stakeholder` with `user` from `starts_on` to `ends_on` inclusive. Returns the Share.

    Raises ActionRefused.
    """
    Stakeholder.objects.select_for_update(no_key=True).get(pk=stakeholder.pk)
    check_share(stakeholder, user, by, starts_on, ends_on, today)
    return save_with_history(
        Share(
            stakeholder=stakeholder,
            user=user,
            reason=reason,
            starts_on=starts_on,
            ends_on=ends_on,
            given_by=by,
        ),
        by,
    )


def check_share(stakeholder, user, by, starts_on, ends_on, today):
    if user == by:
        raise ActionRefused(_("不能授权给自己。"))
    if not eligible_users(stakeholder.kind).filter(pk=user.pk).exists():
        raise ActionRefused(_("%s的角色不能看这类记录，授权也没有用。") % user.name)
    most = Parameter.objects.value_on("share_most_days", today)
    if ends_on < today or ends_on < starts_on or (ends_on - starts_on).days >= most:
        raise ActionRefused(_("结束的日期要在开始以后、今天或以后，最多%s天。") % most)
    shares = Share.objects.filter(stakeholder=stakeholder, user=user, taken_back_at=None)
    if other := shares.filter(starts_on__lte=ends_on, ends_on__gte=starts_on).first():
        words = {"who": user.name, "first": other.starts_on, "last": other.ends_on}
        raise ActionRefused(_("%(who)s %(first)s—%(last)s已经有授权，要改请先收回。") % words)


@transaction.atomic
def revoke_share(share, *, by, today):
    """Revokes `share` with effect from the next request of its user; does nothing when it is revoked already."""
    share = Share.objects.select_for_update(of=("self",), no_key=True).get(pk=share.pk)
    if share.taken_back_at is None:
        share.taken_back_at, share.taken_back_by = timezone.now(), by
        save_with_history(share, by)
        reassign_reminders(today, stakeholders=[share.stakeholder_id])
    return share


@transaction.atomic
def open_in_emergency(stakeholder, user, *, reason, today):
    """Gives `user` access to a record on their own decision, to be reviewed afterwards. Returns the Share.

    Raises ActionRefused for kinds not in `emergency_kinds`, and when the daily limit is reached.
    """
    User.objects.select_for_update(no_key=True).get(pk=user.pk)
    if stakeholder.kind not in emergency_kinds(user):
        raise ActionRefused(_("您的角色不能看这类记录。"))
    if emergency_counts_on(user, today) >= Parameter.objects.value_on("emergency_tries", today):
        raise ActionRefused(_("今天紧急查看的次数已经用完，请直接找负责人。"))
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
    notify_reviewers(share, today)
    return share


def emergency_kinds(user):
    """Returns the list of kinds of which `user` may open a record in an emergency."""
    if not user.may(Permission.LOG):
        return []
    return [
        kind
        for kind, access in kinds().items()
        if access.emergencies and user.scope_over(kind) in RECORD_SCOPES
    ]


def reviewable_kinds(user):
    """Returns the list of kinds of which `user` may review an emergency access of another user."""
    led = kinds_of_scope(user, Scope.ALL, Scope.DEPARTMENT)
    return [
        kind for kind in led if kinds()[kind].emergencies and may_for_kind(user, Permission.HAND_OVER, kind)
    ]


def reviewable_by(user):
    """Returns the emergencies of others on records that `user` leads, reviewed or not, as a queryset of Share."""
    reviewable = reviewable_kinds(user)
    if not reviewable:
        return Share.objects.none()
    emergencies = Share.objects.visible_to(user).filter(
        kind=Share.Kind.EMERGENCY, stakeholder__kind__in=reviewable
    )
    return emergencies.filter(led_condition(user, "stakeholder__")).exclude(user=user.pk)


def emergency_counts_on(user, day):
    """Returns the number of emergency accesses of `user` on `day`, including attempts that found no record."""
    opened = Share.objects.filter(user=user, kind=Share.Kind.EMERGENCY, starts_on=day).count()
    missed = RefusedAttempt.objects.filter(user=user, route=ROUTE, minute__date=day)
    return opened + (missed.aggregate(times=Sum("times"))["times"] or 0)


@transaction.atomic
def review_emergency(share, *, by, opinion, today):
    """Stores the opinion of `by`, a leader other than the user of `share`, on an emergency. Raises ActionRefused."""
    share = Share.objects.select_for_update(of=("self",), no_key=True).get(pk=share.pk)
    if share.reviewed_at is not None:
        raise ActionRefused(_("刚才%s已经复核了。") % share.reviewed_by)
    if share.kind != Share.Kind.EMERGENCY or share.user_id == by.pk:
        raise ActionRefused(_("自己的紧急查看要由别人来复核。"))
    share.reviewed_at, share.reviewed_by, share.opinion = timezone.now(), by, opinion
    save_with_history(share, by)
    close_reminders([reminder_subject(share)])
    return share


def may_review(by, share):
    return share.user_id != by.pk and may_share(by, share.stakeholder)


def save_with_history(share, by):
    share._history_user = by
    share.save()
    return share


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


def reviewers(share):
    """Returns the users who may review: heads of the centre and of the department, except the one who opened it."""
    leaders = User.objects.active().with_permission(Permission.HAND_OVER).exclude(pk=share.user_id)
    roles = [
        role for role in Role if scope_over(role, share.stakeholder.kind) in (Scope.ALL, Scope.DEPARTMENT)
    ]
    return [leader for leader in leaders.with_any_role(roles) if may_share(leader, share.stakeholder)]


def notify_new_reviewers(day):
    """Notifies users who became leaders after an emergency access; no user is notified twice.

    A step of the sweep; returns its counts.
    """
    waiting = Share.objects.to_review().select_related("stakeholder", "user")
    return {"reminders_raised": sum(notify_reviewers(share, day.today) for share in waiting)}
