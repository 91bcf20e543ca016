"""Actions on accounts: open, change, close, reopen, arrange a stand-in. Passwords: accounts.passwords.resets.

Actions that give rights do not check whether a second user has to confirm: accounts.rights does, and every page calls
it (tests/accounts/test_rights.py proves it).

Each takes `by`, the acting user, and stores a version in the history with a reason. Raises ValidationError with a
message for the user when it is refused; then nothing has changed.
"""

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.locking import lock_user
from accounts.models import User
from accounts.offboarding import hand_over_items
from accounts.passwords import resets
from accounts.roles import Permission
from accounts.stored_texts import stored_in_chinese

REASON_LENGTH = 100
CHANGEABLE = ("name", "department", "email", "phone", "roles")


def create_account(user, *, by):
    """Saves a new account without a password; `start_printed_reset` lets the owner set one."""
    user.set_unusable_password()
    _save_with_history(user, by, gettext_lazy("开通账号"))


@transaction.atomic
def start_printed_reset(user, *, by, cause):
    """Starts the slip of a new or reopened account. Returns the reset and the first half of its code.

    Who may print the other half depends on the roles that the account has and those requested for it.
    """
    reset, (first, _second) = resets.start_first_reset(user, by=by, cause=cause)
    return reset, first


@transaction.atomic
def change_account(user, *, by, reason=""):
    """Saves the columns CHANGEABLE. Refused when no user would be left to manage accounts.

    No other column is written: an account that was closed while another user changed its name stays closed.
    """
    lock_administrators()
    _save_with_history(user, by, reason or gettext_lazy("修改账号"), CHANGEABLE)
    _refuse_without_administrator()


@transaction.atomic
def save_rights(user, *, by, reason):
    """Saves the roles and department of `user`, and raises the version, so that forms opened before meet a conflict."""
    user.version += 1
    _save_with_history(user, by, reason, ("roles", "department", "version"))


@transaction.atomic
def deactivate(user, *, by, today, reason=""):
    """Closes the account: every session ends at its next request and stays invalid after a reopening.

    Closing is never refused for unfinished work, since a departing user must be locked out at once; returns what
    other users have to take over (list of accounts.offboarding.HandOverItem). Refused for the acting user's own
    account and for the last administrator.
    """
    if user.pk == by.pk:
        raise ValidationError(_("不能停用自己的账号，请另一位系统管理员来做。"))
    lock_administrators()
    lock_user(user)
    user.refresh_from_db()
    if user.is_active:
        user.is_active = False
        user.session_epoch += 1
        _save_with_history(user, by, reason or gettext_lazy("停用账号"), ("is_active", "session_epoch"))
        resets.cancel_reset(user, by=by)
    _refuse_without_administrator()
    return hand_over_items(user, today, by=by)


@transaction.atomic
def reactivate(user, *, by, reason=""):
    """Reopens the account without a password, since others may know the old one; call `start_printed_reset` next.

    Other changed attributes of `user` are saved with it.
    """
    if user.pk == by.pk:
        raise ValidationError(_("自己的密码请在“修改密码”里改。"))
    if lock_user(user).is_active:
        raise ValidationError(_("这个账号没有停用。"))
    user.is_active = True
    user.set_unusable_password()
    user.must_change_password = False
    user.session_epoch += 1
    _save_with_history(user, by, reason or gettext_lazy("重新启用账号"))


@transaction.atomic
def save_stand_in(arrangement, *, by):
    """Saves a new or changed stand-in; checks it against all others under a lock, so that no two are saved at once."""
    people = [arrangement.absent_id, arrangement.stand_in_id]
    list(User.objects.select_for_update(no_key=True).filter(pk__in=people).order_by("pk").values_list("pk"))
    arrangement.clean()
    arrangement.created_by = by
    arrangement.save()


def cancel_stand_in(arrangement, *, by):
    """Ends an arrangement now; a second call changes nothing."""
    if arrangement.cancelled_at is None:
        arrangement.cancelled_at = timezone.now()
        arrangement._history_user = by
        arrangement.save(update_fields=["cancelled_at"])


def _save_with_history(user, by, reason, fields=None):
    user._history_user = by
    with stored_in_chinese():
        user._change_reason = str(reason)[:REASON_LENGTH]
    user.save(update_fields=fields)


def lock_administrators():
    """Locks all administrators: two of them who revoke each other's rights at once run one after the other."""
    held = User.objects.active().with_permission(Permission.MANAGE_ACCOUNTS).select_for_update(no_key=True)
    list(held.order_by("pk").values_list("pk"))


def _refuse_without_administrator():
    if not User.objects.active().with_permission(Permission.MANAGE_ACCOUNTS).exists():
        raise ValidationError(_("这是最后一位系统管理员，请先让另一位同事担任。"))
