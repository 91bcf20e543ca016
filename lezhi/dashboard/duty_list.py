"""Which duties a list shows: the one reading of the address, behind every figure of the dashboard and in the list.

`from` and `to` are about the day a duty is due, both included.
"""

from dataclasses import dataclass, fields, replace
from datetime import date

from django.db.models import BigIntegerField, CharField, Q, Value
from django.db.models.functions import Cast
from django.urls import reverse
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.days import year_day_words
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
MAX_WORKER_CHOICES = 60  # people; beyond, one chooses the department first
IN_ADDRESS = {"first": "from", "last": "to"}
OLDEST_FIRST = Order("due_on", date.fromisoformat)
NEWEST_FIRST = Order("due_on", date.fromisoformat, descending=True)


@dataclass(frozen=True)
class DutyFilters:
    """The filters of an address; None or empty stands for "any", NOBODY for "without one"."""

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
        """What is still to be done shows the oldest first."""
        return OLDEST_FIRST if self.state in ("overdue", "open") else NEWEST_FIRST

    def in_state(self, state):
        return replace(self, state=state)

    @property
    def values(self):
        """The filters as they stand in an address: {name: text}."""
        values = {item.name: getattr(self, item.name) for item in fields(self)}
        written = {IN_ADDRESS.get(name, name): text_of(name, value) for name, value in values.items()}
        return {name: text for name, text in written.items() if text}

    def query(self):
        return encode(self.values)

    def link(self, **changes):
        """The list with these filters and some of them changed."""
        return link_to(replace(self, **changes).values)


def link_to(values):
    """The list with the values of an address."""
    return f"{reverse('duties')}?{encode(values)}"


def text_of(name, value):
    if value is None or value == "":
        return ""
    return NONE if value == NOBODY and name in ("department", "worker") else str(value)


def parse_filters(data):
    """The filters in `data` (the address); a value nobody can read is passed over."""
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


def parse_day(text):
    try:
        return parse_date(text)
    except ValueError:
        return None


def in_state(state, today):
    """The condition of a state on `today`; a duty that is met was met in its period, so nothing is met late."""
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
    """`duties` (within somebody's sight) narrowed to what is wanted."""
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
    """What the filters offer, in one statement: {"rule": [(value, label)], "department": ..., "worker": ...}."""
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
        if user.scope == Scope.ALL
        else Department.objects.filter(pk=user.department_id)
    )
    people = User.objects.visible_to(user).filter(responsible_users(user, wanted))
    departments, people = departments.annotate(place=none), people.annotate(place=none)
    found = part("rule", rules, Cast("code", text), "name").union(
        part("department", departments, number, "name"), part("worker", people, number, "name")
    )
    sorted_into = {"rule": [], "department": [], "worker": []}
    for kind, value, label, _place in sorted(found, key=lambda row: (row[3], row[2])):
        sorted_into[kind].append((value, label))
    if len(sorted_into["worker"]) > MAX_WORKER_CHOICES:
        sorted_into["worker"] = [pair for pair in sorted_into["worker"] if pair[0] == str(wanted.worker)]
    return sorted_into


def responsible_users(user, wanted):
    """Those who may carry duties: of the department asked about, or of one's own, or of the whole centre."""
    department = wanted.department or (user.scope != Scope.ALL and user.department_id)
    active = Q(is_active=True, tier_mask__gt=0)
    return (active & Q(department=department) if department else active) | Q(pk=wanted.worker or 0)


def bar_filters(wanted, offers):
    """The filters of the bar; `offers` is what `offered` gave."""
    none = (NONE, _("没有"))
    return [
        filter_of("rule", _("事项"), list(dict(offers["rule"]).items())),
        filter_of("tier", _("对接人员"), Tier.choices),
        filter_of("department", _("部门"), [*offers["department"], none]),
        filter_of("worker", _("负责人"), [*offers["worker"], none]),
        Pill("period", _("期限"), days_words(wanted.first, wanted.last), ("from", "to")),
    ]


def filter_of(name, label, choices):
    """A filter whose pill also says what is not offered: a rule that was ended, somebody who has left."""
    return Filter(name, label, choices, words={NONE: _("没有%(what)s") % {"what": label}}, shows_any=True)


def days_words(first, last):
    """2026年1月1日—2026年12月31日到期; empty without days."""
    if not (first or last):
        return ""
    words = [year_day_words(day) if day else "" for day in (first, last)]
    return _("%(days)s到期") % {"days": "—".join(words)}


def tabs(wanted):
    """One tab for each state that `visible_states` names, under the other filters."""
    labels = STATES | {"": _("全部")}
    return [
        Tab(labels[state], wanted.in_state(state).values, is_alarm=state == "overdue")
        for state in visible_states(wanted)
    ]


def visible_states(wanted):
    """The states with a tab: that of met or due duties only when a figure led there."""
    states = ["", "met", "overdue", "open"]
    return [*states, "counted"] if wanted.state == "counted" else states
