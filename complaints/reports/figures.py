"""The figures of the board, counted in the database over the complaints visible to the user (R127, R151, R167).

Each figure is defined by the filters of the list, so that its link opens exactly the complaints it counts.
"""

from collections import Counter
from dataclasses import dataclass, field

from django.db.models import Count
from django.db.models.functions import ExtractMonth, ExtractYear, TruncDate

from complaints.lists import filters
from complaints.lists.filters import clock_state
from complaints.models import RESPONSE, Complaint
from lists.paging import capped_counts
from reminders.clock import SHANGHAI

TILES = ("open", "week", "overdue", "all")
CLASSES = ("kind", "subject", "channel", "person_class", "is_satisfied", "finding")


@dataclass(frozen=True)
class Durations:
    """Durations in working days: how many, the median, the longest."""

    count: int = 0
    median: int = 0
    longest: int = 0


@dataclass
class Figures:
    """All figures of the board. `by` holds a Counter for each of CLASSES; `months` is {(year, month): Counter}."""

    now: dict
    by: dict = field(default_factory=dict)
    months: dict = field(default_factory=dict)
    response: Durations = Durations()
    result: Durations = Durations()
    repeated: int = 0
    handed_over: Durations = Durations()

    @property
    def total(self):
        return sum(self.by["kind"].values())


def figures(user, today, calendar, year=None):
    """The Figures of the complaints received in `year` (None: all years); `now` counts open ones of any year."""
    visible = Complaint.objects.visible_to(user)
    received = visible.filter(received_on__year=year) if year else visible
    repeated = filters.apply_filters(received, {"show": "all", "repeated": "yes"}, user, today)
    counted = {show: filters.filter_view(show, visible, user, today) for show in TILES}
    now = capped_counts(counted | {"repeated": repeated})
    result = Figures({show: now[show] for show in TILES}, repeated=now["repeated"])
    result.by = counts_by_class(received)
    result.months = counts_by_month(received, today)
    result.response, result.result, result.handed_over = durations(received, calendar)
    return result


def counts_by_class(cases):
    """{class: Counter of its values}, from one query."""
    rows = cases.order_by().values_list(*CLASSES).annotate(number=Count("pk"))
    counts = {name: Counter() for name in CLASSES}
    for *values, number in rows:
        for name, value in zip(CLASSES, values, strict=True):
            counts[name][value] += number
    return counts


def counts_by_month(cases, today):
    """{(year, month of receipt): Counter of the states of the response clock}, from one query."""
    rows = (
        cases.order_by()
        .annotate(y=ExtractYear("received_on"), m=ExtractMonth("received_on"), s=clock_state(RESPONSE, today))
        .values_list("y", "m", "s")
        .annotate(number=Count("pk"))
    )
    counts = {}
    for year, month, stands, number in rows:
        counts.setdefault((year, month), Counter())[stands] += number
    return counts


def durations(cases, calendar):
    """The Durations from the receipt to first reply, result and hand-over (R145); one query."""
    handed = TruncDate("handed_over_at", tzinfo=SHANGHAI)
    days = ("received_on", "response_met_on", "result_met_on", "handed_on")
    rows = cases.order_by().annotate(handed_on=handed).values_list(*days).annotate(number=Count("pk"))
    spent = (Counter(), Counter(), Counter())
    for received, *met, number in rows:
        for counter, day in zip(spent, met, strict=True):
            if day:
                counter[calendar.working_days_between(received, day)] += number
    return tuple(map(durations_of_counts, spent))


def durations_of_counts(spent):
    """The Durations of a Counter {days: number of complaints}."""
    total = sum(spent.values())
    if not total:
        return Durations()
    passed = 0
    for days in sorted(spent):
        passed += spent[days]
        if passed * 2 >= total:
            break
    return Durations(total, days, max(spent))
