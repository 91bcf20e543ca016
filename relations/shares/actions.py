"""Shares: a record opened to a user beyond their role, by its leader and until a date; given, revoked (R381).

Records opened in an emergency: relations.shares.emergencies.
"""

from datetime import timedelta

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.access import LookupPaths, seen_by_role
from accounts.exceptions import ActionRefused
from accounts.models import User
from accounts.roles import RECORD_SCOPES, Permission, Role, kinds, scope_over
from relations.models import Share, Stakeholder
from relations.parties.kinds import may_for_kind
from relations.reminding.raising import reassign_reminders
from reminders.models import Parameter

NOT_A_LEADER = gettext_lazy("只有按角色看得到这份记录的负责人能授权、收回和复核。")


def may_share(by, stakeholder):
    """Whether `by` may share this record, revoke its shares and review emergencies: its leader (`led_condition`)."""
    if not stakeholder.may(by, Permission.HAND_OVER):
        return False
    return Stakeholder.objects.filter(led_condition(by), pk=stakeholder.pk, voided_at=None).exists()


def led_condition(by, record=""):
    """The condition that `by` leads a record: they may hand it over, and see it by role.

    So not as a guest, a supervisor or a stand-in. Never the record about `by`. `record` is the lookup path to it.
    """
    at = LookupPaths(record)
    return seen_by_role(by, record) & Q(**{f"{at.kind}__in": kinds_led(by)}) & ~Q(**{at.account: by.pk})


def kinds_led(user):
    """Returns the kinds of which `user` may hand records over; a list."""
    return [kind for kind in kinds() if may_for_kind(user, Permission.HAND_OVER, kind)]


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
    if not may_share(by, stakeholder):
        raise ActionRefused(NOT_A_LEADER)
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
    if ends_on < today or ends_on < starts_on or (ends_on - min(starts_on, today)).days >= most:
        raise ActionRefused(_("结束的日期要在开始以后、今天或以后，从今天算起最多%s天。") % most)
    shares = Share.objects.filter(stakeholder=stakeholder, user=user, taken_back_at=None)
    if other := shares.filter(starts_on__lte=ends_on, ends_on__gte=starts_on).first():
        words = {"who": user.name, "first": other.starts_on, "last": other.ends_on}
        raise ActionRefused(_("%(who)s %(first)s—%(last)s已经有授权，要改请先收回。") % words)
    check_length_in_a_row(stakeholder, user, starts_on, ends_on, most, today)


def check_length_in_a_row(stakeholder, user, starts_on, ends_on, most, today):
    """Raises ActionRefused when the share and those right before or after it last longer than one share may.

    Shares with fewer days between them than the parameter `share_gap_days` count as one.
    """
    gap = timedelta(days=Parameter.objects.value_on("share_gap_days", today) + 1)
    others = Share.objects.filter(stakeholder=stakeholder, user=user, kind=Share.Kind.GRANT)
    first, last = starts_on, ends_on
    days = [share.days_in_force() for share in others.order_by("-starts_on")]
    for begins, ends in days:
        if begins <= first and ends + gap > first:
            first = min(first, begins)
    for begins, ends in reversed(days):
        if ends >= last and begins < last + gap:
            last = max(last, ends)
    if (last - first).days >= most:
        words = {"most": most, "gap": gap.days - 1}
        raise ActionRefused(
            _("连着的授权一共最多%(most)s天；中间隔满%(gap)s天才算另一次，或者请转交、请负责人来看。") % words
        )


@transaction.atomic
def revoke_share(share, *, by, today):
    """Revokes `share` with effect from the next request of its user; does nothing when it is revoked already.

    Raises ActionRefused when `by` does not lead the record.
    """
    share = Share.objects.select_for_update(of=("self",), no_key=True).get(pk=share.pk)
    if share.taken_back_at is None:
        if not may_share(by, share.stakeholder):
            raise ActionRefused(NOT_A_LEADER)
        share.taken_back_at, share.taken_back_by = timezone.now(), by
        save_with_history(share, by)
        reassign_reminders(today, stakeholders=[share.stakeholder_id])
    return share


@transaction.atomic
def end_shares_of(user, *, by, today):
    """Revokes all running and future shares of `user`, whose account is closed. Returns their number."""
    shares = Share.objects.select_for_update(no_key=True).filter(
        user=user, taken_back_at=None, ends_on__gte=today
    )
    for share in shares.order_by("pk"):
        share.taken_back_at, share.taken_back_by = timezone.now(), by
        save_with_history(share, by)
    return len(shares)


def save_with_history(share, by):
    share._history_user = by
    share.save()
    return share
