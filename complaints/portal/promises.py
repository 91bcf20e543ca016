"""The dates promised to the complainant, each explained day by day (R139, R148, R160)."""

from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext_lazy

from complaints.clocks import deadlines as clocks
from complaints.models import Complaint
from reminders.calendar.day_strip import explanation, strip_days
from reminders.calendar.workdays import Calendar
from reminders.models import Parameter

LABELS = {clocks.RESPONSE: gettext_lazy("初步回复"), clocks.RESULT: gettext_lazy("处理结果")}


@dataclass(frozen=True)
class PromisedDate:
    """One of the two promised dates. `left` is in working days, negative once it has passed.

    `days` is for the day strip; empty when the strip of the later date includes them.
    """

    clock: str
    label: str
    due_on: date
    met_on: date | None
    is_provisional: bool
    left: int
    days: list
    sentence: str


def promises_of_today(today):
    """The promised dates of a form submitted today."""
    case = Complaint(received_on=today, counted_from=today)
    calendar = Calendar.load()
    clocks.recalculate(case, Parameter.objects.values_on(today), calendar)
    return promises_of_case(case, today, calendar)


def promises_of_case(case, today, calendar=None):
    """The promised dates of a complaint; an empty list when it is registered and not processed."""
    if case.response_due_on is None:
        return []
    calendar = calendar or Calendar.load()
    numbers = Parameter.objects.values_on(case.received_on)
    notes = {clock: clocks.explain_clock(case, clock, numbers, calendar) for clock in clocks.CLOCKS}
    strips = strips_of(case, notes)
    return [promise(case, clock, notes[clock], strips[clock], calendar, today) for clock in clocks.CLOCKS]


def strips_of(case, notes):
    """The days of both clocks for the day strip; the first strip is empty where the second one includes its days."""
    first, second = notes[clocks.RESPONSE], notes[clocks.RESULT]
    due = (case.response_due_on, case.result_due_on)
    is_shown_there = first[0] == second[0] and due[0] <= due[1]
    return {
        clocks.RESPONSE: [] if is_shown_there else strip_days(first, due=due[:1]),
        clocks.RESULT: strip_days(second, due=due if is_shown_there else due[1:]),
    }


def promise(case, clock, notes, days, calendar, today):
    due_on = getattr(case, f"{clock}_due_on")
    return PromisedDate(
        clock=clock,
        label=LABELS[clock],
        due_on=due_on,
        met_on=getattr(case, f"{clock}_met_on"),
        is_provisional=calendar.is_provisional(due_on),
        left=calendar.working_days_between(today, due_on),
        days=days,
        sentence=explanation(notes),
    )


def next_promise(promises):
    """The first promised date that is not met, or None."""
    return next((each for each in promises if each.met_on is None), None)
