"""Arranging a stand-in: who does so alone, and what waits for a second name."""

from datetime import date

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.approvals import engine
from accounts.approvals.engine import history_words
from accounts.approvals.matters import Line, named
from accounts.approvals.models import Sheet
from accounts.approvals.second_name import SecondName
from accounts.models import StandIn, User
from accounts.people import actions
from accounts.rights.snapshot import subject_of
from accounts.roles import Permission, Scope

STAND_IN = "stand_in"


@transaction.atomic
def arrange_stand_in(arrangement, *, by):
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
        return engine.ask(sheet)
    actions.save_stand_in(arrangement, by=by)
    if by != absent:
        engine.at_once(sheet)
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


class StandsIn(SecondName):
    """Somebody is to stand in for a colleague by a stranger's word, or by the word of whoever is to be it."""

    label = gettext_lazy("代理安排")
    askers = ("absent_or_second",)
    steps = (("absent_or_second", None),)

    def above(self, sheet):
        return super().above(sheet) | User.objects.active().filter(pk=sheet.asked["absent"])

    def may_be_set_up(self, sheet):
        """The absent person can confirm in the youngest centre too."""
        return sheet.asked_by_id != sheet.about_id

    def named_people(self, sheet):
        return [sheet.asked["absent"]]

    def people(self, sheet):
        return [sheet.asked["absent"], sheet.about_id]

    def absent(self, sheet):
        return named(sheet, User, sheet.asked["absent"])

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
        told = ((_("代理同事"), _("外出同事负责的记录、提醒和审批，这些天也交给这位同事")),)
        return [Line(_("代理安排"), "—", self.title(sheet), told)]

    def concerned(self, sheet):
        return [self.absent(sheet)]
