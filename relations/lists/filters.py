"""The filters common to all lists of stakeholders, read from the query string (R29-R33, R67-R72)."""

from datetime import timedelta

import django_filters
from django.db.models import Exists, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.keys import MAX_KEY
from lists.filters import Filter
from relations.models import Cycle, Duty, Stage, StandingSpan, Task, Term
from relations.models.stakeholder import ends_from
from relations.search.index import matching

STANDINGS = [("active", gettext_lazy("显在")), ("prospective", gettext_lazy("潜在"))]
ENDS = [
    ("30", gettext_lazy("30天内到期")),
    ("60", gettext_lazy("60天内到期")),
    ("90", gettext_lazy("90天内到期")),
    ("over", gettext_lazy("已到期")),
    ("none", ""),  # text depends on the kind, see ends_of
]
MAX_END_LENGTH = 4  # characters of a value of the filter `ends`: days, or a word
CONTACTS = [
    ("month", gettext_lazy("本月还没联系")),
    ("30", gettext_lazy("30天没联系")),
    ("60", gettext_lazy("60天没联系")),
    ("never", gettext_lazy("还没有联系过")),
]
DUTIES = [("overdue", gettext_lazy("有逾期"))]
CLOSED = [("all", gettext_lazy("也看关闭的")), ("only", gettext_lazy("只看关闭的"))]
KEYS = {"min_value": 1, "max_value": MAX_KEY}


def ends_of(word):
    """Returns ENDS for a kind whose terms are called `word` inside a sentence."""
    return [(value, label or _("没有%(term)s") % {"term": word}) for value, label in ENDS]


class EndFilter(Filter):
    """The filter `ends` in the bar: besides the days it offers it shows any other number of days."""

    def value_words(self, values):
        value = values.get(self.name, "")
        is_days = value.isdecimal() and len(value) <= MAX_END_LENGTH
        days = _("%(days)d天内到期") % {"days": int(value)} if is_days else ""
        return super().value_words(values) or days


def overdue(rows, today):
    """Filters `rows` to those with a duty or task that was due before `today` and is still open.

    A subquery per row finds the first one: otherwise PostgreSQL would collect all overdue duties of every kind.
    """
    own = [
        Subquery(missed.filter(stakeholder=OuterRef("pk")).order_by().values("due_on")[:1])
        for missed in (Duty.objects.overdue_on(today), Task.objects.overdue_on(today))
    ]
    return rows.alias(missed_on=Coalesce(*own)).filter(missed_on__isnull=False)


def uncontacted_since(rows, day):
    """Filters `rows` to those without a contact on or after `day`."""
    return rows.filter(Q(last_contact_on=None) | Q(last_contact_on__lt=day))


def ending_within(rows, today, days):
    """Filters `rows` to those whose last term ends within `days` days from `today`."""
    last = today + timedelta(days=days)
    ending = Term.objects.valid().filter(last_day__gte=today, last_day__lte=last)
    later = Term.objects.valid().filter(ends_from(last + timedelta(days=1)), stakeholder=OuterRef("pk"))
    return rows.filter(~Exists(later), pk__in=ending.values("stakeholder"))


def in_force_on(day):
    """Returns the condition that a stakeholder is 显在 on `day` (R31), as a correlated subquery."""
    return Exists(StandingSpan.objects.running_on(day).filter(stakeholder=OuterRef("pk")))


def in_force_condition(day):
    """Returns the same condition for whole lists: the spans of `day` are collected once, not once per row."""
    return Q(pk__in=StandingSpan.objects.running_on(day).order_by().values("stakeholder"))


class StakeholderFilter(django_filters.FilterSet):
    """The filters in the query string of any list of stakeholders; unreadable values are ignored.

    A kind adds its own filters in a subclass. `today` is the reference day of standing, duties and contacts.
    """

    q = django_filters.CharFilter(method="by_words", max_length=60)
    standing = django_filters.ChoiceFilter(choices=STANDINGS, method="by_standing")
    department = django_filters.NumberFilter(field_name="department", **KEYS)
    worker = django_filters.NumberFilter(field_name="responsible", **KEYS)
    worker_name = django_filters.CharFilter(field_name="responsible__name", max_length=100)
    stage = django_filters.ChoiceFilter(choices=Stage.choices, method="by_stage")
    duty = django_filters.ChoiceFilter(choices=DUTIES, method="by_duty")
    contact = django_filters.ChoiceFilter(choices=CONTACTS, method="by_contact")
    closed = django_filters.ChoiceFilter(choices=CLOSED, method="by_closed")

    def __init__(self, data, queryset, *, today):
        self.today = today
        super().__init__(data, queryset)

    def filter_queryset(self, queryset):
        """Leaves out closed records unless the filter `closed` is set."""
        if not self.form.cleaned_data.get("closed"):
            queryset = queryset.filter(closed_on=None)
        return super().filter_queryset(queryset)

    def by_words(self, rows, name, value):
        return matching(rows, value)

    def by_standing(self, rows, name, value):
        active = in_force_condition(self.today)
        return rows.filter(active if value == "active" else ~active)

    def by_stage(self, rows, name, value):
        return rows.filter(pk__in=Cycle.objects.running().filter(stage=value).values("stakeholder"))

    def by_duty(self, rows, name, value):
        return overdue(rows, self.today)

    def by_contact(self, rows, name, value):
        if value == "never":
            return rows.filter(last_contact_on=None)
        days = self.today.day - 1 if value == "month" else int(value)
        return uncontacted_since(rows, self.today - timedelta(days=days))

    def by_closed(self, rows, name, value):
        return rows.exclude(closed_on=None) if value == "only" else rows


class TermFilter(StakeholderFilter):
    """For kinds with terms: adds a filter by the end of the last term: a number of days, "over" or "none"."""

    ends = django_filters.CharFilter(method="by_end", max_length=MAX_END_LENGTH)

    def by_end(self, rows, name, value):
        own = Term.objects.valid().filter(stakeholder=OuterRef("pk"))
        if value == "none":
            return rows.filter(~Exists(own))
        if value == "over":
            return rows.filter(Exists(own), ~Exists(own.filter(ends_from(self.today))))
        return ending_within(rows, self.today, int(value)) if value.isdecimal() else rows
