"""Arranging a supervisor: who may do so alone, what a second user confirms, and when it ends with an office (R299).

A supervision opens the clients of a worker to the supervisor. Whoever oversees these clients arranges it alone;
everybody else requests it, and it never begins in the past. The worker, both supervisors, the head of the department
and those who confirm rights are notified.
"""

from datetime import date

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.approvals import engine
from accounts.approvals.matters import ChangeLine, named_object
from accounts.approvals.models import Sheet
from accounts.approvals.second_name import SecondName
from accounts.models import Supervision, User
from accounts.rights.snapshot import subject_of
from accounts.roles import sensitive_roles
from accounts.stored_texts import stored_in_chinese
from accounts.supervision import actions

SUPERVISION = "supervision"


@transaction.atomic
def arrange_supervision(worker, supervisor, *, by, starts_on):
    """Assigns a supervisor, or requests a confirmation if `by` does not oversee the clients of `worker`.

    Returns the Sheet of the request, or None. Raises ValidationError.
    """
    if starts_on < by.request_day:
        raise ValidationError(_("督导不能从以前的日期开始，请选今天或以后。"))
    sheet = supervision_sheet(worker, supervisor, starts_on, by)
    if not actions.oversees(by, worker):
        actions.check_arrangement(worker, supervisor, by, starts_on)
        return engine.open_sheet(sheet)
    actions.assign_supervisor(worker, supervisor, by=by, starts_on=starts_on)
    engine.record_immediate(sheet)
    return None


def supervision_sheet(worker, supervisor, starts_on, by, reason=""):
    """Returns an unsaved Sheet about another supervisor of `worker`; None when the present one ends without another."""
    present = Supervision.objects.open().filter(worker=worker).first()
    asked = {
        "worker": worker.pk,
        "was": present.supervisor_id if present else None,
        "then": supervisor.pk if supervisor else None,
        "starts_on": starts_on.isoformat(),
    }
    about = supervisor if supervisor else None
    return Sheet(
        matter=SUPERVISION, subject=subject_of(worker), about=about, asked=asked, asked_by=by, reason=reason
    )


def end_supervisions_of(supervisor, *, by, reason):
    """Ends at once all that `supervisor` supervises, now or later, and notifies of each. `reason` is a lazy text."""
    with stored_in_chinese():
        why = str(reason)
    for row in Supervision.objects.not_over_on(by.request_day).filter(supervisor=supervisor).order_by("pk"):
        sheet = supervision_sheet(row.worker, None, by.request_day, by, why)
        sheet.asked["was"] = supervisor.pk
        actions.end_at_once(row, by=by)
        engine.record_immediate(sheet)


def end_without_office(user, was, now, *, by):
    """Ends what `user` supervises when the change of roles from `was` to `now` leaves them no leading role."""
    if sensitive_roles(was["roles"]) and not sensitive_roles(now["roles"]):
        end_supervisions_of(user, by=by, reason=gettext_lazy("角色收回了"))


class SupervisionMatter(SecondName):
    """A supervisor arranged by a user who does not oversee the clients of the worker."""

    label = gettext_lazy("督导安排")

    def people(self, sheet):
        return [pk for pk in (sheet.asked["worker"], sheet.asked["was"], sheet.asked["then"]) if pk]

    def person(self, sheet, name):
        pk = sheet.asked[name]
        return named_object(sheet, User, pk).name if pk else "—"

    def starts_on(self, sheet):
        return max(date.fromisoformat(sheet.asked["starts_on"]), timezone.localdate())

    def pair(self, sheet):
        return [User.objects.get(pk=sheet.asked[name]) for name in ("worker", "then")]

    def lock_subject(self, sheet):
        actions.lock_people(*self.pair(sheet))

    def problem(self, sheet):
        worker, supervisor = self.pair(sheet)
        present = Supervision.objects.open().filter(worker=worker).first()
        if not worker.is_active:
            return _("账号后来停用了。")
        if (present.supervisor_id if present else None) != sheet.asked["was"]:
            return _("后来又换过督导。")
        try:
            actions.check_arrangement(worker, supervisor, sheet.asked_by, self.starts_on(sheet))
        except ValidationError as refusal:
            return " ".join(refusal.messages)
        return ""

    def apply(self, sheet, *, by, extra):
        worker, supervisor = self.pair(sheet)
        actions.assign_supervisor(worker, supervisor, by=sheet.asked_by, starts_on=self.starts_on(sheet))

    def title(self, sheet):
        words = {name: self.person(sheet, name) for name in ("worker", "was", "then")}
        if sheet.asked["then"] is None:
            return _("%(was)s不再督导%(worker)s") % words
        return _("从%(day)s起由%(then)s督导%(worker)s") % (words | {"day": sheet.asked["starts_on"]})

    def lines(self, sheet):
        opens = ((_("督导"), _("看得到这位同事负责的服务对象，和督导期间结案的记录")),)
        gives = opens if sheet.asked["then"] else ()
        return [
            ChangeLine(
                _("%s的督导") % self.person(sheet, "worker"),
                self.person(sheet, "was"),
                self.person(sheet, "then"),
                gives,
            )
        ]

    def people_concerned(self, sheet):
        """Returns the worker, the supervisor before, the head of the department, and those who see all its clients."""
        worker = User.objects.select_related("department__head").get(pk=sheet.asked["worker"])
        concerned = User.objects.active().filter(pk__in=self.people(sheet))
        head = worker.department.head if worker.department_id else None
        heads = [head] if head and head.is_active else []
        return [*concerned, *heads, *actions.heads_of_centre()]
