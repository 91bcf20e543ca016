"""What complaints show in other rooms, each from one statement and only to those on the list."""

from dataclasses import dataclass

from complaints.listing import UNREAD, rows_of, with_due_key
from complaints.models import Complaint
from complaints.waiting import held_by
from employers.listing import address
from relations import panels
from reminders import workdays

SHOWN = 6


@dataclass(frozen=True)
class Panel:
    """Some complaints with their clocks, and the address of all of them."""

    template: str
    rows: list
    more: bool
    query: str = ""


def of_rows(template, cases, today, query=""):
    """A Panel of the first of `cases`, or None when there is none."""
    found = list(cases.defer(*UNREAD)[: SHOWN + 1])
    if not found:
        return None
    rows = rows_of(found[:SHOWN], today, workdays.current())
    return Panel(template, rows, len(found) > SHOWN, query)


def on_work(user, today):
    """What one heads or handles, next due first."""
    return of_rows(
        "complaints/_work_panel.html", with_due_key(held_by(user)).order_by("due_key", "pk"), today
    )


def on_record(user, stakeholder, today):
    """What is known of one stakeholder, newest first."""
    cases = Complaint.objects.visible_to(user).filter(stakeholder=stakeholder.pk)
    query = address({"show": "all", "of": str(stakeholder.pk)})
    return of_rows("complaints/_record_panel.html", cases.order_by("-received_on", "-pk"), today, query)


panels.ON_WORK.append(on_work)
panels.ON_RECORD.append(on_record)
