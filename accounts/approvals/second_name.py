"""Two names for one right: what those who confirm rights have to agree to, and who they are.

Neither whoever asks nor whoever gains ever confirms, and no stand-in does. Others take the place of the named kind
only while one of that kind is in service but may not; when nobody of it is left, nobody confirms on a page
(manage.py grant_role does).
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
    """The pks of the people whom the sheet itself names, for a query of people."""
    named = Sheet.named.through.objects.filter(sheet=within(ground["sheet_pk"]))
    return named.values("user")


def named_in_sheet(ground):
    """The people whom the sheet itself names."""
    return User.objects.active().filter(pk__in=named_by(ground))


def confirmers_and_named(ground):
    """Those who confirm rights, and the people whom the sheet itself names."""
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
    """A matter of two people; `confirmed_with` and `asked_with` open all its sheets to be read."""

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
        """Those that name them, and of the matters in which they ask or confirm, all."""
        if user.may(self.confirmed_with) or user.may(self.asked_with):
            return Q()
        told = Sheet.told.through.objects.filter(user=user.pk).values("sheet")
        answered = Step.objects.filter(decided_by=user.pk).values("sheet")
        own = Q(**{f"{path}asked_by": user.pk}) | Q(**{f"{path}about": user.pk})
        return own | Q(**{f"{path}pk__in": told}) | Q(**{f"{path}pk__in": answered})

    def listed_for(self, user):
        return Q()

    def above(self, sheet):
        """Those who confirm by office, whoever asks or gains among them; a queryset of User."""
        return User.objects.active().with_permission(self.confirmed_with)

    def concerned(self, sheet):
        """Whom it concerns besides the asker, whoever gains, and those above; a list of users."""
        return []

    def people_told(self, sheet):
        told = {*self.above(sheet), *self.concerned(sheet)}
        if sheet.is_open and (step := sheet.steps.asked().select_related("sheet").first()):
            told |= set(deciders(step).people)
        return told
