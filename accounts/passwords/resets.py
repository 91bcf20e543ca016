"""Password resets: started by one user, completed by another or by the owner's mailbox, used by the owner.

The code has two halves. By e-mail both are sent to the address that the owner has confirmed; with a slip the user who
starts the reset sees the first half and a second user the other, so that neither can log in as the owner. A code
lives RESET_HOURS, is the only one of its account, can be used once, and is void after a newer one and after the
account is closed. Each action takes `by`, locks the account first and raises ValidationError with a message when it
is refused.
"""

from datetime import timedelta

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.approvals.models import Sheet
from accounts.fields import any_role_condition
from accounts.locking import lock_user
from accounts.login import throttle
from accounts.models import AccountEvent, PasswordReset, User
from accounts.passwords import codes
from accounts.passwords.event_log import record_event
from accounts.passwords.models import LEADING_ALL
from accounts.roles import Permission, permissions_of, roles_with, sensitive_roles
from accounts.stored_texts import stored_in_chinese

Kind, Cause, Way = AccountEvent.Kind, PasswordReset.Cause, PasswordReset.Way
START_EVENTS = {Cause.FORGOTTEN: Kind.STARTED, Cause.NEW: Kind.OPENED, Cause.REOPENED: Kind.REOPENED}


def is_sensitive(user):
    """Whether the account, even while closed, holds or is to get a role that two people have to give."""
    return bool(sensitive_roles(user.roles)) or Sheet.objects.open().about_roles().filter(about=user).exists()


def may_start(by, user):
    """Whether `by` may start a reset for `user`.

    Administrators may for every other user; users who confirm rights may for an administrator, who may be the only
    one.
    """
    if by.pk == user.pk:
        return False
    administrator = Permission.MANAGE_ACCOUNTS in permissions_of(user.roles)
    return by.may(Permission.MANAGE_ACCOUNTS) or (administrator and by.may(Permission.CONFIRM_RIGHTS))


def second_half_printers(user, started_by):
    """The users who may print the second half of a slip for `user`: the reverse of `printable_by`."""
    named = any_role_condition(roles_with(Permission.CONFIRM_RIGHTS))
    if not is_sensitive(user):
        named |= any_role_condition(LEADING_ALL)
        if user.department_id:
            named |= Q(headed_departments=user.department_id)
            named |= any_role_condition(roles_with(Permission.HAND_OVER)) & Q(department=user.department_id)
    excluded = [user.pk, started_by.pk] if started_by else [user.pk]
    return User.objects.active().filter(named).exclude(pk__in=excluded).distinct()


@transaction.atomic
def start_reset(user, *, by, way, cause=Cause.FORGOTTEN):
    """Starts a reset and cancels an earlier one. Returns it and the halves of its code that exist by now.

    The present password and the sessions stay: a reset must not be a way to log a user out.
    """
    user = lock_user(user)
    if by is not None and not may_start(by, user):
        raise ValidationError(_("自己的密码请在“修改密码”里改。"))
    if not user.is_active:
        raise ValidationError(_("这个账号已停用，请先重新启用。"))
    if way == Way.LETTER and not user.has_confirmed_email:
        raise ValidationError(_("这个邮箱本人还没有确认过，不能发链接，请用纸条。"))
    return _create_reset(user, by, way, cause)


def start_first_reset(user, *, by, cause):
    """Starts the slip of an account that `by` has just opened or reopened; call with the account locked or new."""
    return _create_reset(user, by, Way.SLIP, cause)


def _create_reset(user, by, way, cause):
    now = timezone.now()
    user.resets.open().update(cancelled_at=now)
    first, second = codes.new_code_half(), "" if way == Way.SLIP else codes.new_code_half()
    reset = PasswordReset.objects.create(
        user=user,
        cause=cause,
        way=way,
        started_by=by,
        started_at=now,
        expires_at=now + timedelta(hours=settings.RESET_HOURS[way]),
        first_hash=codes.code_hash(first),
        second_hash=codes.code_hash(second) if second else "",
    )
    record_event(user, START_EVENTS[cause], by=by, reset=reset)
    return reset, (first, second)


@transaction.atomic
def print_second_half(reset, *, by):
    """Returns the second half of a slip, shown once to `by`, who neither owns the account nor started the reset."""
    user = lock_user(reset.user)
    waiting = PasswordReset.objects.printable_by(by).filter(pk=reset.pk)
    second = codes.new_code_half()
    printed = {"second_hash": codes.code_hash(second), "printed_by": by, "printed_at": timezone.now()}
    if not (waiting.exists() and PasswordReset.objects.filter(pk=reset.pk).update(**printed)):
        raise slip_expired_error()
    record_event(user, Kind.PRINTED, by=by, reset=reset)
    return second


def slip_expired_error():
    """The ValidationError for a user who comes too late to print, to raise or to show."""
    return ValidationError(_("这张纸条已经打印、取消或过期了，请发起的同事重新发起。"))


@transaction.atomic
def cancel_reset(user, *, by):
    """Cancels the open reset of `user`, if there is one. Returns it or None."""
    user = lock_user(user)
    reset = user.resets.open().first()
    if reset:
        user.resets.open().update(cancelled_at=timezone.now())
        record_event(user, Kind.CANCELLED, by=by, reset=reset)
    return reset


def find_reset(first, second):
    """Returns the live reset that these two halves open, in either order, or None."""
    hashes = codes.code_hash(first), codes.code_hash(second)
    either = Q(first_hash=hashes[0], second_hash=hashes[1]) | Q(first_hash=hashes[1], second_hash=hashes[0])
    return PasswordReset.objects.live().filter(either).select_related("user").first()


@transaction.atomic
def use_reset(reset, password):
    """Sets the chosen password and ends every session. Of two simultaneous calls one succeeds. Returns the user.

    A slip proves nothing about the mailbox: its address has to be confirmed again.
    """
    user = lock_user(reset.user)
    if not PasswordReset.objects.live().filter(pk=reset.pk).update(used_at=timezone.now()):
        raise ValidationError(_("这个重设码已经用过、取消或过期了，请重新要一个。"))
    user.set_password(password)
    user.must_change_password = False
    user.session_epoch += 1
    if reset.way != Way.LETTER:
        user.confirmed_email = ""
    with stored_in_chinese():
        user._change_reason = _("用重设码设密码")
    fields = ["password", "must_change_password", "session_epoch", "confirmed_email"]
    user.save(update_fields=fields)
    throttle.reset_attempts(user)
    record_event(user, Kind.USED, reset=reset)
    return user


def has_own_password(user):
    """Whether the owner set the present password, with a code that no other user could use alone."""
    return user.has_usable_password() and not user.must_change_password


@transaction.atomic
def void_password(user, *, by):
    """Makes the present password unusable and ends every session; the owner needs a reset to log in again."""
    _end_sessions(user, by, Kind.VOIDED)


@transaction.atomic
def void_password_known_to_others(user, *, by, since):
    """Voids passwords and slips that others know, before a sensitive role requested at `since` takes effect.

    These are a password set by another user, and a slip whose second half was printed by a user who may not print for
    such an account: an open one, or one used since then.
    """
    pending = user.resets.open().first()
    if pending and not is_safe_for_sensitive_account(pending):
        cancel_reset(user, by=by)
    used = user.resets.filter(used_at__gte=since).order_by("used_at").last()
    own = has_own_password(user) and (used is None or is_safe_for_sensitive_account(used))
    if user.has_usable_password() and not own:
        void_password(user, by=by)


def is_safe_for_sensitive_account(reset):
    """Whether no half of its code was printed by a user who may not print for a sensitive account."""
    return reset.printed_by is None or reset.printed_by.may(Permission.CONFIRM_RIGHTS)


@transaction.atomic
def end_sessions(user, *, by):
    """Ends every session and voids the device cookies of the user; the password stays."""
    _end_sessions(user, by, Kind.SESSIONS)


def _end_sessions(user, by, kind):
    user = lock_user(user)
    fields = ["session_epoch"]
    user.session_epoch += 1
    if kind == Kind.VOIDED:
        user.set_unusable_password()
        user.must_change_password = False
        fields += ["password", "must_change_password"]
    with stored_in_chinese():
        user._history_user, user._change_reason = by, str(kind.label)
    user.save(update_fields=fields)
    record_event(user, kind, by=by)
