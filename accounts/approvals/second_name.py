"""Confirmation of rights by a second user: the base class of such matters, and the roles that confirm.

Neither the requester nor the user who benefits ever confirms, and no stand-in does. Other users take the place of the
usual confirmers only while an active one exists but may not decide; when none is left, no user confirms on a page
(use manage.py grant_role).
"""

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.approvals.approver_roles import (
    ApproverRole,
    established_colleagues,
    nested_reference,
    permission_holders,
)
from accounts.approvals.assignment import deciders
from accounts.approvals.matters import Matter
from accounts.approvals.models import Sheet, Step
from accounts.fields import any_role_condition
from accounts.models import User
from accounts.roles import Permission, roles_with

FALLBACK_ROLES = ("any_approver", "settled")
CONFIRMERS = _("总干事或理事会成员")


def named_people_pks(context):
    """Returns the pks of the users whom the request itself names, for a query of users."""
    named = Sheet.named.through.objects.filter(sheet=nested_reference(context["sheet_pk"]))
    return named.values("user")


def named_in_sheet(context):
    """Users whom the request itself names."""
    return User.objects.active().filter(pk__in=named_people_pks(context))


def confirmers_and_named(context):
    """Users who confirm rights, and users whom the request itself names."""
    confirming = any_role_condition(roles_with(Permission.CONFIRM_RIGHTS))
    return User.objects.active().filter(confirming | Q(pk__in=named_people_pks(context)))


SECOND_NAMES = {
    "second_name": ApproverRole(
        CONFIRMERS,
        **permission_holders(Permission.CONFIRM_RIGHTS),
        fallbacks=FALLBACK_ROLES,
        only_while_held=True,
        personal=True,
    ),
    "absent_or_second": ApproverRole(
        _("外出的同事本人、总干事或理事会成员"),
        confirmers_and_named,
        fallbacks=FALLBACK_ROLES,
        only_while_held=True,
        personal=True,
    ),
    "any_approver": ApproverRole(
        _("有审批权限的同事"), **permission_holders(Permission.APPROVE), personal=True
    ),
    "settled": ApproverRole(
        _("在中心已有一段时间的同事"),
        established_colleagues,
        lambda user: user.may(Permission.VIEW),
        personal=True,
    ),
}


class SecondName(Matter):
    """A matter that a second user confirms.

    Users with `confirm_permission` or `request_permission` may read all its requests.
    """

    sheet_name = _("第%s号确认单")
    approver_roles = ("second_name",)
    steps = (("second_name", None),)
    has_chain = False
    is_personal = True
    may_wait_without_approver = True
    confirm_permission = Permission.CONFIRM_RIGHTS
    request_permission = Permission.MANAGE_ACCOUNTS
    state_words = {
        Sheet.State.OPEN: _("待确认"),
        Sheet.State.APPROVED: _("已确认"),
        Sheet.State.RETURNED: _("没有同意"),
    }
    request_words = _("请您确认：%(title)s")
    notice_words = _("%(state)s：%(title)s")
    fallback_words = _("没有另外一位%(named)s，所以由%(who)s确认。")
    opinion_words = _("请写明不同意的原因。")
    refusal = _("这张确认单不能由您确认，要由另一位有权限的同事来做。")

    def may_be_confirmed_alone(self, sheet):
        return True

    def visible_condition(self, user, path=""):
        """All requests for users who request or confirm in this matter; for others, those that concern them."""
        if user.may(self.confirm_permission) or user.may(self.request_permission):
            return Q()
        notified = Sheet.notified_users.through.objects.filter(user=user.pk).values("sheet")
        decided = Step.objects.filter(decided_by=user.pk).values("sheet")
        own = Q(**{f"{path}asked_by": user.pk}) | Q(**{f"{path}about": user.pk})
        return own | Q(**{f"{path}pk__in": notified}) | Q(**{f"{path}pk__in": decided})

    def group_key(self):
        return *super().group_key(), self.confirm_permission, self.request_permission

    def listed_for(self, user):
        return Q()

    def confirmers_by_office(self, sheet):
        """The users who confirm by their role, the requester and the user who benefits included; a queryset of User."""
        return User.objects.active().with_permission(self.confirm_permission)

    def people_concerned(self, sheet):
        """Returns the other users concerned, in addition to requester, user who benefits, and confirmers; a list."""
        return []

    def people_to_notify(self, sheet):
        users = {*self.confirmers_by_office(sheet), *self.people_concerned(sheet)}
        if sheet.is_open and (step := sheet.steps.waiting().select_related("sheet").first()):
            users |= set(deciders(step).people)
        return users
