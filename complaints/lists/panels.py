"""Panels of complaints on My work and on a record, each from one query and only for users on the access list."""

from dataclasses import dataclass

from django.db.models import Case, F, OuterRef, Q, When

from complaints.lists import listing
from complaints.lists.listing import rows_of, with_due_key
from complaints.lists.waiting import held_by, held_condition, next_act_condition
from complaints.models import Complaint
from lists.query import encode
from relations.inner_rows import InnerRows, rows_as_objects
from reminders.calendar import workdays

MAX_SHOWN = 6
DEFERRED_FIELDS = (
    *listing.DEFERRED_FIELDS,
    "name",
    "contact",
)  # the panels show titles to head and handler only
ROW_FIELDS = (
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
    """Some complaints with their clocks, and the query string that lists all of them."""

    template: str
    rows: list
    more: bool
    query: str = ""


def panel_of_rows(template, cases, today, query=""):
    """A Panel of the first MAX_SHOWN of `cases` (a list, one longer than is shown), or None when it is empty."""
    if not cases:
        return None
    rows = rows_of(cases[:MAX_SHOWN], today, workdays.current_calendar())
    return Panel(template, rows, len(cases) > MAX_SHOWN, query)


def work_panel(user, today):
    """Complaints that `user` heads or handles: first what is overdue or waits for the user, then by due date."""
    rows = with_due_key(held_by(user))
    is_pressing = Case(When(Q(due_key__lt=today) | next_act_condition(user), then=True), default=False)
    held = rows.order_by(is_pressing.desc(), "due_key", "pk").defer(*DEFERRED_FIELDS)
    return panel_of_rows("complaints/_work_panel.html", list(held[: MAX_SHOWN + 1]), today)


class RecordPanel:
    """Complaints about one stakeholder that the user heads or handles, newest first.

    Other readers are not shown whom a complaint is about. The record page can fetch the rows with the record itself, by
    `annotations`.
    """

    name = "complaint_rows"

    def cases(self, user, stakeholder):
        held = Complaint.objects.visible_to(user).filter(held_condition(user), stakeholder=stakeholder)
        return held.order_by("-received_on", "-pk")[: MAX_SHOWN + 1]

    def annotations(self, user):
        fields = {name: F(name) for name in ROW_FIELDS}
        return {self.name: InnerRows(self.cases(user, OuterRef("pk")), **fields)}

    def panel(self, user, record, today):
        if hasattr(record, self.name):
            cases = [Complaint(**vars(row)) for row in rows_as_objects(getattr(record, self.name))]
        else:
            cases = list(self.cases(user, record.pk).defer(*DEFERRED_FIELDS))
        query = encode({"show": "all", "of": str(record.pk)})
        return panel_of_rows("complaints/_record_panel.html", cases, today, query)
