"""The list of complaints: rows with both clocks, views with their counts, and filters; complainants are masked."""

from datetime import date

from django.db.models import Case, DateField, Value, When
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from complaints.lists import filters
from complaints.models import (
    CLOCKS,
    RESPONSE,
    RESULT,
    Channel,
    ComplaintKind,
    Finding,
    PersonClass,
    State,
    Subject,
)
from complaints.models.case import ENDED
from lists.filters import Filter, Pill
from lists.paging import Order, capped_counts
from lists.query import without_names
from lists.sortable_headings import requested_order as name_of_order
from lists.tabs import Tab

NO_DAY = date(9999, 12, 31)
YEARS_OFFERED = 4
ORDERS = {
    "due": Order("due_key", date.fromisoformat),
    "-due": Order("due_key", date.fromisoformat, descending=True),
    "received": Order("received_on", date.fromisoformat),
    "-received": Order("received_on", date.fromisoformat, descending=True),
}
# Not shown in a row. Name and contact details are loaded, because the title is masked with them.
DEFERRED_FIELDS = ("statement", "opinion", "code_hash", "intake_key")
ALARM_VIEWS = ("overdue",)


def order_name(query):
    """The order of the list: views of open complaints by due date, others newest first, unless `query` sets one."""
    default = "due" if query.get("show", "") in filters.OPEN_VIEWS else "-received"
    return name_of_order(query, ORDERS, default)


def with_due_key(rows):
    """Adds `due_key`: the next due date that is not met; NO_DAY where no clock runs."""
    rows = rows.with_next_due()
    runs = When(paused_on=None, then=Coalesce("next_due_on", Value(NO_DAY, output_field=DateField())))
    stands = When(state__in=ENDED, then=Value(NO_DAY, output_field=DateField()))
    key = Case(stands, runs, default=Value(NO_DAY, output_field=DateField()), output_field=DateField())
    return rows.annotate(due_key=key)


class Clock:
    """One clock of a row, as its chip shows it; `is_shown` is False when there is nothing to show."""

    def __init__(self, case, name, today, calendar):
        self.words = {RESPONSE: _("初步回复"), RESULT: _("处理结果")}[name]
        self.due_on, self.met_on = getattr(case, f"{name}_due_on"), getattr(case, f"{name}_met_on")
        self.is_shown = bool(self.met_on or (self.due_on and case.is_open))
        self.left = calendar.working_days_between(today, self.due_on) if self.due_on else None
        self.is_provisional = bool(self.due_on) and calendar.is_provisional(self.due_on)
        self.is_paused = case.paused_on is not None
        self.was_late = bool(self.met_on and self.due_on and self.met_on > self.due_on)


class Row:
    """One complaint as the list shows it."""

    def __init__(self, case, today, calendar):
        self.case = case
        self.response, self.result = (Clock(case, name, today, calendar) for name in CLOCKS)

    @property
    def next(self):
        """The clock that is due next, or None when none is running."""
        running = [one for one in (self.response, self.result) if one.is_shown and not one.met_on]
        return min(running, key=lambda one: one.due_on, default=None)


def rows_of(cases, today, calendar):
    return [Row(case, today, calendar) for case in cases]


def tabs():
    """One tab for each of VIEWS."""
    return [
        Tab(label, {"show": show} if show else {}, is_alarm=show in ALARM_VIEWS)
        for show, label in filters.VIEWS.items()
    ]


def counts_of(user, visible, query, today):
    """{view: number of complaints}, and as "shown" the number in the list; one query."""
    counted = {show: filters.filter_view(show, visible, user, today) for show in filters.VIEWS}
    counted["shown"] = filters.apply_filters(visible, query, user, today)
    return capped_counts(counted)


def bar_filters(query, today):
    """The filters of the bar; those marked `by_figure` are shown only when a figure of the board has set them."""
    by_figure = {"only_when_on": True}
    return [
        Filter("kind", _("种类"), ComplaintKind.choices),
        Filter("subject", _("方面"), Subject.choices),
        Filter("channel", _("途径"), Channel.choices),
        Filter("person", _("反映人身份"), PersonClass.choices),
        Filter("state", _("状态"), State.choices),
        Filter("year", _("年份"), years(today)),
        Filter("satisfied", _("是否满意"), filters.SATISFIED),
        Filter("finding", _("是否属实"), Finding.choices),
        Filter("personnel", _("人事"), filters.PERSONNEL, **by_figure),
        Filter("secret", _("保密"), filters.SECRET),
        Filter(RESPONSE, _("回应期限"), clock_choices(_("已回应"), _("初步回复")), **by_figure),
        Filter(RESULT, _("结果期限"), clock_choices(_("已答复结果"), _("处理结果")), **by_figure),
        Filter("repeated", _("同类"), filters.REPEATED, **by_figure),
        Pill("period", _("收到"), period_words(query), ("since", "until")),
    ]


def years(today):
    offered = range(today.year, today.year - YEARS_OFFERED, -1)
    return [(str(year), _("%(year)s年收到") % {"year": year}) for year in offered]


def clock_choices(met, what):
    words = {"what": what}
    return [
        (filters.ANSWERED, met),
        ("in_time", _("%(what)s按时") % words),
        ("late", _("%(what)s晚了") % words),
        ("waiting", _("%(what)s还没到期") % words),
    ]


def period_words(query):
    """The period of receipt that a figure has set, as text: 2026-01-01至2026-03-31收到; "" without one."""
    first, last = (query.get(name, "")[:10] for name in ("since", "until"))
    return _("%(first)s至%(last)s收到") % {"first": first, "last": last} if first or last else ""


def removable_conditions(conditions):
    """The conditions of the query string beyond the view, which 清除筛选 removes."""
    return without_names(conditions, "show")
