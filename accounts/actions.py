"""Acts on accounts: opening, changing, closing, reopening, a temporary password, a stand-in.

Those that give rights do what they are told: whether one person may have it done alone is asked in accounts.rights,
through which every page goes (tests/accounts/test_rights.py proves it).

Each takes `by`, the person who acts, and leaves a version in the history with a reason. Raises ValidationError with a
sentence for the person when the act is refused; then nothing has changed.
"""

import secrets

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import door
from accounts.models import User
from accounts.owed import owed_by
from accounts.roles import Permission

# Without signs that are taken for one another when read aloud or written down.
SIGNS = "abcdefghjkmnpqrstuvwxyz23456789"
REASON_LENGTH = 100
CHANGEABLE = ("name", "department", "email", "phone", "roles")


@transaction.atomic
def open_account(user, *, by):
    """Save a new account and return its temporary password, which is kept nowhere in plain text."""
    password = temporary_password()
    user.set_password(password)
    user.must_change_password = True
    _keep(user, by, _("开通账号"))
    return password


@transaction.atomic
def change_account(user, *, by, reason=""):
    """Save what is CHANGEABLE. Refused when nobody would be left to manage accounts.

    Nothing else is written: an account that was closed while somebody changed its name stays closed.
    """
    hold_administrators()
    _keep(user, by, reason or _("修改账号"), CHANGEABLE)
    _refuse_without_administrator()


@transaction.atomic
def give_rights(user, *, by, reason):
    """Write roles and department as they stand on `user`, and let a form that was opened before know of it."""
    user.version += 1
    _keep(user, by, reason, ("roles", "department", "version"))


@transaction.atomic
def deactivate(user, *, by, today, reason=""):
    """Close the account: every session ends on its next request and stays dead after a reopening.

    Closing is never refused for unfinished work, since who leaves must be locked out at once; what somebody else has
    to take over is returned (list of accounts.owed.Owed). Refused for oneself and for the last administrator.
    """
    if user.pk == by.pk:
        raise ValidationError(_("不能停用自己的账号，请另一位系统管理员来做。"))
    hold_administrators()
    user.refresh_from_db()
    if user.is_active:
        user.is_active = False
        user.session_epoch += 1
        _keep(user, by, reason or _("停用账号"))
    _refuse_without_administrator()
    return owed_by(user, today)


@transaction.atomic
def reactivate(user, *, by, reason=""):
    """Open the account again, with a temporary password, which is returned: the old one may be known elsewhere."""
    user.is_active = True
    return _give_temporary_password(user, by, reason or _("重新启用账号"))


@transaction.atomic
def set_temporary_password(user, *, by):
    """Give a password that must be changed at the next log-in; ends every session and opens a shut door."""
    if user.pk == by.pk:
        raise ValidationError(_("自己的密码请在“修改密码”里改。"))
    if not user.is_active:
        raise ValidationError(_("这个账号已停用，请先重新启用。"))
    return _give_temporary_password(user, by, _("发临时密码"))


def temporary_password():
    """Twelve random signs in three groups, about 59 bits."""
    return "-".join("".join(secrets.choice(SIGNS) for _sign in range(4)) for _group in range(3))


@transaction.atomic
def arrange(arrangement, *, by):
    """Save a stand-in, new or changed, checked against every other while no second one can be saved."""
    people = [arrangement.absent_id, arrangement.stand_in_id]
    list(User.objects.select_for_update(no_key=True).filter(pk__in=people).order_by("pk").values_list("pk"))
    arrangement.clean()
    arrangement.created_by = by
    arrangement.save()


def cancel(arrangement, *, by):
    """End an arrangement now; done twice it stays as it was."""
    if arrangement.cancelled_at is None:
        arrangement.cancelled_at = timezone.now()
        arrangement._history_user = by
        arrangement.save(update_fields=["cancelled_at"])


def _give_temporary_password(user, by, reason):
    password = temporary_password()
    user.set_password(password)
    user.must_change_password = True
    user.session_epoch += 1
    _keep(user, by, reason)
    door.release(user)
    return password


def _keep(user, by, reason, fields=None):
    user._history_user = by
    user._change_reason = reason[:REASON_LENGTH]
    user.save(update_fields=fields)


def hold_administrators():
    """Two administrators who take each other's rights at once go one after the other."""
    held = User.objects.active().able(Permission.MANAGE_ACCOUNTS).select_for_update(no_key=True)
    list(held.order_by("pk").values_list("pk"))


def _refuse_without_administrator():
    if not User.objects.active().able(Permission.MANAGE_ACCOUNTS).exists():
        raise ValidationError(_("这是最后一位系统管理员，请先让另一位同事担任。"))
