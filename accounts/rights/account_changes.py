"""Opening, changing, closing and reopening accounts: what takes effect at once, and what waits for a second name.

Every function runs in one transaction and raises ValidationError with a sentence when it is refused.
"""

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.approvals import engine
from accounts.approvals.models import Sheet
from accounts.models import Department, PasswordReset, StandIn
from accounts.people import actions, names
from accounts.rights.account_matters import NAME, ROLES
from accounts.rights.headship import HEADSHIP
from accounts.rights.snapshot import locked, put, rights_of, same_rights, split_immediate, subject_of
from accounts.roles import sensitive_roles


class OwnRightsError(ValidationError):
    """Somebody tried to change their own rights."""

    def __init__(self):
        super().__init__(_("自己的角色和部门不能自己改，要由另一位系统管理员来做。"))


def asked_for(user, was, then, by, reason):
    """An unsaved Sheet that asks for other rights for `user`."""
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
    """Opens an account (unsaved) with the harmless roles; the others wait on a sheet.

    Returns what accounts.people.actions.start_printed_reset gives, and the Sheet or None.
    """
    wanted = rights_of(user)
    now = split_immediate({**wanted, "roles": []}, wanted)
    put(user, now)
    actions.create_account(user, by=by)
    sheet = ask_for_rest(user, now, wanted, by, reason)
    return actions.start_printed_reset(locked(user), by=by, cause=PasswordReset.Cause.NEW), sheet


@transaction.atomic
def change_account(user, *, by, reason=""):
    """Saves an account; what needs a second name waits on a sheet, which is returned (or None)."""
    actions.lock_administrators()
    kept = locked(user)
    was = rights_of(kept)
    wanted = {**rights_of(user), "active": was["active"]}
    if user.pk == by.pk and (set(wanted["roles"]), wanted["department"]) != (
        set(was["roles"]),
        was["department"],
    ):
        raise OwnRightsError
    now = split_immediate(was, wanted)
    put(user, now)
    actions.change_account(user, by=by)
    notify_of_new_name(user, kept.name, by=by, reason=reason)
    if same_rights(was, now):
        now = was
    else:
        engine.void(sheets_about(user, ROLES), _("账号的角色或部门后来改过了。"))
        tell_of_loss(user, was, now, by, reason)
    return ask_for_rest(user, now, wanted, by, reason)


def ask_for_rest(user, now, wanted, by, reason):
    """The Sheet that asks for what did not take effect at once, or None when nothing is left."""
    return None if same_rights(now, wanted) else engine.ask(asked_for(user, now, wanted, by, reason))


def tell_of_loss(user, was, now, by, reason):
    """A role less, or a department less for somebody who saw it, is told at once."""
    lost = set(was["roles"]) - set(now["roles"])
    if lost or (sensitive_roles(was["roles"]) and was["department"] != now["department"]):
        engine.at_once(asked_for(user, was, now, by, reason))


def notify_of_new_name(user, before, *, by, reason):
    """Another name is told at once when the account, or whoever ever had one of the names, has a sensitive role."""
    if user.name == before or not names.concerns_sensitive_account(user, before, user.name):
        return
    asked = {"was": before, "then": user.name}
    engine.at_once(
        Sheet(matter=NAME, subject=subject_of(user), about=user, asked=asked, asked_by=by, reason=reason)
    )


def sheets_about(user, *matters):
    about = Sheet.objects.filter(about=user)
    return about.filter(matter__in=matters) if matters else about


@transaction.atomic
def close_account(user, *, by, today, reason=""):
    """Closes the account at once, as accounts.people.actions.deactivate does, and tells those above."""
    actions.lock_administrators()
    was = rights_of(locked(user))
    owed = actions.deactivate(user, by=by, today=today, reason=reason)
    if was["active"]:
        engine.void(sheets_about(user), _("账号后来停用了。"))
        engine.at_once(asked_for(user, was, {**was, "active": False}, by, reason))
    return owed


@transaction.atomic
def reopen_account(user, *, by, reason=""):
    """Opens a closed account with its harmless roles; those that see wait for a second name again.

    Departments it headed and stand-ins it took part in are not taken up again: they are arranged anew.

    Returns what accounts.people.actions.start_printed_reset gives, and the Sheet or None.
    """
    kept = locked(user)
    wanted = {**rights_of(kept), "active": True}
    now = split_immediate({**wanted, "roles": [], "department": wanted["department"]}, wanted)
    put(kept, now)
    kept.version += 1
    actions.reactivate(kept, by=by)
    clear_offices(kept, by=by)
    sheet = ask_for_rest(kept, now, wanted, by, reason or _("重新启用账号"))
    return actions.start_printed_reset(locked(kept), by=by, cause=PasswordReset.Cause.REOPENED), sheet


def clear_offices(user, *, by):
    """Ends headships and stand-ins (on either side) that last beyond today; each headship is told as one taken away."""
    for department in Department.objects.select_for_update(no_key=True).filter(head=user).order_by("pk"):
        sheet = Sheet(
            matter=HEADSHIP,
            subject=f"department:{department.pk}",
            asked={"was": user.pk, "then": None},
            asked_by=by,
            reason=_("重新启用账号"),
        )
        engine.at_once(sheet, apply=True)
    concerned = StandIn.objects.uncancelled().filter(Q(absent=user) | Q(stand_in=user))
    for arrangement in concerned.filter(ends_on__gte=by.request_day):
        actions.cancel_stand_in(arrangement, by=by)


@transaction.atomic
def report_own_rights_attempt(by):
    """Somebody sent a form with other rights for their own account: kept, and told to those above, once a day.

    Returns the Sheet, or None when one was kept today; each try leaves a row among the refused attempts.
    """
    kept = rights_of(locked(by))
    begins = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    tried = Sheet.objects.filter(matter=ROLES, state=Sheet.State.BARRED, asked_by=by, asked_at__gte=begins)
    if tried.exists():
        return None
    return engine.at_once(asked_for(by, kept, kept, by, ""), state=Sheet.State.BARRED)


def grant_from_server(user, role, *, reason):
    """Gives `role` when nobody is left who could confirm; for manage.py grant_role. Returns the Sheet, or None."""
    with transaction.atomic():
        kept = locked(user)
        was = rights_of(kept)
        if role in was["roles"]:
            return None
        engine.void(sheets_about(kept, ROLES), _("账号的角色或部门后来改过了。"))
        sheet = asked_for(kept, was, {**was, "roles": [*was["roles"], role]}, None, reason)
        sheet.exception = _("在服务器上用命令给的，没有第二个人确认。")
        return engine.at_once(sheet, apply=True)
