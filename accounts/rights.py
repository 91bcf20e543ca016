"""Who gets which rights: what one person may do alone, and what waits for a second name (accounts.approvals.sheets).

- Nobody changes their own roles, department or headship of a department.
- Whoever holds or is to hold a sensitive role (accounts.roles.is_sensitive) is given nothing by one person alone:
  roles, another department, an account that opens again with them. The harmless rest takes effect at once.
- Taking away takes effect at once, and is told to those above.
- An administrator who does not lead somebody arranges no stand-in for them alone: a stand-in sees what they see.
- Nobody arranges themselves as somebody's stand-in alone, but for those who see everything anyway.

Every function here runs in one transaction and raises ValidationError with a sentence when it is refused.
"""

from datetime import date

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.approvals import sheets
from accounts.approvals.models import Sheet
from accounts.approvals.sheets import Line, Matter, history_words, register
from accounts.models import Department, PasswordReset, StandIn, User
from accounts.passwords import resets
from accounts.people import actions, names
from accounts.roles import Permission, Role, Scope, sensitive
from accounts.wording import opens

ROLES, HEADSHIP, STAND_IN, NAME = Sheet.ROLES, "headship", "stand_in", "name"


class OwnRights(ValidationError):
    """Somebody tried to change their own rights."""

    def __init__(self):
        super().__init__(_("自己的角色和部门不能自己改，要由另一位系统管理员来做。"))


def subject_of(user):
    return f"user:{user.pk}"


def rights_of(user):
    """Roles, department and whether the account is open, as a sheet keeps them."""
    roles = [Role(role).value for role in user.roles]
    return {"roles": roles, "department": user.department_id, "active": user.is_active}


def locked(user):
    """The account as it is now, held until the end of the transaction."""
    return User.objects.select_for_update(no_key=True).get(pk=user.pk)


def split(was, wanted):
    """From rights as they are to rights as they are wanted: what takes effect at once.

    What waits is the rest. Of a role that is exchanged for one that waits, the harmless one stays meanwhile.
    """
    staying = [role for role in was["roles"] if role in wanted["roles"]]
    added = [role for role in wanted["roles"] if role not in was["roles"]]
    waiting = added if sensitive(staying) else sensitive(added)
    kept = [role for role in was["roles"] if role in wanted["roles"] or (waiting and not sensitive([role]))]
    moved = wanted["department"] if not (wanted["department"] and sensitive(staying)) else was["department"]
    return {
        "roles": [*kept, *(role for role in added if role not in waiting)],
        "department": moved,
        "active": was["active"],
    }


def put(user, rights):
    user.roles, user.department_id = list(rights["roles"]), rights["department"]


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

    Returns what accounts.people.actions.start_slip gives, and the Sheet or None.
    """
    wanted = rights_of(user)
    now = split({**wanted, "roles": []}, wanted)
    put(user, now)
    actions.create_account(user, by=by)
    sheet = ask_for_rest(user, now, wanted, by, reason)
    return actions.start_slip(locked(user), by=by, cause=PasswordReset.Cause.NEW), sheet


@transaction.atomic
def change_account(user, *, by, reason=""):
    """Saves an account; what needs a second name waits on a sheet, which is returned (or None)."""
    actions.hold_administrators()
    kept = locked(user)
    was = rights_of(kept)
    wanted = {**rights_of(user), "active": was["active"]}
    if user.pk == by.pk and (set(wanted["roles"]), wanted["department"]) != (
        set(was["roles"]),
        was["department"],
    ):
        raise OwnRights
    now = split(was, wanted)
    put(user, now)
    actions.change_account(user, by=by)
    tell_of_name(user, kept.name, by=by, reason=reason)
    if same_rights(was, now):
        now = was
    else:
        sheets.void(sheets_about(user, ROLES), _("账号的角色或部门后来改过了。"))
        tell_of_loss(user, was, now, by, reason)
    return ask_for_rest(user, now, wanted, by, reason)


def same_rights(one, other):
    return set(one["roles"]) == set(other["roles"]) and one["department"] == other["department"]


def ask_for_rest(user, now, wanted, by, reason):
    """The Sheet that asks for what did not take effect at once, or None when nothing is left."""
    return None if same_rights(now, wanted) else sheets.ask(asked_for(user, now, wanted, by, reason))


def tell_of_loss(user, was, now, by, reason):
    """A role less, or a department less for somebody who saw it, is told at once."""
    lost = set(was["roles"]) - set(now["roles"])
    if lost or (sensitive(was["roles"]) and was["department"] != now["department"]):
        sheets.at_once(asked_for(user, was, now, by, reason))


def tell_of_name(user, before, *, by, reason):
    """Another name is told at once when the account, or whoever ever had one of the names, has a sensitive role."""
    if user.name == before or not names.concerns_sensitive(user, before, user.name):
        return
    asked = {"was": before, "then": user.name}
    sheets.at_once(
        Sheet(matter=NAME, subject=subject_of(user), about=user, asked=asked, asked_by=by, reason=reason)
    )


def sheets_about(user, *matters):
    about = Sheet.objects.filter(about=user)
    return about.filter(matter__in=matters) if matters else about


@transaction.atomic
def close_account(user, *, by, today, reason=""):
    """Closes the account at once, as accounts.people.actions.deactivate does, and tells those above."""
    actions.hold_administrators()
    was = rights_of(locked(user))
    owed = actions.deactivate(user, by=by, today=today, reason=reason)
    if was["active"]:
        sheets.void(sheets_about(user), _("账号后来停用了。"))
        sheets.at_once(asked_for(user, was, {**was, "active": False}, by, reason))
    return owed


@transaction.atomic
def reopen_account(user, *, by, reason=""):
    """Opens a closed account with its harmless roles; those that see wait for a second name again.

    Departments it headed and stand-ins it took part in are not taken up again: they are arranged anew.

    Returns what accounts.people.actions.start_slip gives, and the Sheet or None.
    """
    kept = locked(user)
    wanted = {**rights_of(kept), "active": True}
    now = split({**wanted, "roles": [], "department": wanted["department"]}, wanted)
    put(kept, now)
    kept.version += 1
    actions.reactivate(kept, by=by)
    clear_offices(kept, by=by)
    sheet = ask_for_rest(kept, now, wanted, by, reason or _("重新启用账号"))
    return actions.start_slip(locked(kept), by=by, cause=PasswordReset.Cause.REOPENED), sheet


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
        sheets.at_once(sheet, apply=True)
    concerned = StandIn.objects.uncancelled().filter(Q(absent=user) | Q(stand_in=user))
    for arrangement in concerned.filter(ends_on__gte=by.asked_on):
        actions.cancel(arrangement, by=by)


@transaction.atomic
def save_department(department, *, by, reason=""):
    """Saves a department; another head waits for a second name. Returns the Sheet or None."""
    kept = Department.objects.select_for_update(no_key=True).filter(pk=department.pk).first()
    was, wanted = kept.head_id if kept else None, department.head_id
    if wanted and wanted != was:
        if wanted == by.pk:
            raise ValidationError(_("不能把自己定为部门负责人，要由另一位系统管理员来做。"))
        department.head_id = was
    department.save()
    if wanted == was:
        return None
    sheet = Sheet(
        matter=HEADSHIP,
        subject=f"department:{department.pk}",
        about_id=wanted,
        asked={"was": was, "then": wanted},
        asked_by=by,
        reason=reason,
    )
    if wanted:
        return sheets.ask(sheet)
    sheets.void(Sheet.objects.about_matter(HEADSHIP, sheet.subject), _("部门负责人后来改过了。"))
    sheets.at_once(sheet)
    return None


@transaction.atomic
def arrange(arrangement, *, by):
    """Saves a stand-in (unsaved); where `by` does not lead the absent person it waits on the Sheet that is returned."""
    absent = arrangement.absent
    sheet = Sheet(
        matter=STAND_IN,
        subject=subject_of(absent),
        about=arrangement.stand_in,
        asked={
            "absent": absent.pk,
            "starts_on": arrangement.starts_on.isoformat(),
            "ends_on": arrangement.ends_on.isoformat(),
        },
        asked_by=by,
        reason=arrangement.reason,
    )
    if not may_arrange_alone(by, absent, arrangement.stand_in):
        arrangement.clean()
        return sheets.ask(sheet)
    actions.arrange(arrangement, by=by)
    if by != absent:
        sheets.at_once(sheet)
    return None


def may_arrange_alone(by, absent, stand_in):
    """Oneself, those above, and whoever leads the person and may at least as much.

    Who is to be the stand-in sees what the absent person sees: only who sees all of it anyway arranges that alone.
    """
    if by == stand_in and not sees_everything(by):
        return False
    if by == absent or by.may(Permission.CONFIRM_RIGHTS):
        return True
    if not by.may(Permission.HAND_OVER) or not absent.permissions <= by.permissions:
        return False
    return by.scope == Scope.ALL or (
        by.department_id is not None and by.department_id == absent.department_id
    )


def sees_everything(user):
    """Whether no record of anybody is closed to `user`, whatever is confidential or a note of caution in it."""
    return user.sees_everything and user.may(Permission.CAUTION)


@transaction.atomic
def bar_own(by):
    """Somebody sent a form with other rights for their own account: kept, and told to those above, once a day.

    Returns the Sheet, or None when one was kept today; each try leaves a row among the refused attempts.
    """
    kept = rights_of(locked(by))
    begins = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    tried = Sheet.objects.filter(matter=ROLES, state=Sheet.State.BARRED, asked_by=by, asked_at__gte=begins)
    if tried.exists():
        return None
    return sheets.at_once(asked_for(by, kept, kept, by, ""), state=Sheet.State.BARRED)


def grant_from_server(user, role, *, reason):
    """Gives `role` when nobody is left who could confirm; for manage.py grant_role. Returns the Sheet, or None."""
    with transaction.atomic():
        kept = locked(user)
        was = rights_of(kept)
        if role in was["roles"]:
            return None
        sheets.void(sheets_about(kept, ROLES), _("账号的角色或部门后来改过了。"))
        sheet = asked_for(kept, was, {**was, "roles": [*was["roles"], role]}, None, reason)
        sheet.exception = _("在服务器上用命令给的，没有第二个人确认。")
        return sheets.at_once(sheet, apply=True)


@register
class Roles(Matter):
    """Roles and department of one account."""

    name = ROLES
    label = gettext_lazy("角色与部门")

    def hold(self, sheet):
        locked(sheet.about)

    def problem(self, sheet):
        user = User.objects.get(pk=sheet.about_id)
        if not user.is_active:
            return _("账号后来停用了。")
        return "" if same_rights(rights_of(user), sheet.asked["was"]) else _("账号的角色或部门后来改过了。")

    def apply(self, sheet, *, by, extra):
        user = locked(sheet.about)
        if sensitive(sheet.asked["then"]["roles"]):
            resets.void_what_others_know(user, by=by, since=sheet.asked_at)
            user = locked(user)
        put(user, sheet.asked["then"])
        actions.give_rights(user, by=by, reason=history_words(sheet))

    def title(self, sheet):
        was, then = sheet.asked["was"], sheet.asked["then"]
        words = {
            "who": sheet.about,
            "roles": role_words(sorted_roles(set(then["roles"]) - set(was["roles"]))),
        }
        if sheet.state == Sheet.State.BARRED:
            return _("%(who)s想改自己的角色或部门") % words
        if was["active"] and not then["active"]:
            return _("停用%(who)s的账号") % words
        if set(then["roles"]) - set(was["roles"]):
            return _("给%(who)s角色：%(roles)s") % words
        if taken := set(was["roles"]) - set(then["roles"]):
            return _("收回%(who)s的角色：%(roles)s") % (words | {"roles": role_words(sorted_roles(taken))})
        return _("换%(who)s的部门") % words

    def lines(self, sheet):
        was, then = sheet.asked["was"], sheet.asked["then"]
        found = []
        if was["roles"] != then["roles"]:
            new = sorted_roles(set(then["roles"]) - set(was["roles"]))
            told = tuple((Role(role).label, opens(Role(role))) for role in new)
            found.append(Line(_("角色"), role_words(was["roles"]), role_words(then["roles"]), told))
        if was["department"] != then["department"]:
            found.append(Line(_("部门"), *map(department_words, (was["department"], then["department"]))))
        if was["active"] != then["active"]:
            found.append(Line(_("账号"), _("在职"), _("停用")))
        return found

    def people_told(self, sheet):
        """A first administrator learns of what the server did; of a barred try the administrators too."""
        alone = sheet.asked_by is None or sheet.state == Sheet.State.BARRED
        return list(User.objects.active().able(Permission.MANAGE_ACCOUNTS)) if alone else []


@register
class Name(Matter):
    """Another name of somebody who sees much, or one that was theirs; takes effect at once and is only told."""

    name = NAME
    label = gettext_lazy("姓名")

    def title(self, sheet):
        return _("%(was)s的账号改名为%(then)s") % sheet.asked

    def lines(self, sheet):
        return [Line(_("姓名"), sheet.asked["was"], sheet.asked["then"])]


@register
class Headship(Matter):
    """The head of a department."""

    name = HEADSHIP
    label = gettext_lazy("部门负责人")

    def hold(self, sheet):
        Department.objects.select_for_update(no_key=True).get(pk=self.key(sheet))

    def problem(self, sheet):
        department = self.department(sheet)
        if department.head_id != sheet.asked["was"]:
            return _("部门负责人后来改过了。")
        return "" if sheet.about.is_active else _("账号后来停用了。")

    def apply(self, sheet, *, by, extra):
        department = self.department(sheet)
        department.head_id, department.version = sheet.asked["then"], department.version + 1
        department._history_user, department._change_reason = (
            by,
            history_words(sheet)[: actions.REASON_LENGTH],
        )
        department.save(update_fields=["head", "version"])

    def key(self, sheet):
        return int(sheet.subject.partition(":")[2])

    def gather(self, rows):
        found = Department.objects.in_bulk({self.key(sheet) for sheet in rows})
        for sheet in rows:
            sheet.gathered = found.get(self.key(sheet))

    def department(self, sheet):
        return getattr(sheet, "gathered", None) or Department.objects.get(pk=self.key(sheet))

    def title(self, sheet):
        words = {"department": self.department(sheet), "who": sheet.about}
        return (
            _("%(department)s的负责人：%(who)s") % words
            if sheet.about
            else _("%s不再有负责人") % words["department"]
        )

    def lines(self, sheet):
        return [Line(_("部门负责人"), *(name_words(sheet.asked[when]) for when in ("was", "then")))]

    def people_told(self, sheet):
        return User.objects.active().filter(pk=sheet.asked["was"])


@register
class StandsIn(Matter):
    """Somebody is to stand in for a colleague by a stranger's word, or by the word of whoever is to be it."""

    name = STAND_IN
    label = gettext_lazy("代理安排")
    named = gettext_lazy("外出的同事本人、总干事或理事会成员")

    def confirmers(self, sheet):
        return User.objects.active().filter(
            Q(pk=sheet.asked["absent"]) | Q(pk__in=super().confirmers(sheet).values("pk"))
        )

    def may_be_set_up(self, sheet):
        """The absent person can confirm in the youngest centre too."""
        return sheet.asked_by_id != sheet.about_id

    def people(self, sheet):
        return [sheet.asked["absent"], sheet.about_id]

    def confirmers_among(self, sheet, pks):
        absent = self.absent(sheet)
        return pks(super().confirmers(sheet)) | ({absent.pk} if absent.is_active else set())

    def gather(self, rows):
        found = User.objects.in_bulk({sheet.asked["absent"] for sheet in rows})
        for sheet in rows:
            sheet.gathered = found.get(sheet.asked["absent"])

    def absent(self, sheet):
        return getattr(sheet, "gathered", None) or User.objects.get(pk=sheet.asked["absent"])

    def arrangement(self, sheet):
        first, last = (date.fromisoformat(sheet.asked[name]) for name in ("starts_on", "ends_on"))
        return StandIn(
            absent=self.absent(sheet),
            stand_in=sheet.about,
            starts_on=first,
            ends_on=last,
            reason=sheet.reason,
        )

    def problem(self, sheet):
        arrangement = self.arrangement(sheet)
        if not (arrangement.absent.is_active and sheet.about.is_active):
            return _("账号后来停用了。")
        try:
            arrangement.clean()
        except ValidationError as refusal:
            return " ".join(refusal.messages)
        return ""

    def apply(self, sheet, *, by, extra):
        arrangement = self.arrangement(sheet)
        arrangement._change_reason = history_words(sheet)[: actions.REASON_LENGTH]
        actions.arrange(arrangement, by=sheet.asked_by)

    def title(self, sheet):
        words = {"who": sheet.about, "absent": self.absent(sheet), "days": self.arrangement(sheet).days}
        return _("%(days)s由%(who)s代理%(absent)s") % words

    def lines(self, sheet):
        told = ((_("代理同事"), _("外出同事负责的记录、提醒和审批，这些天也交给这位同事")),)
        return [Line(_("代理安排"), "—", self.title(sheet), told)]

    def people_told(self, sheet):
        return [self.absent(sheet)]


def sorted_roles(roles):
    return [role.value for role in Role if role.value in roles]


def role_words(roles):
    return _("、").join(str(Role(role).label) for role in roles) or "—"


def department_words(pk):
    return str(Department.objects.filter(pk=pk).first() or "—")


def name_words(pk):
    return str(User.objects.filter(pk=pk).first() or "—")
