"""待我审批: the requests of all matters that wait for one user, and the lists shown next to them."""

from dataclasses import dataclass
from datetime import date
from functools import reduce
from operator import or_

from django.db.models import Count, Exists, OuterRef, Q
from django.utils import timezone

from accounts.approvals.asking import Days, asked_of
from accounts.approvals.engine import visible_to
from accounts.approvals.matters import gather, matter_of
from accounts.approvals.models import Sheet, Step
from accounts.approvals.registers import CALENDAR, MATTERS

SIZE = 50
OTHERS = LATELY = 30


@dataclass(frozen=True)
class Row:
    """A request as shown in the inbox; `waited` counts working days, `step` is None in the two lower lists."""

    sheet: Sheet
    title: str
    matter: str
    href: str
    step: Step | None = None
    waited: int = 0
    due_on: date | None = None
    is_overdue: bool = False


def related(prefix=""):
    """Returns the paths for select_related that the titles of all matters read from a request."""
    paths = [
        "asked_by",
        "about",
        "decided_by",
        *(path for matter in MATTERS.values() for path in matter.related),
    ]
    return [f"{prefix}{path}" for path in paths]


def waiting(user, matter=""):
    """Returns the steps that wait for `user`, oldest first, as a queryset; of one matter only, if given."""
    steps = asked_of(user, Days.of())
    if matter:
        steps = steps.filter(sheet__matter=matter)
    return steps.order_by("asked_on", "pk")


def matters_of(user):
    """Returns how many requests of each matter wait for `user`: a list of (name, label, number)."""
    counts = waiting(user).order_by().values_list("sheet__matter").annotate(number=Count("pk"))
    numbers = dict(counts)
    return [(name, matter.label, numbers[name]) for name, matter in MATTERS.items() if name in numbers]


@dataclass(frozen=True)
class Page:
    """One page of the inbox; `more` says whether another follows."""

    rows: list
    others: list
    lately: list
    more: bool


def page(user, *, matter="", number=1):
    """Returns page `number` (from 1) of what waits for `user`; the two other lists are on the first page only."""
    start = (number - 1) * SIZE
    steps = waiting(user, matter).select_related("sheet", *related("sheet__"))
    rows = list(steps[start : start + SIZE + 1])
    others, lately = ([], []) if number > 1 else beside(user, matter)
    gather([*(step.sheet for step in rows), *others, *lately])
    today = timezone.localdate()
    return Page(
        [row_of(step.sheet, today, step) for step in rows[:SIZE]],
        [row_of(sheet, today) for sheet in others],
        [row_of(sheet, today) for sheet in lately],
        len(rows) > SIZE,
    )


def beside(user, matter):
    """Returns the newest open requests that wait for other users (oldest of them first), and those closed last."""
    listed = listed_for(user)
    if matter:
        listed = listed.filter(matter=matter)
    listed = listed.select_related(*related())
    mine = Exists(asked_of(user, Days.of()).filter(sheet=OuterRef("pk")))
    others = list(listed.open().filter(~mine).order_by("-pk")[:OTHERS])[::-1]
    return others, list(listed.exclude(state=Sheet.State.OPEN).order_by("-decided_at", "-pk")[:LATELY])


def listed_for(user):
    """Returns the requests visible to `user` that concern them."""
    return visible_to(user).filter(
        reduce(or_, (Q(matter=name) & matter.listed_for(user) for name, matter in MATTERS.items()))
    )


def row_of(sheet, today, step=None):
    matter = matter_of(sheet)
    waited = CALENDAR["working_days"].between(step.asked_on, today) if step else 0
    due_on = step.due_on if step else None
    return Row(
        sheet,
        matter.title(sheet),
        matter.label,
        matter.page(sheet),
        step,
        waited,
        due_on,
        bool(due_on and due_on < today),
    )
