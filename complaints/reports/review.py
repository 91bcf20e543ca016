"""The half-yearly review of opinions and complaints (R127, R167): a Report on those visible to the user."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import date

from django.db.models import Count, Q

from complaints.lists import filters
from complaints.lists.filters import YEARS, clock_state
from complaints.models import RESPONSE, RESULT, Complaint, ComplaintKind, Finding, Improvement, State, Subject
from complaints.reports import figures as board
from lists.paging import capped_counts
from relations.duties.periods import Span, period_of
from relations.models import Period

REVIEW_FILTERS = {"repeated": {"repeated": "yes"}, "silent": {"satisfied": "none"}}


@dataclass(frozen=True)
class ClockResults:
    """The results of one clock: number in time, late, not due yet."""

    in_time: int
    late: int
    waiting: int

    @property
    def percent(self):
        """The share in time of those due, in whole per cent, rounded down so that 100 means all; None without any."""
        due = self.in_time + self.late
        return self.in_time * 100 // due if due else None


@dataclass
class Report:
    """The figures of the complaints received in `span`; `by_subject` is {Subject: Counter by kind and finding}."""

    span: Span
    by: dict
    states: Counter
    response: ClockResults
    result: ClockResults
    taken: tuple
    by_subject: dict = field(default_factory=dict)
    measures: dict = field(default_factory=dict)
    repeated: int = 0
    silent: int = 0

    @property
    def total(self):
        return sum(self.states.values())

    @property
    def not_processed(self):
        return self.states[State.NOT_PROCESSED]

    @property
    def void(self):
        return self.states[State.VOID]

    @property
    def processed(self):
        """The number of complaints handled: neither only registered nor registered in error."""
        return self.total - self.not_processed - self.void


def parse_half_year(text, today):
    """The half-year of the query string (2026-1, 2026-2); the last completed one when it is missing or unreadable."""
    year, _dash, half = (text or "").partition("-")
    is_year = year.isascii() and year.isdigit() and len(year) == len("2026") and int(year) in YEARS
    if is_year and half in ("1", "2"):
        return period_of(Period.HALF, date(int(year), 1 if half == "1" else 7, 1))
    return previous_half_year(period_of(Period.HALF, today))


def previous_half_year(span):
    """The half-year before `span`."""
    first = span.starts_on
    return period_of(Period.HALF, date(first.year, 1, 1) if first.month > 1 else date(first.year - 1, 7, 1))


def half_year_text(span):
    """The half-year as in the query string: 2026-1."""
    return f"{span.starts_on.year}-{1 if span.starts_on.month == 1 else 2}"


def report(user, span, today, calendar):
    """The Report of the half-year `span`, from seven queries whatever the number of complaints."""
    cases = Complaint.objects.visible_to(user).received_in(span.starts_on, span.ends_on)
    worked = cases.exclude(state__in=(State.NOT_PROCESSED, State.VOID))
    response, result = clock_results(worked, today)
    return Report(
        span=span,
        by=board.counts_by_class(worked),
        states=Counter(dict(cases.order_by().values_list("state").annotate(Count("pk")))),
        response=response,
        result=result,
        taken=board.durations(worked, calendar),
        by_subject=by_subject(worked),
        measures=measures(cases, today),
        **capped_counts(
            {
                name: filters.apply_filters(worked, {"show": "all"} | own, user, today)
                for name, own in REVIEW_FILTERS.items()
            }
        ),
    )


def clock_results(cases, today):
    """The ClockResults of both clocks, from one query."""
    rows = (
        cases.order_by()
        .annotate(first=clock_state(RESPONSE, today), second=clock_state(RESULT, today))
        .values_list("first", "second")
        .annotate(number=Count("pk"))
    )
    first, second = Counter(), Counter()
    for one, two, number in rows:
        first[one] += number
        second[two] += number
    return tuple(ClockResults(each["in_time"], each["late"], each["waiting"]) for each in (first, second))


def by_subject(cases):
    """{subject: Counter of kinds and findings}, for every subject, from one query."""
    rows = cases.order_by().values_list("subject", "kind", "finding").annotate(number=Count("pk"))
    counts = {subject: Counter() for subject in Subject.values}
    for subject, kind, finding, number in rows:
        counts[subject]["total"] += number
        counts[subject][kind] += number
        counts[subject][finding] += number
    return counts


def measures(cases, today):
    """The measures of these complaints: how many in total, done, overdue, checked, and with a recurrence."""
    return Improvement.objects.filter(complaint__in=cases.values("pk")).aggregate(
        total=Count("pk"),
        done=Count("pk", filter=Q(done_on__isnull=False)),
        overdue=Count("pk", filter=Q(done_on=None, due_on__lt=today)),
        checked=Count("pk", filter=Q(checked_on__isnull=False)),
        recurred=Count("pk", filter=Q(has_recurred=True)),
    )


def rows_by_subject(found):
    """(label, [total, suggestions, complaints, praise, true, partly, untrue]) of each subject, for the table."""
    order = ("total", *ComplaintKind.values, *Finding.values)
    return [
        (Subject(subject).label, [by[name] for name in order]) for subject, by in found.by_subject.items()
    ]
