"""Appointing head and alternate takes two people; handing over open complaints takes a third (R145, R450).

One user who may appoint requests it; another one, never the new head or the new alternate, confirms
(accounts.approvals). Open complaints stay with the former head until the former alternate, a council member or the
former head agrees to hand them over: neither the requester nor the new head. None of them is shown how many there are.
"""

from django import forms
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.approvals import engine
from accounts.approvals.approver_roles import ApproverRole, permission_holders
from accounts.approvals.matters import ChangeLine, named_object
from accounts.approvals.models import Sheet
from accounts.approvals.second_name import CONFIRMERS, FALLBACK_ROLES, SecondName, named_in_sheet
from accounts.exceptions import EditConflict
from accounts.form_layout import CrispyFormMixin
from accounts.models import User
from accounts.roles import Permission, Role
from complaints.appointments import hand_over, in_charge
from complaints.models import Appointment
from reminders import clock
from reminders.models import Reminder

MATTER = SUBJECT = "in_charge"
# Prefix of the subject of reminders that a head has left; an appointment closes them.
HEAD_LEFT_KEY = "in_charge:left:"


def current_state():
    """The appointment in force as stored with a form or an approval request: [pk or 0, head's pk, alternate's pk]."""
    now = in_charge.current_appointment()
    return [now.pk or 0, now.head_id, now.alternate_id] if now else [0, None, None]


def current_stamp():
    """current_state() as text, for a hidden field of a form."""
    return "-".join(str(part or 0) for part in current_state())


@transaction.atomic
def propose(*, head, alternate, by, reason, seen, open_ones_too=False):
    """Requests the appointment of `head` and `alternate`. Returns the Sheet, which is the approval request.

    `seen` is current_stamp() when the form was shown. Raises PermissionDenied, EditConflict when another appointment
    was made since, and ValidationError when the request is refused for another reason.
    """
    if not by.may(Permission.APPOINT_HEAD):
        raise PermissionDenied
    now = current_state()
    if seen != current_stamp():
        raise EditConflict(_("这一页打开以后，负责人已经改过了。请看过现在的安排，再提交一次。"))
    if now[0] and now[1:] == [head.pk, alternate.pk]:
        raise ValidationError(_("和现在的安排一样，没有要改的。"))
    return engine.open_sheet(
        Sheet(
            matter=MATTER,
            subject=SUBJECT,
            about=alternate if head.pk == now[1] and alternate.pk != now[2] else head,
            asked={"was": now, "head": head.pk, "alternate": alternate.pk, "open_ones_too": open_ones_too},
            asked_by=by,
            reason=reason,
        )
    )


def may_confirm_hand_over(user, sheet, former):
    """Whether `user` may agree to hand over open complaints: the former alternate, the council, or the former head.

    Neither the requester nor the new head may, see the top of this module.
    """
    if not user.is_active or user.pk in (sheet.asked_by_id, sheet.asked["head"]):
        return False
    return user.pk in (sheet.asked["was"][2], former) or Role.COUNCIL in user.roles


@transaction.atomic
def confirm_hand_over(sheet, *, by, today):
    """Hands the complaints of the former head to the head appointed by `sheet`; a second call changes nothing.

    Raises ValidationError when `by` may not agree to it, or another appointment was made since.
    """
    appointed = Appointment.objects.filter(sheet=sheet).select_related("head", "former").first()
    if (
        appointed is None
        or appointed.former is None
        or not may_confirm_hand_over(by, sheet, appointed.former_id)
    ):
        raise ValidationError(_("这要由另一位处理人、理事会成员或原来的负责人来说。"))
    if in_charge.current_appointment().pk != appointed.pk:
        raise ValidationError(_("后来又换过负责人，请看最新的一次。"))
    free = Appointment.objects.filter(pk=appointed.pk, hand_over_agreed_by=None)
    if free.update(hand_over_agreed_by=by, hand_over_agreed_at=timezone.now()):
        hand_over.hand_over_to_successor(
            appointed.former, appointed.head, by=by, today=today, reason=sheet.reason
        )


APPOINTERS = {
    "appointer": ApproverRole(
        CONFIRMERS,
        **permission_holders(Permission.APPOINT_HEAD),
        fallbacks=("in_charge_now", *FALLBACK_ROLES),
        only_while_held=True,
        personal=True,
    ),
    # Users who have access to complaints already are asked first.
    "in_charge_now": ApproverRole(gettext_lazy("现在的负责人或另一位处理人"), named_in_sheet, personal=True),
}


class ConfirmHandOverForm(CrispyFormMixin, forms.Form):
    """Additional confirmation for users who may agree to hand over the open complaints."""

    open_ones_too = forms.BooleanField(
        label=gettext_lazy("现有的意见／投诉和档案也交给新的负责人"),
        required=False,
        help_text=gettext_lazy("不勾的话留在原来的负责人那里，以后还可以在这一页交过去。"),
    )


class AppointmentMatter(SecondName):
    """The approval matter "head and alternate of opinions and complaints"."""

    label = gettext_lazy("意见与投诉负责人")
    approver_roles = ("appointer",)
    steps = (("appointer", None),)
    confirm_permission = request_permission = Permission.APPOINT_HEAD

    def also_gains(self, sheet):
        """Returns the pk of the new alternate when head and alternate are appointed together, or None."""
        appointment, _head, present = sheet.asked["was"]
        alternate = sheet.asked["alternate"]
        stays = bool(appointment) and alternate == present  # without an appointment nobody was confirmed yet
        return None if stays or alternate == sheet.about_id else alternate

    def named_people(self, sheet):
        return sheet.asked["was"][1:]

    def people(self, sheet):
        return [sheet.asked["head"], sheet.asked["alternate"]]

    def problem(self, sheet):
        if current_state() != sheet.asked["was"]:
            return _("后来又换过负责人。")
        able = in_charge.eligible().filter(pk__in=[sheet.asked["head"], sheet.asked["alternate"]]).count()
        return "" if able == 2 else _("要任命的同事后来停用了账号，或者不再担任能负责的角色。")

    def apply(self, sheet, *, by, extra):
        head, alternate = (User.objects.get(pk=sheet.asked[name]) for name in ("head", "alternate"))
        former = sheet.asked["was"][1]
        Appointment.objects.create(
            head=head,
            alternate=alternate,
            reason=sheet.reason,
            set_by=sheet.asked_by,
            sheet=sheet,
            former_id=former if former != head.pk else None,
        )
        Reminder.objects.open().filter(subject__startswith=HEAD_LEFT_KEY).update(closed_at=clock.now())
        if extra.get("open_ones_too") and former != head.pk and may_confirm_hand_over(by, sheet, former):
            confirm_hand_over(sheet, by=by, today=clock.today())

    def extra_form(self, sheet, user, data=None):
        former = sheet.asked["was"][1]
        if not former or former == sheet.asked["head"] or not may_confirm_hand_over(user, sheet, former):
            return None
        return ConfirmHandOverForm(data)  # never prefilled with the requester's wish: another user decides

    def title(self, sheet):
        words = {"head": self.person(sheet, "head"), "alternate": self.person(sheet, "alternate")}
        return _("意见与投诉由%(head)s负责，投诉负责人时由%(alternate)s处理") % words

    def person(self, sheet, name):
        return named_object(sheet, User, sheet.asked[name]).name

    def lines(self, sheet):
        _pk, head, alternate = sheet.asked["was"]
        receives = ((_("收到什么"), _("收到每一件意见和投诉，看得到全部内容和姓名")),)
        instead = ((_("收到什么"), _("收到投诉负责人本人的，和要求不告诉负责人的")),)
        changes = [
            ChangeLine(_("负责人"), person_name(head), self.person(sheet, "head"), receives),
            ChangeLine(_("另一位"), person_name(alternate), self.person(sheet, "alternate"), instead),
        ]
        if confirmed := Appointment.objects.filter(sheet=sheet, hand_over_agreed_by__isnull=False).first():
            words = _("也交给新的负责人（%s同意）") % confirmed.hand_over_agreed_by.name
            changes.append(ChangeLine(_("现有的意见／投诉和档案"), person_name(confirmed.former_id), words))
        return changes

    def people_concerned(self, sheet):
        """The users who are replaced and the users who are appointed."""
        pks = [*sheet.asked["was"][1:], sheet.asked["head"], sheet.asked["alternate"]]
        return User.objects.active().filter(pk__in=[pk for pk in pks if pk])

    def follow_up_actions(self, sheet, user):
        appointed = Appointment.objects.filter(sheet=sheet).first()
        if appointed is None or appointed.former_id is None or appointed.hand_over_agreed_by_id:
            return []
        if in_charge.current_appointment().pk != appointed.pk or not may_confirm_hand_over(
            user, sheet, appointed.former_id
        ):
            return []
        words = _("现有的意见／投诉和档案还在%(former)s那里。") % {"former": appointed.former.name}
        return [(reverse("complaints:charge_word", args=[sheet.pk]), _("也交给新的负责人"), words)]


def person_name(pk):
    return User.objects.get(pk=pk).name if pk else "—"
