"""The panels of complaints on My work and beside a record, each from one statement and only to those on the list."""

from dataclasses import dataclass

from django.db.models import Case, F, OuterRef, Q, When

from complaints.lists.listing import DEFERRED_FIELDS, rows_of, with_due_key
from complaints.lists.waiting import held_by, held_condition, next_act_condition
from complaints.models import Complaint
from lists.query import encode
from relations.inner_rows import InnerRows, rows_as_objects
from reminders.calendar import workdays

SHOWN = 6
OF_A_ROW = (
    "number",
    "title",
    "kind",
    "state",
    "received_on",
    "response_due_on",
    "response_met_on",
    "result_due_on",
    "result_met_on",
    "paused_on",
    "is_strictly_confidential",
)


@dataclass(frozen=True)
class Panel:
    """Some complaints with their clocks, and the address of all of them."""

    template: str
    rows: list
    more: bool
    query: str = ""


def of_rows(template, cases, today, query=""):
    """A Panel of the first of `cases` (a list, one longer than is shown), or None when there is none."""
    if not cases:
        return None
    rows = rows_of(cases[:SHOWN], today, workdays.current_calendar())
    return Panel(template, rows, len(cases) > SHOWN, query)


def on_work(user, today):
    """What one heads or handles: what is overdue or waits for oneself first, then the next due."""
    rows = with_due_key(held_by(user))
    is_pressing = Case(When(Q(due_key__lt=today) | next_act_condition(user), then=True), default=False)
    held = rows.order_by(is_pressing.desc(), "due_key", "pk").defer(*DEFERRED_FIELDS)
    return of_rows("complaints/_work_panel.html", list(held[: SHOWN + 1]), today)


class OnRecord:
    """What one heads or handles about one stakeholder, newest first; whoever only reads is not told whom it is about.

    Fetched with the record itself where that page provides it.
    """

    name = "complaint_rows"

    def cases(self, user, stakeholder):
        found = Complaint.objects.visible_to(user).filter(held_condition(user), stakeholder=stakeholder)
        return found.order_by("-received_on", "-pk")[: SHOWN + 1]

    def annotations(self, user):
        fields = {name: F(name) for name in OF_A_ROW}
        return {self.name: InnerRows(self.cases(user, OuterRef("pk")), **fields)}

    def panel(self, user, record, today):
        if hasattr(record, self.name):
            cases = [Complaint(**vars(row)) for row in rows_as_objects(getattr(record, self.name))]
        else:
            cases = list(self.cases(user, record.pk).defer(*DEFERRED_FIELDS))
        query = encode({"show": "all", "of": str(record.pk)})
        return of_rows("complaints/_record_panel.html", cases, today, query)
