"""Opening, changing, closing and reopening accounts: what takes effect at once, and what has to be confirmed.

Every function runs in one transaction and raises ValidationError with a message when it is refused.
"""

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.dispatch import Signal
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.approvals import engine
from accounts.approvals.models import Sheet
from accounts.locking import lock_user
from accounts.models import Department, PasswordReset, StandIn, User
from accounts.people import actions, names
from accounts.rights.account_matters import NAME, ROLES
from accounts.rights.headship import HEADSHIP
from accounts.rights.snapshot import (
    assign_rights,
    rights_of,
    same_rights,
    split_immediate,
    subject_of,
)
from accounts.rights.supervising import end_supervisions_of, end_without_office
from accounts.roles import sensitive_roles
from accounts.stored_texts import stored_in_chinese

# An account was closed; arguments user, by, today. Sent inside the transaction.
account_closed = Signal()


class OwnRightsError(ValidationError):
    """Raised when a user tries to change their own rights."""

    def __init__(self):
        super().__init__(_("自己的角色和部门不能自己改，要由另一位系统管理员来做。"))


def rights_request(user, was, then, by, reason):
    """Returns an unsaved Sheet that requests other rights for `user`."""
    return Sheet(
        matter=ROLES,
        subject=subject_of(user),
        about=user,
        asked={"was": was, "then": then},
        asked_by=by,
        reason=reason,
    )


@transaction.atomic
def open_account(user, *, by, reason=""):
    """Opens an account (unsaved) with its harmless roles; a request is opened for the others.

    Returns what accounts.people.actions.start_printed_reset returns, and the Sheet or None.
    """
    requested = rights_of(user)
    now = split_immediate({**requested, "roles": []}, requested)
    assign_rights(user, now)
    actions.create_account(user, by=by)
    sheet = request_remaining_rights(user, now, requested, by, reason)
    return actions.start_printed_reset(lock_user(user), by=by, cause=PasswordReset.Cause.NEW), sheet


@transaction.atomic
def change_account(user, *, by, reason=""):
    """Saves an account. Returns the Sheet that requests what has to be confirmed, or None."""
    actions.lock_administrators()
    stored = lock_user(user)
    was = rights_of(stored)
    requested = {**rights_of(user), "active": was["active"]}
    if user.pk == by.pk and (set(requested["roles"]), requested["department"]) != (
        set(was["roles"]),
        was["department"],
    ):
        raise OwnRightsError
    now = split_immediate(was, requested)
    assign_rights(user, now)
    actions.change_account(user, by=by)
    notify_of_new_name(user, stored.name, by=by, reason=reason)
    if same_rights(was, now):
        now = was
    else:
        engine.void_sheets(sheets_about(user, ROLES), gettext_lazy("账号的角色或部门后来改过了。"))
        notify_of_lost_rights(user, was, now, by, reason)
        end_without_office(user, was, now, by=by)
    return request_remaining_rights(user, now, requested, by, reason)


def request_remaining_rights(user, now, wanted, by, reason):
    """Returns the Sheet that requests what did not take effect at once, or None when nothing is left."""
    return (
        None if same_rights(now, wanted) else engine.open_sheet(rights_request(user, now, wanted, by, reason))
    )


def notify_of_lost_rights(user, was, now, by, reason):
    """Notifies at once of a lost role, or of a changed department of a user with a sensitive role."""
    lost = set(was["roles"]) - set(now["roles"])
    if lost or (sensitive_roles(was["roles"]) and was["department"] != now["department"]):
        engine.record_immediate(rights_request(user, was, now, by, reason))


def notify_of_new_name(user, before, *, by, reason):
    """Notifies at once of a changed name if a sensitive role is concerned.

    That is a role of this account, or of any account that has or had one of the two names.
    """
    if user.name == before or not names.concerns_sensitive_account(user, before, user.name):
        return
    change = {"was": before, "then": user.name}
    engine.record_immediate(
        Sheet(matter=NAME, subject=subject_of(user), about=user, asked=change, asked_by=by, reason=reason)
    )


def sheets_about(user, *matters):
    about = Sheet.objects.filter(about=user)
    return about.filter(matter__in=matters) if matters else about


@transaction.atomic
def close_account(user, *, by, today, reason=""):
    """Closes the account at once (accounts.people.actions.deactivate), and notifies the confirmers.

    What it supervised ends, and rooms above take back what they opened to it (signal `account_closed`).
    """
    actions.lock_administrators()
    was = rights_of(lock_user(user))
    items = actions.deactivate(user, by=by, today=today, reason=reason)
    if was["active"]:
        engine.void_sheets(sheets_about(user), gettext_lazy("账号后来停用了。"))
        engine.record_immediate(rights_request(user, was, {**was, "active": False}, by, reason))
        end_supervisions_of(user, by=by, reason=gettext_lazy("账号停用了"))
        account_closed.send(User, user=user, by=by, today=today)
    return items


@transaction.atomic
def reopen_account(user, *, by, reason=""):
    """Reopens a closed account with its harmless roles; the sensitive ones have to be confirmed again.

    Its headships of departments and its stand-ins end and have to be arranged again.

    Returns what accounts.people.actions.start_printed_reset returns, and the Sheet or None.
    """
    account = lock_user(user)
    requested = {**rights_of(account), "active": True}
    now = split_immediate({**requested, "roles": [], "department": requested["department"]}, requested)
    assign_rights(account, now)
    account.version += 1
    actions.reactivate(account, by=by)
    end_offices(account, by=by)
    with stored_in_chinese():
        why = reason or _("重新启用账号")
    sheet = request_remaining_rights(account, now, requested, by, why)
    return actions.start_printed_reset(lock_user(account), by=by, cause=PasswordReset.Cause.REOPENED), sheet


def end_offices(user, *, by):
    """Ends headships, and stand-ins (on either side) that run today or later; notifies of each ended headship."""
    with stored_in_chinese():
        why = _("重新启用账号")
    for department in Department.objects.select_for_update(no_key=True).filter(head=user).order_by("pk"):
        sheet = Sheet(
            matter=HEADSHIP,
            subject=f"department:{department.pk}",
            asked={"was": user.pk, "then": None},
            asked_by=by,
            reason=why,
        )
        engine.record_immediate(sheet, apply=True)
    concerned = StandIn.objects.uncancelled().filter(Q(absent=user) | Q(stand_in=user))
    for arrangement in concerned.filter(ends_on__gte=by.request_day):
        actions.cancel_stand_in(arrangement, by=by)


@transaction.atomic
def report_own_rights_attempt(by):
    """Records that `by` submitted other rights for their own account, and notifies the confirmers, once a day.

    Returns the Sheet, or None when there is one of today; each attempt is also recorded among the refused attempts.
    """
    current = rights_of(lock_user(by))
    begins = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    tried = Sheet.objects.filter(matter=ROLES, state=Sheet.State.BARRED, asked_by=by, asked_at__gte=begins)
    if tried.exists():
        return None
    return engine.record_immediate(rights_request(by, current, current, by, ""), state=Sheet.State.BARRED)


def grant_from_server(user, role, *, reason):
    """Gives `role` when no user is left who could confirm; for manage.py grant_role. Returns the Sheet, or None."""
    with transaction.atomic():
        account = lock_user(user)
        was = rights_of(account)
        if role in was["roles"]:
            return None
        engine.void_sheets(sheets_about(account, ROLES), gettext_lazy("账号的角色或部门后来改过了。"))
        sheet = rights_request(account, was, {**was, "roles": [*was["roles"], role]}, None, reason)
        with stored_in_chinese():
            sheet.exception = _("在服务器上用命令给的，没有第二个人确认。")
        return engine.record_immediate(sheet, apply=True)
