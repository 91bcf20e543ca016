"""Confirmation of rights by a second user: the base class of such matters, and the roles that confirm.

Neither the requester nor the user who benefits ever confirms, and no stand-in does. Other users take the place of the
usual confirmers only while an active one exists but may not decide; when none is left, no user confirms on a page
(use manage.py grant_role).
"""

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.approvals.askers import Asker, able, of_any, settled, within
from accounts.approvals.asking import deciders
from accounts.approvals.matters import Matter
from accounts.approvals.models import Sheet, Step
from accounts.models import User
from accounts.roles import Permission, roles_with

INSTEAD = ("any_approver", "settled")
NAMED = _("总干事或理事会成员")


def named_by(ground):
    """Returns the pks of the users whom the request itself names, for a query of users."""
    named = Sheet.named.through.objects.filter(sheet=within(ground["sheet_pk"]))
    return named.values("user")


def named_in_sheet(ground):
    """Users whom the request itself names."""
    return User.objects.active().filter(pk__in=named_by(ground))


def confirmers_and_named(ground):
    """Users who confirm rights, and users whom the request itself names."""
    confirming = of_any(roles_with(Permission.CONFIRM_RIGHTS))
    return User.objects.active().filter(confirming | Q(pk__in=named_by(ground)))


SECOND_NAMES = {
    "second_name": Asker(
        NAMED, **able(Permission.CONFIRM_RIGHTS), up=INSTEAD, only_while_held=True, personal=True
    ),
    "absent_or_second": Asker(
        _("外出的同事本人、总干事或理事会成员"),
        confirmers_and_named,
        up=INSTEAD,
        only_while_held=True,
        personal=True,
    ),
    "any_approver": Asker(_("有审批权限的同事"), **able(Permission.APPROVE), personal=True),
    "settled": Asker(
        _("在中心已有一段时间的同事"), settled, lambda user: user.may(Permission.VIEW), personal=True
    ),
}


class SecondName(Matter):
    """A matter that a second user confirms.

    Users with `confirmed_with` or `asked_with` may read all its requests.
    """

    sheet_name = _("第%s号确认单")
    askers = ("second_name",)
    steps = (("second_name", None),)
    has_chain = False
    is_personal = True
    waits_for_nobody = True
    confirmed_with = Permission.CONFIRM_RIGHTS
    asked_with = Permission.MANAGE_ACCOUNTS
    state_words = {
        Sheet.State.OPEN: _("待确认"),
        Sheet.State.APPROVED: _("已确认"),
        Sheet.State.RETURNED: _("没有同意"),
    }
    ask_words = _("请您确认：%(title)s")
    told_words = _("%(state)s：%(title)s")
    instead_words = _("没有另外一位%(named)s，所以由%(who)s确认。")
    opinion_words = _("请写明不同意的原因。")
    refusal = _("这张确认单不能由您确认，要由另一位有权限的同事来做。")

    def may_be_set_up(self, sheet):
        return True

    def within_sight(self, user, path=""):
        """All requests for users who request or confirm in this matter; for others, those that concern them."""
        if user.may(self.confirmed_with) or user.may(self.asked_with):
            return Q()
        told = Sheet.told.through.objects.filter(user=user.pk).values("sheet")
        answered = Step.objects.filter(decided_by=user.pk).values("sheet")
        own = Q(**{f"{path}asked_by": user.pk}) | Q(**{f"{path}about": user.pk})
        return own | Q(**{f"{path}pk__in": told}) | Q(**{f"{path}pk__in": answered})

    def listed_for(self, user):
        return Q()

    def above(self, sheet):
        """The users who confirm by office, the requester and the user who benefits included; a queryset of User."""
        return User.objects.active().with_permission(self.confirmed_with)

    def concerned(self, sheet):
        """Returns the other users concerned, in addition to requester, user who benefits, and confirmers; a list."""
        return []

    def people_told(self, sheet):
        told = {*self.above(sheet), *self.concerned(sheet)}
        if sheet.is_open and (step := sheet.steps.asked().select_related("sheet").first()):
            told |= set(deciders(step).people)
        return told
