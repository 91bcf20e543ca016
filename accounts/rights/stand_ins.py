"""Arranging a stand-in: who may do so alone, and what a second user has to confirm."""

from datetime import date

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.access import seen_by_role
from accounts.approvals import engine
from accounts.approvals.engine import history_words
from accounts.approvals.matters import ChangeLine, named_object
from accounts.approvals.models import Sheet
from accounts.approvals.second_name import SecondName
from accounts.models import StandIn, Supervision, User
from accounts.people import actions
from accounts.rights.snapshot import subject_of
from accounts.roles import RECORD_SCOPES, Permission, Scope, kinds
from accounts.supervision.actions import oversees

STAND_IN = "stand_in"


@transaction.atomic
def arrange_stand_in(arrangement, *, by):
    """Saves a stand-in (unsaved), or requests a confirmation if `by` may not arrange it alone.

    Returns the Sheet of the request, or None.
    """
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
        return engine.open_sheet(sheet)
    actions.save_stand_in(arrangement, by=by)
    if by != absent:
        engine.record_immediate(sheet)
    return None


def may_arrange_alone(by, absent, stand_in):
    """Whether `by` may arrange it alone: the absent user, and leaders who see by role all that the absent user sees.

    A stand-in sees what the absent user sees, so a user who makes themselves the stand-in has to see everything
    anyway.
    """
    if by == stand_in and not sees_everything(by):
        return False
    return by == absent or (
        by.may(Permission.HAND_OVER) and absent.permissions <= by.permissions and sees_all_of(by, absent)
    )


def sees_all_of(by, absent):
    """Whether `by` sees by role whatever a stand-in of `absent` would see, of every kind.

    That is what `absent` is responsible for, confidential records included, and the clients of those they supervise.
    """
    shared = by.department_id is not None and by.department_id == absent.department_id
    for kind, visibility in kinds().items():
        scope = by.scope_over(kind)
        takes_part = visibility.by_responsible and absent.scope_over(kind) in RECORD_SCOPES
        if takes_part and not (scope == Scope.ALL or (scope == Scope.DEPARTMENT and shared)):
            return False
    supervised = Supervision.objects.not_over_on(by.request_day).filter(supervisor=absent)
    if not all(oversees(by, row.worker) for row in supervised.select_related("worker")):
        return False
    records = absent.stakeholders.filter(voided_at=None)
    return not records.exclude(pk__in=records.filter(seen_by_role(by)).values("pk")).exists()


def sees_everything(user):
    """Whether all records are visible to `user`, including confidential ones and notes of caution."""
    return user.sees_everything and user.may(Permission.CAUTION)


class StandInMatter(SecondName):
    """A stand-in arranged by a user who does not lead the absent user, or by the stand-in themselves."""

    label = gettext_lazy("代理安排")
    approver_roles = ("absent_or_second",)
    steps = (("absent_or_second", None),)

    def confirmers_by_office(self, sheet):
        return super().confirmers_by_office(sheet) | User.objects.active().filter(pk=sheet.asked["absent"])

    def may_be_confirmed_alone(self, sheet):
        """Whether one user alone may have it while the centre is set up: the administrator, who is not the stand-in.

        All others wait for the absent user, who can always confirm.
        """
        return sheet.asked_by_id != sheet.about_id and sheet.asked_by.may(Permission.MANAGE_ACCOUNTS)

    def named_people(self, sheet):
        return [sheet.asked["absent"]]

    def people(self, sheet):
        return [sheet.asked["absent"], sheet.about_id]

    def absent(self, sheet):
        return named_object(sheet, User, sheet.asked["absent"])

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
        actions.save_stand_in(arrangement, by=sheet.asked_by)

    def title(self, sheet):
        words = {"who": sheet.about, "absent": self.absent(sheet), "days": self.arrangement(sheet).days}
        return _("%(days)s由%(who)s代理%(absent)s") % words

    def lines(self, sheet):
        opens = ((_("代理同事"), _("外出同事负责的记录、提醒和审批，这些天也交给这位同事")),)
        return [ChangeLine(_("代理安排"), "—", self.title(sheet), opens)]

    def people_concerned(self, sheet):
        return [self.absent(sheet)]
