"""The filters of the list of duties: read from the query string, and used for every figure of the dashboard too.

`from` and `to` limit the due date of a duty, both included.
"""

from dataclasses import dataclass, fields, replace
from datetime import date

from django.db.models import BigIntegerField, CharField, Q, Value
from django.db.models.functions import Cast
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.days import parse_day, year_day_words
from accounts.keys import parse_key
from accounts.models import Department, User
from accounts.roles import Scope, Tier
from lezhi.dashboard.figures import NOBODY, in_department
from lists.filters import Filter, Pill
from lists.paging import Order
from lists.query import encode
from lists.tabs import Tab
from relations.models import CadenceRule, Stakeholder
from relations.search.index import matching

STATES = {
    "met": gettext_lazy("已完成"),
    "overdue": gettext_lazy("没按期完成"),
    "open": gettext_lazy("未到期"),
    "counted": gettext_lazy("已完成或已到期"),
}
NONE = "none"
MAX_WORKER_CHOICES = 60  # with more people, the user has to choose the department first
IN_ADDRESS = {"first": "from", "last": "to"}
OLDEST_FIRST = Order("due_on", date.fromisoformat)
NEWEST_FIRST = Order("due_on", date.fromisoformat, descending=True)


@dataclass(frozen=True)
class DutyFilters:
    """The filters of the list; None or empty means "any", NOBODY means "without one"."""

    q: str = ""
    state: str = ""
    rule: str = ""
    tier: str = ""
    department: int | None = None
    worker: int | None = None
    first: date | None = None
    last: date | None = None

    @property
    def order(self):
        """Oldest first for duties that are not met, else newest first."""
        return OLDEST_FIRST if self.state in ("overdue", "open") else NEWEST_FIRST

    def in_state(self, state):
        return replace(self, state=state)

    @property
    def values(self):
        """The filters as in the query string: {name: text}."""
        values = {item.name: getattr(self, item.name) for item in fields(self)}
        written = {IN_ADDRESS.get(name, name): text_of(name, value) for name, value in values.items()}
        return {name: text for name, text in written.items() if text}

    def query(self):
        return encode(self.values)

    def link(self, **changes):
        """The URL of the list with these filters, some of them replaced by `changes`."""
        return link_to(replace(self, **changes).values)


def link_to(values):
    """The URL of the list with `values` ({name: text}) as query string."""
    return f"{reverse('duties')}?{encode(values)}"


def text_of(name, value):
    if value is None or value == "":
        return ""
    return NONE if value == NOBODY and name in ("department", "worker") else str(value)


def parse_filters(data):
    """Reads the filters from `data` (the query string); ignores unreadable values."""
    state, tier = data.get("state", ""), data.get("tier", "")
    return DutyFilters(
        q=data.get("q", "").strip()[:60],
        state=state if state in STATES else "",
        rule=data.get("rule", "")[:40],
        tier=tier if tier in Tier.values else "",
        department=parse_optional_key(data.get("department", "")),
        worker=parse_optional_key(data.get("worker", "")),
        first=parse_day(data.get("from", "")),
        last=parse_day(data.get("to", "")),
    )


def parse_optional_key(text):
    if text == NONE:
        return NOBODY
    return parse_key(text) or None


def in_state(state, today):
    """The condition (Q) of a state on `today`. A met duty was met within its period, so no duty is met late."""
    return {
        "": Q(),
        "met": Q(met_on__isnull=False),
        "open": Q(met_on=None, due_on__gte=today),
        "overdue": Q(met_on=None, due_on__lt=today),
        "counted": Q(met_on__isnull=False) | Q(due_on__lt=today),
    }[state]


def state_of(duty, today):
    if duty.met_on:
        return "met"
    return "overdue" if duty.due_on < today else "open"


def apply_filters(duties, wanted, today):
    """Filters `duties` (already limited to what the user may see) by `wanted`, a DutyFilters."""
    rows = in_department(duties.filter(in_state(wanted.state, today)), wanted.department)
    if wanted.rule:
        rows = rows.filter(rule__in=CadenceRule.objects.filter(code=wanted.rule))
    if wanted.tier:
        rows = rows.filter(rule__in=CadenceRule.objects.filter(tier=wanted.tier))
    if wanted.worker is not None:
        rows = rows.filter(owner=wanted.worker or None)
    if wanted.first:
        rows = rows.filter(due_on__gte=wanted.first)
    if wanted.last:
        rows = rows.filter(due_on__lte=wanted.last)
    if wanted.q:
        rows = rows.filter(stakeholder__in=matching(Stakeholder.objects.all(), wanted.q).values("pk"))
    return rows


def filter_choices(user, wanted):
    """The choices of the filters, in one query: {"rule": [(value, label)], "department": ..., "worker": ...}."""
    text = CharField()

    def part(kind, rows, value, label):
        marks = {"offer": Value(kind, output_field=text), "value": value, "label": Cast(label, text)}
        return rows.order_by().annotate(**marks).values_list("offer", "value", "label", "place")

    number = Cast("pk", text)
    none = Value(0, output_field=BigIntegerField())
    rules = CadenceRule.objects.exclude(period="as_needed").annotate(
        place=Cast("position", BigIntegerField())
    )
    departments = (
        Department.objects.all()
        if user.widest_scope == Scope.ALL
        else Department.objects.filter(pk=user.department_id)
    )
    people = User.objects.visible_to(user).filter(responsible_users(user, wanted))
    departments, people = departments.annotate(place=none), people.annotate(place=none)
    choices = part("rule", rules, Cast("code", text), "name").union(
        part("department", departments, number, "name"), part("worker", people, number, "name")
    )
    sorted_into = {"rule": [], "department": [], "worker": []}
    for kind, value, label, _place in sorted(choices, key=lambda row: (row[3], row[2])):
        sorted_into[kind].append((value, label))
    if len(sorted_into["worker"]) > MAX_WORKER_CHOICES:
        sorted_into["worker"] = [pair for pair in sorted_into["worker"] if pair[0] == str(wanted.worker)]
    return sorted_into


def responsible_users(user, wanted):
    """The condition (Q) of users who may have duties: of the chosen or the user's own department, or of the centre."""
    department = wanted.department or (user.widest_scope != Scope.ALL and user.department_id)
    active = Q(is_active=True, tier_mask__gt=0)
    return (active & Q(department=department) if department else active) | Q(pk=wanted.worker or 0)


def bar_filters(wanted, offers):
    """The filters of the filter bar; `offers` is the result of `filter_choices`."""
    none = (NONE, _("没有"))
    return [
        filter_of("rule", _("事项"), list(dict(offers["rule"]).items())),
        filter_of("tier", _("对接人员"), Tier.choices),
        filter_of("department", _("部门"), [*offers["department"], none]),
        filter_of("worker", _("负责人"), [*offers["worker"], none]),
        Pill("period", _("期限"), days_words(wanted.first, wanted.last), ("from", "to")),
    ]


def filter_of(name, label, choices):
    """A filter whose pill also shows a value that is not among `choices`: a rule that ended, a user who has left."""
    return Filter(name, label, choices, words={NONE: _("没有%(what)s") % {"what": label}}, shows_any=True)


def days_words(first, last):
    """Text such as 2026年1月1日—2026年12月31日到期; empty without days."""
    if not (first or last):
        return ""
    words = [year_day_words(day) if day else "" for day in (first, last)]
    return _("%(days)s到期") % {"days": "—".join(words)}


def tabs(wanted):
    """One tab for each of `visible_states`, with the other filters unchanged."""
    labels = STATES | {"": _("全部")}
    return [
        Tab(labels[state], wanted.in_state(state).values, is_alarm=state == "overdue")
        for state in visible_states(wanted)
    ]


def visible_states(wanted):
    """The states that have a tab; `counted` only when the user came from a figure that counts it."""
    states = ["", "met", "overdue", "open"]
    return [*states, "counted"] if wanted.state == "counted" else states
