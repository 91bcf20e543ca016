"""What a matter of approval says of itself: who is asked, what is under approval, how it takes effect and reads.

MATTERS.add("decision", CourseDecision())      in the `registrations` of the room
"""

from dataclasses import dataclass

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.approvals.models import Sheet
from accounts.approvals.registers import MATTERS
from accounts.models import Department, User


@dataclass(frozen=True)
class Line:
    """One thing that changes: how it is, how it would be, and what the new value opens."""

    label: str
    now: str
    then: str
    opens: tuple = ()


class Matter:
    """A kind of request; subclasses say what it means.

    `askers` are the names that its steps may ask for. `steps` are the (name, working days or None) of its sheets when
    no rule holds (accounts.approvals.chains); with `has_chain` False no rule may say otherwise. `grounds` says how a
    step leads to what its askers have to know: name -> lookup path. `related` are the paths that
    `select_related` follows from a sheet. Those of an `is_personal`
    one are answered and read by nobody's stand-in. `sight_is_asked` when a role is not enough to see the record. While
    `waits_for_nobody`, a sheet may be opened that nobody can decide yet.
    """

    label = ""
    sheet_name = _("第%s号审批单")
    askers = ()
    steps = ()
    has_chain = True
    grounds = {}
    related = ()
    is_personal = False
    sight_is_asked = False
    waits_for_nobody = False
    state_words = {}
    ask_words = _("请审批 %(title)s")
    escalated_words = _("已等了%(days)s个工作日，还没有审批：%(title)s")
    told_words = _("%(state)s %(title)s")
    instead_words = _("没有另外一位%(named)s，所以由%(who)s审批。")
    opinion_words = _("请写明退回的原因。")
    refusal = _("这张审批单不能由您审批：自己提出的、已经审批过一步的，要由另一位同事来做。")

    def facts(self, sheet):
        """What its rule is chosen by: {"kind", "funding", "amount"}."""
        return {}

    def content(self, sheet):
        """What is under approval, as plain values; when it has changed since the opening the sheet is void."""
        return sheet.asked

    def problem(self, sheet):
        """Why it cannot be applied any more, as a sentence, or ""."""
        return ""

    def may_be_set_up(self, sheet):
        """Whether one person alone may have it while nobody has ever been able to confirm."""
        return False

    def hold(self, sheet):
        """Locks what it is about, before the sheet itself is locked: as whoever changes it does."""

    def apply(self, sheet, *, by, extra):
        """Lets it take effect, inside the transaction of the last approval; `extra` is what extra_form gathered."""

    def follow(self, sheet):
        """The sheet was closed (approved, returned, withdrawn, void): its record follows in the same transaction."""

    def extra_form(self, sheet, user, data=None):
        """A form with what only this matter asks of `user` while approving, or None."""

    # Who sees it.

    def within_sight(self, user, path=""):
        """The condition that `user` may open a sheet of this matter; `path` leads to the sheet, as "sheet__" does."""
        raise NotImplementedError

    def listed_for(self, user):
        """The condition on a sheet within sight that the inbox shows it to `user` though it does not wait for them."""
        own = Sheet.objects.filter(steps__decided_by=user.pk).values("pk")
        return Q(asked_by=user.pk) | Q(pk__in=own)

    def seeing(self, people, sheet):
        """Those of `people` (a queryset of User) who may open the sheet; a queryset."""
        return people

    # How it reads.

    def title(self, sheet):
        """In a few words what is asked for, for lists and reminders."""
        raise NotImplementedError

    def lines(self, sheet):
        """What changes, as a list of Line."""
        return []

    def page(self, sheet):
        """The address at which the sheet is read and answered."""
        return reverse("sheet", args=[sheet.pk])

    def later_acts(self, sheet, user):
        """What `user` may still do once it is approved: a list of (address, button, explanation)."""
        return []

    # Whom it is about, and who is told.

    def people(self, sheet):
        """The pks of those it is about, whose names are kept as they were when it was asked."""
        return [sheet.about_id] if sheet.about_id else []

    def named_people(self, sheet):
        """The pks of those whom the request itself names as able to decide, for askers that ask for them."""
        return []

    def departments(self, sheet):
        """The pks of departments that its title names."""
        return []

    def people_told(self, sheet):
        """Who learns of the answer besides whoever asked; a list of users."""
        return []

    def may_be_told(self, sheet, user):
        """Whether the answer may be told to `user`: the title of a sheet may name what they do not see any more."""
        return True

    def reminded_of(self, sheet, user):
        """What a reminder to `user` has to say of the record that its title names, as values of its fields."""
        return {"is_personal": self.is_personal}

    def subject_of(self, sheet, what):
        """The subject of its reminders; `what` is "ask", which the answer closes, or "told"."""
        return f"sheet:{sheet.pk}:{what}"


def matter_of(sheet):
    return MATTERS[sheet.matter]


def title_of(sheet):
    return matter_of(sheet).title(sheet)


def gather(sheets):
    """`sheets` as a list; the people and departments that their titles name are fetched at once."""
    sheets = list(sheets)
    people = {pk for sheet in sheets for pk in matter_of(sheet).people(sheet)}
    departments = {pk for sheet in sheets for pk in matter_of(sheet).departments(sheet)}
    found = {
        User: User.objects.select_related("department").in_bulk(people) if people else {},
        Department: Department.objects.in_bulk(departments) if departments else {},
    }
    for sheet in sheets:
        sheet.gathered = found
    return sheets


def named(sheet, model, pk):
    """The account or department `pk` that the title of `sheet` names, or None; of one sheet or of many at once."""
    gathered = getattr(sheet, "gathered", {}).get(model, {})
    return gathered.get(pk) or model.objects.filter(pk=pk).first()
