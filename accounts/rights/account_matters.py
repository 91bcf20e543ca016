"""Matters of confirmation for roles and names of accounts."""

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.approvals.engine import history_words
from accounts.approvals.matters import ChangeLine
from accounts.approvals.models import Sheet
from accounts.approvals.second_name import SecondName
from accounts.locking import lock_user
from accounts.models import User
from accounts.passwords import resets
from accounts.people import actions
from accounts.rights.snapshot import (
    assign_rights,
    department_words,
    rights_of,
    role_words,
    same_rights,
    sorted_roles,
)
from accounts.rights.supervising import end_without_office
from accounts.roles import Permission, Role, sensitive_roles
from accounts.wording import role_summary

ROLES, NAME = Sheet.ROLES, "name"


class RolesMatter(SecondName):
    """Roles and department of one account."""

    label = gettext_lazy("角色与部门")

    def lock_subject(self, sheet):
        lock_user(sheet.about)

    def problem(self, sheet):
        user = User.objects.get(pk=sheet.about_id)
        if not user.is_active:
            return _("账号后来停用了。")
        return "" if same_rights(rights_of(user), sheet.asked["was"]) else _("账号的角色或部门后来改过了。")

    def apply(self, sheet, *, by, extra):
        user = lock_user(sheet.about)
        was = rights_of(user)
        if sensitive_roles(sheet.asked["then"]["roles"]):
            resets.void_password_known_to_others(user, by=by, since=sheet.asked_at)
            user = lock_user(user)
        assign_rights(user, sheet.asked["then"])
        actions.save_rights(user, by=by, reason=history_words(sheet))
        end_without_office(user, was, sheet.asked["then"], by=by)

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
        changes = []
        if was["roles"] != then["roles"]:
            new = sorted_roles(set(then["roles"]) - set(was["roles"]))
            opens = tuple((Role(role).label, role_summary(Role(role))) for role in new)
            changes.append(ChangeLine(_("角色"), role_words(was["roles"]), role_words(then["roles"]), opens))
        if was["department"] != then["department"]:
            changes.append(
                ChangeLine(_("部门"), *map(department_words, (was["department"], then["department"])))
            )
        if was["active"] != then["active"]:
            changes.append(ChangeLine(_("账号"), _("在职"), _("停用")))
        return changes

    def record_links(self, sheet, user):
        if not user.may(Permission.MANAGE_ACCOUNTS):
            return []
        return [(reverse("accounts:edit", args=[sheet.about_id]), _("打开%s的账号") % sheet.about.name)]

    def people_concerned(self, sheet):
        """Returns the administrators when a role was given on the server or a user tried to change their own rights."""
        alone = sheet.asked_by is None or sheet.state == Sheet.State.BARRED
        return list(User.objects.active().with_permission(Permission.MANAGE_ACCOUNTS)) if alone else []


class NameMatter(SecondName):
    """A changed name that concerns a user with a sensitive role: takes effect at once, others are only notified."""

    label = gettext_lazy("姓名")
    approver_roles = ()

    def title(self, sheet):
        return _("%(was)s的账号改名为%(then)s") % sheet.asked

    def lines(self, sheet):
        return [ChangeLine(_("姓名"), sheet.asked["was"], sheet.asked["then"])]
