"""The context of the page of one complaint; the number of queries does not grow with its acts, people or files."""

from calendar import monthrange
from dataclasses import dataclass, field
from datetime import date

from django.db.models import CharField, OuterRef, Prefetch, Subquery, Value, prefetch_related_objects
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.masks import masked_name
from complaints.access import access_list, masks
from complaints.acts import next_act
from complaints.acts import wording as act_words
from complaints.clocks import page as case_clocks
from complaints.models import (
    AccessRole,
    Accused,
    ActKind,
    Complaint,
    Enclosure,
    ExcludedPerson,
    Improvement,
    State,
    Viewing,
)
from complaints.workflow.lifecycle import open_steps
from reminders.calendar.workdays import current_calendar
from reminders.models import Parameter

RELATED_FIELDS = ("head", "handler", "entered_by", "opinion_by", "stakeholder")
ACTS_BY_COMPLAINANT = {
    ActKind.REGISTERED,
    ActKind.MESSAGE,
    ActKind.SATISFIED,
    ActKind.UNSATISFIED,
    ActKind.IDENTIFIED,
}
MAX_REPEATS = 5


@dataclass
class Complainant:
    """The person who raised the complaint: masked, or in full in the one response that requested it."""

    name: str
    contact: str
    concerned: str
    is_shown: bool
    can_show: bool


@dataclass
class InvolvedPeople:
    """The access list of a complaint, the people complained about, and the people who must not be informed."""

    accesses: list
    accused: list = field(default_factory=list)
    not_told: list = field(default_factory=list)

    def roles_of(self, user):
        return {access.role for access in self.accesses if access.user_id == user.pk}

    @property
    def by_person(self):
        """[(name, roles as text)], one entry per person, head first."""
        named = {}
        for access in self.accesses:
            named.setdefault(access.user.name, []).append(access.get_role_display())
        return [(name, _("、").join(roles)) for name, roles in named.items()]


def case_context(case, user, today, shows_identity=False):
    """The context of complaints/case.html; `shows_identity` shows the complainant in full."""
    numbers, calendar = Parameter.objects.values_on(case.received_on), current_calendar()
    people = people_of(case, user)
    roles = people.roles_of(user)
    clocks_shown, strips = case_clocks.clock_panel(case, numbers, calendar, today)
    may_act = bool(roles & set(access_list.ACTING))
    say = str if may_act else masks.masker_for(case)
    acts, measures = acts_of(case, say), measures_of(case)
    steps = open_steps(case, user, roles)
    is_head = AccessRole.HEAD in roles
    return {
        "case": case,
        "headline": say(case.title),
        "statement": say(case.statement),
        "opinion": say(case.opinion),
        "next_step": say(case.next_step),
        "today": today,
        "was_entered_at_once": timezone.localdate(case.entered_at) == case.received_on,
        "clocks": clocks_shown,
        "strips": strips,
        "is_ended": not case.is_open,
        "people": people,
        "acts": acts,
        "files": [file for act in acts for file in act.shown_files],
        "measures": measures,
        "person": complainant_of(case, roles, shows_identity),
        "repeats": repeats_of(case, user, numbers["complaint_repeat_months"]),
        "repeat_months": numbers["complaint_repeat_months"],
        "registrar": registrar_of(case, people),
        "looks": Viewing.objects.filter(complaint=case).count() if is_head else None,
        "is_head": is_head,
        "may_act": may_act,
        "openings": act_words.OPENINGS,
        **next_act.acts_context(case, user, today, roles, steps, measures),
    }


def people_of(case, user):
    """The InvolvedPeople of `case` as `user` may read them, from two queries."""
    accused = names_words(Accused.objects, case, "accused").annotate(said=Value("", CharField()))
    not_told = names_words(ExcludedPerson.objects, case, "not_told")
    rows = accused.values_list("side", "pk", "user__name", "said").union(
        not_told.values_list("side", "pk", "user__name", "words"), all=True
    )
    people = InvolvedPeople(access_list.people_of(case))
    say = str if masks.shows_in_full(case, user) else masks.masker_for(case)
    for access in people.accesses:
        access.shown_reason = say(access.reason)
    for side, _pk, name, words in rows.order_by("side", "pk"):
        getattr(people, side).append(name or say(words))
    return people


def names_words(rows, case, side):
    return rows.filter(complaint=case).order_by().annotate(side=Value(side, CharField()))


def acts_of(case, say):
    """The acts in order, each with `who`, `said`, `shown_files`, `was_on_another_day`; `say` masks names in texts."""
    files = Prefetch("enclosures", Enclosure.objects.order_by("pk"), to_attr="shown_files")
    acts = list(case.acts.select_related("by").prefetch_related(files))
    for act in acts:
        act.who, act.said = who_words(act), say(act.text)
        act.reason = say(act.details.get("reason", ""))
        act.was_on_another_day = act.on != timezone.localdate(act.at)
    return acts


def measures_of(case):
    """The measures with their owners; prefetched on `case`, so that the guards need no further query."""
    prefetch_related_objects([case], Prefetch("improvements", Improvement.objects.select_related("owner")))
    return list(case.improvements.all())


def who_words(act):
    if act.by_id:
        return act.by.name
    return _("反映人") if act.kind in ACTS_BY_COMPLAINANT else _("自动")


def complainant_of(case, roles, shows_identity):
    """The Complainant of `case`; only complaints.cases.views.IdentityView may set `shows_identity`."""
    concerned = case.stakeholder.name if case.stakeholder else ""
    return Complainant(
        name=case.name if shows_identity else masked_name(case.name),
        contact=case.contact if shows_identity else masks.masked_contact(case.contact),
        concerned=concerned if shows_identity else masked_name(concerned),
        is_shown=shows_identity,
        can_show=bool(roles & set(access_list.ACTING))
        and not shows_identity
        and bool(case.name or case.contact or concerned),
    )


def registrar_of(case, people):
    """(registrar, whether they still have access), or None for a complaint from the public portal."""
    if case.entered_by is None:
        return None
    return case.entered_by, any(access.user_id == case.entered_by_id for access in people.accesses)


def repeats_of(case, user, months):
    """The newest similar complaints visible to `user`, each with its last measure (R151)."""
    last = Improvement.objects.filter(complaint=OuterRef("pk")).order_by("-pk")
    return masks.with_shown_titles(
        similar_complaints(case, user, months)
        .annotate(last_measure=Subquery(last.values("measure")[:1]))
        .annotate(last_done_on=Subquery(last.values("done_on")[:1]))
        .order_by("-received_on", "-pk")[:MAX_REPEATS],
        user,
    )


def similar_complaints(case, user, months):
    """The other visible complaints of the same kind and subject, received in the `months` before `case` or since."""
    since = months_before(case.received_on, months)
    return (
        Complaint.objects.visible_to(user)
        .filter(kind=case.kind, subject=case.subject, received_on__gte=since)
        .exclude(pk=case.pk)
        .exclude(state=State.VOID)
    )


def months_before(day, months):
    """The same day of the month `months` earlier, or the last day of that month."""
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))
