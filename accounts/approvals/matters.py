"""Matters: kinds of approval requests. A matter defines who is asked, what is approved, its effect and its texts.

An app registers it in its `registrations`: MATTERS.add("decision", CourseDecision())
"""

from dataclasses import dataclass

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.approvals.models import Sheet
from accounts.approvals.registers import MATTERS
from accounts.models import Department, User
from accounts.roles import kinds


@dataclass(frozen=True)
class ChangeLine:
    """One change: the present value, the requested value, and what the new value gives access to."""

    label: str
    now: str
    then: str
    opens: tuple = ()


class Matter:
    """A kind of approval request; subclasses define it.

    `record_path` is the lookup path from a request to the record it is about, "" for a matter without one: such
    requests follow the record when it is handed over (accounts.approvals.assignment.resolve_roles_about).
    `approver_roles` are the names that its steps may ask. `steps` are the (name, working days or None) of its
    requests when no rule is in force (accounts.approvals.chains); with `has_chain` False no rule can change them.
    `conditions` are those names of `facts` for which there may be rules of their own; `funding_choices` are the
    (value, label) pairs of "funding", if it is one of them.
    `context_paths` is {name: lookup path} from a step to what its roles have to know. `related` are the paths of
    `select_related` from a request. If `is_personal`, stand-ins neither decide nor read its requests.
    `needs_visibility`: a role is not enough to see the record, so visibility is queried. With
    `may_wait_without_approver` a request may be opened that no user can decide yet.
    """

    label = ""
    sheet_name = _("第%s号审批单")
    approver_roles = ()
    steps = ()
    has_chain = True
    conditions = ()
    funding_choices = ()
    record_path = ""
    context_paths = {}
    related = ()
    is_personal = False
    needs_visibility = False
    may_wait_without_approver = False
    state_words = {}
    request_words = _("请审批 %(title)s")
    escalated_words = _("已等了%(days)s个工作日，还没有审批：%(title)s")
    notice_words = _("%(state)s %(title)s")
    fallback_words = _("没有另外一位%(named)s，所以由%(who)s审批。")
    opinion_words = _("请写明退回的原因。")
    refusal = _("这张审批单不能由您审批：自己提出的、已经审批过一步的，要由另一位同事来做。")

    def facts(self, sheet):
        """Returns what its rule is chosen by: {"kind", "funding", "amount"}."""
        return {}

    def condition_choices(self, name):
        """Returns the (value, label) pairs of the condition `name`; amounts have none."""
        choices = {
            "kind": [(kind, visibility.label) for kind, visibility in kinds().items()],
            "funding": list(self.funding_choices),
        }
        return choices.get(name, [])

    def content(self, sheet):
        """Returns the content under approval as plain values; if it changes after the opening, the request is void."""
        return sheet.asked

    def problem(self, sheet):
        """Returns why it cannot take effect any longer, as a sentence, or ""."""
        return ""

    def may_be_confirmed_alone(self, sheet):
        """Whether one user alone may have it while no user has ever been able to confirm."""
        return False

    def lock_subject(self, sheet):
        """Locks its subject, before the request itself is locked: in the same order as the actions that change it."""

    def apply(self, sheet, *, by, extra):
        """Applies the request, inside the transaction of the last approval; `extra` is the data of `extra_form`."""

    def on_closed(self, sheet):
        """Called when the request was closed (in any way): updates its record in the same transaction."""

    def extra_form(self, sheet, user, data=None):
        """Returns a form with further input that this matter requires from `user` on approval, or None."""

    # Visibility.

    def visible_condition(self, user, path=""):
        """The condition that `user` may open a request of this matter; `path` is the lookup path to it ("sheet__")."""
        raise NotImplementedError

    def group_key(self):
        """Returns what decides who is asked: the inbox queries matters with equal keys together.

        A matter whose `visible_condition` depends on further attributes adds them.
        """
        return (
            self.approver_roles,
            str(self.context_paths),
            self.needs_visibility,
            type(self).visible_condition,
        )

    def listed_for(self, user):
        """The condition that the inbox shows `user` a visible request that does not wait for them."""
        own = Sheet.objects.filter(steps__decided_by=user.pk).values("pk")
        return Q(asked_by=user.pk) | Q(pk__in=own)

    def filter_viewers(self, people, sheet):
        """Returns those of `people` (a queryset of User) who may open the request; a queryset."""
        return people

    # Texts and links.

    def title(self, sheet):
        """Returns a short title for lists and reminders."""
        raise NotImplementedError

    def lines(self, sheet):
        """Returns the changes, a list of ChangeLine."""
        return []

    def page(self, sheet):
        """Returns the URL of the page on which the request is read and decided."""
        return reverse("sheet", args=[sheet.pk])

    def record_links(self, sheet, user):
        """Returns (URL, text) of the pages `user` may open to see what they decide about; a list."""
        return []

    def follow_up_actions(self, sheet, user):
        """Returns what `user` may still do after the approval: a list of (URL, button, explanation)."""
        return []

    # People concerned, and people to notify.

    def people(self, sheet):
        """Returns the pks of the users it is about; their names are stored as they were at the time of the request."""
        return [sheet.about_id] if sheet.about_id else []

    def also_gains(self, sheet):
        """Returns the pk of a second user who benefits and so may not decide, or None."""
        return

    def named_people(self, sheet):
        """Returns the pks of users whom the request itself names as deciders, for roles that use them."""
        return []

    def departments(self, sheet):
        """Returns the pks of departments named in its title."""
        return []

    def people_to_notify(self, sheet):
        """Returns the users to notify of the outcome in addition to the requester; a list."""
        return []

    def may_notify(self, sheet, user):
        """Whether `user` may be notified of the outcome: the title may name records no longer visible to them."""
        return True

    def reminder_fields(self, sheet, user):
        """Returns fields of a reminder to `user`, as the record in its title requires."""
        return {"is_personal": self.is_personal}

    def reminder_subject(self, sheet, what):
        """Returns the subject of its reminders; `what` is "ask" (closed by the decision) or "told" (information)."""
        return f"sheet:{sheet.pk}:{what}"


def matter_of(sheet):
    return MATTERS[sheet.matter]


def title_of(sheet):
    return matter_of(sheet).title(sheet)


def with_prefetched_details(sheets):
    """Returns `sheets` as a list; the users and departments named in their titles are prefetched."""
    sheets = list(sheets)
    people = {pk for sheet in sheets for pk in matter_of(sheet).people(sheet)}
    departments = {pk for sheet in sheets for pk in matter_of(sheet).departments(sheet)}
    prefetched = {
        User: User.objects.select_related("department").in_bulk(people) if people else {},
        Department: Department.objects.in_bulk(departments) if departments else {},
    }
    for sheet in sheets:
        sheet.gathered = prefetched
    return sheets


def named_object(sheet, model, pk):
    """Returns the User or Department `pk` named in the title of `sheet`, or None.

    Uses prefetched rows if there are any.
    """
    gathered = getattr(sheet, "gathered", {}).get(model, {})
    return gathered.get(pk) or model.objects.filter(pk=pk).first()
