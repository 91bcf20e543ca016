"""Roles and names as matters of two people."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.approvals.engine import history_words
from accounts.approvals.matters import Line
from accounts.approvals.models import Sheet
from accounts.approvals.second_name import SecondName
from accounts.models import User
from accounts.passwords import resets
from accounts.people import actions
from accounts.rights.snapshot import (
    department_words,
    locked,
    put,
    rights_of,
    role_words,
    same_rights,
    sorted_roles,
)
from accounts.roles import Permission, Role, sensitive_roles
from accounts.wording import role_summary

ROLES, NAME = Sheet.ROLES, "name"


class Roles(SecondName):
    """Roles and department of one account."""

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
        if sensitive_roles(sheet.asked["then"]["roles"]):
            resets.void_password_known_to_others(user, by=by, since=sheet.asked_at)
            user = locked(user)
        put(user, sheet.asked["then"])
        actions.save_rights(user, by=by, reason=history_words(sheet))

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
            told = tuple((Role(role).label, role_summary(Role(role))) for role in new)
            found.append(Line(_("角色"), role_words(was["roles"]), role_words(then["roles"]), told))
        if was["department"] != then["department"]:
            found.append(Line(_("部门"), *map(department_words, (was["department"], then["department"]))))
        if was["active"] != then["active"]:
            found.append(Line(_("账号"), _("在职"), _("停用")))
        return found

    def concerned(self, sheet):
        """A first administrator learns of what the server did; of a barred try the administrators too."""
        alone = sheet.asked_by is None or sheet.state == Sheet.State.BARRED
        return list(User.objects.active().with_permission(Permission.MANAGE_ACCOUNTS)) if alone else []


class Name(SecondName):
    """Another name of somebody who sees much, or one that was theirs; takes effect at once and is only told."""

    label = gettext_lazy("姓名")
    askers = ()

    def title(self, sheet):
        return _("%(was)s的账号改名为%(then)s") % sheet.asked

    def lines(self, sheet):
        return [Line(_("姓名"), sheet.asked["was"], sheet.asked["then"])]
