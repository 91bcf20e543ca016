"""待我审批: the requests of all matters that wait for one user, and the lists shown next to them."""

from dataclasses import dataclass
from datetime import date
from functools import reduce
from operator import or_

from django.db.models import Count, Q
from django.db.models.expressions import RawSQL
from django.utils import timezone

from accounts.approvals.assignment import Days, steps_waiting_for
from accounts.approvals.engine import visible_sheets
from accounts.approvals.matters import matter_of, with_prefetched_details
from accounts.approvals.models import Sheet, Step
from accounts.approvals.registers import CALENDAR, MATTERS
from accounts.query_cache import PreparedSql, sql_of_pks

PAGE_SIZE = 50
MAX_OTHERS = MAX_RECENT = 30


@dataclass(frozen=True)
class InboxRow:
    """A request as shown in the inbox; `waited` counts working days, `step` is None in the two lower lists."""

    sheet: Sheet
    title: str
    matter: str
    href: str
    step: Step | None = None
    waited: int = 0
    due_on: date | None = None
    is_overdue: bool = False


def related_paths(prefix=""):
    """Returns the paths for select_related that the titles of all matters read from a request."""
    paths = [
        "asked_by",
        "about",
        "decided_by",
        *(path for matter in MATTERS.values() for path in matter.related),
    ]
    return [f"{prefix}{path}" for path in paths]


WAITING_PKS = PreparedSql(
    lambda user, today, settled: sql_of_pks(steps_waiting_for(user, Days(today, settled)).values("pk"))
)


def waiting_for(user):
    """The same steps as `steps_waiting_for`, as a queryset whose condition is compiled once for equal roles."""
    days = Days.for_day()
    sql = WAITING_PKS(user, today=days.today, settled=days.established)
    return Step.objects.filter(pk__in=RawSQL(*sql))  # noqa: S611  compiled by Django


def waiting_steps(user, matter=""):
    """Returns the steps that wait for `user`, oldest first, as a queryset; of one matter only, if given."""
    steps = waiting_for(user)
    if matter:
        steps = steps.filter(sheet__matter=matter)
    return steps.order_by("asked_on", "pk")


def waiting_by_matter(user):
    """Returns how many requests of each matter wait for `user`: a list of (name, label, number)."""
    counts = waiting_steps(user).order_by().values_list("sheet__matter").annotate(number=Count("pk"))
    numbers = dict(counts)
    return [(name, matter.label, numbers[name]) for name, matter in MATTERS.items() if name in numbers]


@dataclass(frozen=True)
class InboxPage:
    """One page of the inbox; `more` says whether another follows."""

    rows: list
    others: list
    lately: list
    more: bool


def inbox_page(user, *, matter="", number=1):
    """Returns page `number` (from 1) of what waits for `user`; the two other lists are on the first page only."""
    start = (number - 1) * PAGE_SIZE
    steps = waiting_steps(user, matter).select_related("sheet", *related_paths("sheet__"))
    rows = list(steps[start : start + PAGE_SIZE + 1])
    others, lately = ([], []) if number > 1 else other_sheets(user, matter)
    with_prefetched_details([*(step.sheet for step in rows), *others, *lately])
    today = timezone.localdate()
    return InboxPage(
        [inbox_row(step.sheet, today, step) for step in rows[:PAGE_SIZE]],
        [inbox_row(sheet, today) for sheet in others],
        [inbox_row(sheet, today) for sheet in lately],
        len(rows) > PAGE_SIZE,
    )


def other_sheets(user, matter):
    """Returns the newest open requests that wait for other users (oldest of them first), and those closed last."""
    listed = listed_for(user)
    if matter:
        listed = listed.filter(matter=matter)
    listed = listed.select_related(*related_paths())
    elsewhere = listed.open().exclude(pk__in=waiting_for(user).values("sheet"))
    others = list(elsewhere.order_by("-pk")[:MAX_OTHERS])[::-1]
    return others, list(listed.exclude(state=Sheet.State.OPEN).order_by("-decided_at", "-pk")[:MAX_RECENT])


def listed_for(user):
    """Returns the requests visible to `user` that concern them."""
    return visible_sheets(user).filter(
        reduce(or_, (Q(matter=name) & matter.listed_for(user) for name, matter in MATTERS.items()))
    )


def inbox_row(sheet, today, step=None):
    matter = matter_of(sheet)
    waited = CALENDAR["working_days"].between(step.asked_on, today) if step else 0
    due_on = step.due_on if step else None
    return InboxRow(
        sheet,
        matter.title(sheet),
        matter.label,
        matter.page(sheet),
        step,
        waited,
        due_on,
        bool(due_on and due_on < today),
    )
