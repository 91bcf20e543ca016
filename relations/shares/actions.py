"""Showing a record to somebody beyond their role: given, taken back, opened in an emergency, reviewed (R381)."""

from datetime import timedelta

from django.db import transaction
from django.db.models import Sum
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.exceptions import Refused
from accounts.models import RefusedAttempt, User
from accounts.roles import SEEING, Permission, Role, Scope, kinds, scope_over
from relations.models import Share, Stakeholder
from relations.reminding.about import about
from relations.reminding.raising import readdress
from reminders.actions import remind
from reminders.models import Parameter, Reminder
from reminders.raising import close

ROUTE = "relations:emergency"


def may_give(by, stakeholder):
    """Whether `by` says who else sees this record: whoever leads, and sees it by their role and not by a share."""
    if not by.may(Permission.HAND_OVER):
        return False
    scope, department = by.scope_over(stakeholder.kind), stakeholder.department_id
    led = scope == Scope.DEPARTMENT and department is not None and department == by.department_id
    return (scope == Scope.ALL or led) and Stakeholder.objects.visible_to(by).filter(
        pk=stakeholder.pk
    ).exists()


def able_to_see(kind):
    """The active colleagues to whom a record of `kind` may be shown at all, as a queryset of User.

    Whoever is shown numbers only, or nothing, is shown no name by a share either.
    """
    roles = [role for role in Role if scope_over(role, kind) in SEEING]
    return User.objects.active().able(Permission.VIEW).holding_any(roles)


@transaction.atomic
def give(stakeholder, user, *, by, reason, starts_on, ends_on, today):
    """Shows `stakeholder` to `user` from `starts_on` to `ends_on`, both included. Returns the Share; raises Refused."""
    Stakeholder.objects.select_for_update(no_key=True).get(pk=stakeholder.pk)
    refuse(stakeholder, user, by, starts_on, ends_on, today)
    return keep(
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


def refuse(stakeholder, user, by, starts_on, ends_on, today):
    if user == by:
        raise Refused(_("不能授权给自己。"))
    if not able_to_see(stakeholder.kind).filter(pk=user.pk).exists():
        raise Refused(_("%s的角色不能看这类记录，授权也没有用。") % user.name)
    most = Parameter.objects.value_on("share_most_days", today)
    if ends_on < today or ends_on < starts_on or (ends_on - starts_on).days >= most:
        raise Refused(_("结束的日期要在开始以后、今天或以后，最多%s天。") % most)
    kept = Share.objects.filter(stakeholder=stakeholder, user=user, taken_back_at=None)
    if other := kept.filter(starts_on__lte=ends_on, ends_on__gte=starts_on).first():
        words = {"who": user.name, "first": other.starts_on, "last": other.ends_on}
        raise Refused(_("%(who)s %(first)s—%(last)s已经有授权，要改请先收回。") % words)


@transaction.atomic
def take_back(share, *, by, today):
    """Ends it now: the next request of that person sees the record no more. Done twice it stays as it was."""
    share = Share.objects.select_for_update(of=("self",), no_key=True).get(pk=share.pk)
    if share.taken_back_at is None:
        share.taken_back_at, share.taken_back_by = timezone.now(), by
        keep(share, by)
        readdress(today, stakeholders=[share.stakeholder_id])
    return share


@transaction.atomic
def open_in_emergency(stakeholder, user, *, reason, today):
    """`user` opens a record alone, says why, and is reviewed afterwards. Returns the Share.

    It is for the kinds of which accounts.roles says so; raises Refused when the role shows no record of the kind.
    """
    User.objects.select_for_update(no_key=True).get(pk=user.pk)
    if stakeholder.kind not in kinds_to_open(user):
        raise Refused(_("您的角色不能看这类记录。"))
    if tries_on(user, today) >= Parameter.objects.value_on("emergency_tries", today):
        raise Refused(_("今天紧急查看的次数已经用完，请直接找负责人。"))
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
    keep(share, user)
    ask_for_review(share, today)
    return share


def kinds_to_open(user):
    """The kinds of which `user` may open a record in an emergency, a list."""
    if not user.may(Permission.LOG):
        return []
    return [kind for kind, sight in kinds().items() if sight.emergencies and user.scope_over(kind) in SEEING]


def tries_on(user, day):
    """How many records `user` opened in an emergency on `day`, and how often one was looked for that is not there."""
    opened = Share.objects.filter(user=user, kind=Share.Kind.EMERGENCY, starts_on=day).count()
    missed = RefusedAttempt.objects.filter(user=user, route=ROUTE, minute__date=day)
    return opened + (missed.aggregate(times=Sum("times"))["times"] or 0)


@transaction.atomic
def review(share, *, by, opinion, today):
    """Somebody who leads, and has not opened it, says whether it was right. Raises Refused."""
    share = Share.objects.select_for_update(of=("self",), no_key=True).get(pk=share.pk)
    if share.reviewed_at is not None:
        raise Refused(_("刚才%s已经复核了。") % share.reviewed_by)
    if share.kind != Share.Kind.EMERGENCY or share.user_id == by.pk:
        raise Refused(_("自己的紧急查看要由别人来复核。"))
    share.reviewed_at, share.reviewed_by, share.opinion = timezone.now(), by, opinion
    keep(share, by)
    close([subject(share)])
    return share


def may_review(by, share):
    return share.user_id != by.pk and may_give(by, share.stakeholder)


def keep(share, by):
    share._history_user = by
    share.save()
    return share


def subject(share):
    return f"share:{share.pk}"


def ask_for_review(share, today):
    """Tells the heads of the centre and of the department. Returns how many reminders are new."""
    words = {"who": share.user.name, "record": share.stakeholder.name, "why": share.reason}
    return sum(
        remind(
            leader,
            key=f"{subject(share)}:review:{leader.pk}",
            subject=subject(share),
            kind=Reminder.Kind.APPROVAL,
            title=_("请复核：%(who)s紧急查看了%(record)s。原因：%(why)s") % words,
            link=reverse("relations:access", args=[share.stakeholder_id]),
            today=today,
            **about(share.stakeholder, leader),
        )
        for leader in reviewers(share)
    )


def reviewers(share):
    """Who may review: everybody at the head of the centre or of the department, but not who opened it."""
    able = User.objects.active().able(Permission.HAND_OVER).exclude(pk=share.user_id)
    wide = [
        role for role in Role if scope_over(role, share.stakeholder.kind) in (Scope.ALL, Scope.DEPARTMENT)
    ]
    return [leader for leader in able.holding_any(wide) if may_give(leader, share.stakeholder)]


def remind_of_reviews(day):
    """Whoever leads since a record was opened in an emergency is asked as well; nobody is asked twice."""
    waiting = Share.objects.to_review().select_related("stakeholder", "user")
    return {"reminders_raised": sum(ask_for_review(share, day.today) for share in waiting)}
