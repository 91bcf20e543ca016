"""What the person is promised: until when which answer comes, and why just then, day by day (R139, R148, R160)."""

from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext_lazy

from complaints import clocks
from complaints.models import Complaint
from reminders.day_strip import explanation, strip_days
from reminders.models import Parameter
from reminders.workdays import Calendar

LABELS = {clocks.RESPONSE: gettext_lazy("初步回复"), clocks.RESULT: gettext_lazy("处理结果")}


@dataclass(frozen=True)
class Promise:
    """One of the two dates. `left` is in working days, negative once it has passed; `days` is for the day strip."""

    clock: str
    label: str
    due_on: date
    met_on: date | None
    is_provisional: bool
    left: int
    days: list
    sentence: str


def of_today(today):
    """The promises to somebody who sends the form today."""
    case = Complaint(received_on=today, counted_from=today)
    calendar = Calendar.load()
    clocks.wind(case, Parameter.objects.values_on(today), calendar)
    return of_case(case, today, calendar)


def of_case(case, today, calendar=None):
    """The promises of a complaint; an empty list when it is registered and not processed."""
    if case.response_due_on is None:
        return []
    calendar = calendar or Calendar.load()
    numbers = Parameter.objects.values_on(case.received_on)
    return [promise(case, clock, numbers, calendar, today) for clock in clocks.CLOCKS]


def promise(case, clock, numbers, calendar, today):
    due_on = getattr(case, f"{clock}_due_on")
    notes = clocks.notes_of(case, clock, numbers, calendar)
    return Promise(
        clock=clock,
        label=LABELS[clock],
        due_on=due_on,
        met_on=getattr(case, f"{clock}_met_on"),
        is_provisional=calendar.is_provisional(due_on),
        left=calendar.working_days_between(today, due_on),
        days=strip_days(notes, due=(due_on,)),
        sentence=explanation(notes),
    )


def next_of(promises):
    """The first that still waits for an answer, or None."""
    return next((each for each in promises if each.met_on is None), None)
