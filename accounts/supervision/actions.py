"""Assigns and ends supervisions of workers (R299). An action that raises ValidationError changes nothing."""

from datetime import timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from accounts.models import Supervision, User
from accounts.roles import CLIENT, Permission, Scope, roles_with, scope_over


def may_assign_supervisor(by, worker):
    """Whether `by` may assign the supervisor of `worker`.

    Users may who manage accounts, or who lead and see all records of that worker anyway; nobody does so for
    themselves, and a supervisor does not choose whom to supervise, because supervision opens records.
    """
    if by == worker:
        return False
    if by.may(Permission.MANAGE_ACCOUNTS):
        return True
    return by.may(Permission.HAND_OVER) and oversees(by, worker)


def oversees(by, worker):
    """Whether `by` sees the clients of the whole centre, or of the department of `worker`."""
    scope = by.scope_over(CLIENT)
    own = by.department_id is not None and by.department_id == worker.department_id
    return scope == Scope.ALL or (scope == Scope.DEPARTMENT and own)


def workers_supervisable_by(by):
    """Returns the active users whose supervisor `by` may assign, as a queryset."""
    working = User.objects.active().with_permission(Permission.LOG).exclude(pk=by.pk)
    if by.may(Permission.MANAGE_ACCOUNTS):
        return working
    if not by.may(Permission.HAND_OVER):
        return working.none()
    scope = by.scope_over(CLIENT)
    if scope == Scope.ALL:
        return working
    if scope == Scope.DEPARTMENT and by.department_id:
        return working.filter(department=by.department_id)
    return working.none()


@transaction.atomic
def assign_supervisor(worker, supervisor, *, by, starts_on):
    """Assigns `supervisor` to `worker` from `starts_on` (a date); the previous supervision ends the day before.

    Returns the Supervision.
    """
    lock_people(worker, supervisor)
    check_arrangement(worker, supervisor, by, starts_on)
    newest = Supervision.objects.filter(worker=worker).first()
    if newest and newest.ends_on is None:
        newest.ends_on = starts_on - timedelta(days=1)
        save_with_history(newest, by)
    return save_with_history(
        Supervision(worker=worker, supervisor=supervisor, starts_on=starts_on, set_by=by), by
    )


@transaction.atomic
def end_supervision(supervision, *, by, ends_on):
    """Sets the last day of an open supervision; a second call changes nothing."""
    lock_people(supervision.worker, supervision.supervisor)
    supervision.refresh_from_db()
    if supervision.ends_on is not None:
        return
    if ends_on < supervision.starts_on:
        raise ValidationError(_("结束比开始早，请检查日期。"))
    supervision.ends_on = ends_on
    save_with_history(supervision, by)


@transaction.atomic
def end_at_once(supervision, *, by):
    """Ends a supervision from now on: its last day was yesterday. One that began today or later is withdrawn.

    A withdrawn row stays in the history only, since a period has at least one day.
    """
    yesterday = by.request_day - timedelta(days=1)
    supervision._history_user = by
    if supervision.starts_on > yesterday:
        supervision.delete()
        return
    supervision.ends_on = yesterday
    supervision.save()


def heads_of_centre():
    """Returns the active users who lead and see the clients of the whole centre, as a queryset."""
    roles = [role for role in roles_with(Permission.HAND_OVER) if scope_over(role, CLIENT) == Scope.ALL]
    return User.objects.active().with_any_role(roles)


def lock_people(*people):
    """Locks these users, so that two actions on them run one after the other and no periods overlap."""
    held = User.objects.select_for_update(no_key=True).filter(pk__in=[one.pk for one in people])
    list(held.order_by("pk").values_list("pk"))


def check_arrangement(worker, supervisor, by, starts_on):
    """Raises ValidationError when `supervisor` may not supervise `worker` from `starts_on` on."""
    check_supervisor(worker, supervisor, by)
    check_not_mutual(worker, supervisor, starts_on)
    check_days(worker, starts_on)


def check_supervisor(worker, supervisor, by):
    if worker == supervisor:
        raise ValidationError(_("督导要另选一位，不能是本人。"))
    if not supervisor.is_active or not supervisor.may(Permission.LOG):
        raise ValidationError(_("%s不能当督导：账号已停用，或者没有做记录的权限。") % supervisor.name)
    if by == supervisor and not oversees(by, worker):
        raise ValidationError(_("不能把别人的记录交给自己，请另一位来安排。"))


def check_not_mutual(worker, supervisor, starts_on):
    """Raises ValidationError when the two users would supervise each other on the same day."""
    reverse = Supervision.objects.filter(worker=supervisor, supervisor=worker)
    if reverse.filter(Q(ends_on=None) | Q(ends_on__gte=starts_on)).exists():
        words = {"worker": worker.name, "supervisor": supervisor.name}
        raise ValidationError(_("%(worker)s正是%(supervisor)s的督导，两个人不能互相督导。") % words)


def check_days(worker, starts_on):
    """Raises ValidationError when the newest supervision of `worker` starts or was to end on `starts_on` or later."""
    newest = Supervision.objects.filter(worker=worker).first()
    if newest and (newest.starts_on >= starts_on or (newest.ends_on and newest.ends_on >= starts_on)):
        words = {"who": newest.supervisor.name, "day": newest.ends_on or newest.starts_on}
        raise ValidationError(_("到%(day)s为止由%(who)s督导，请选这以后的日期。") % words)


def save_with_history(supervision, by):
    supervision._history_user = by
    supervision.save()
    return supervision
