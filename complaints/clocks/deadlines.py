"""The two clocks: 7 working days to respond, 14 to give the result (R139, R148), and what moves their due dates.

Day zero is the day of receipt (R440). The numbers of days are those of that day: a number changed on the rules page
moves no complaint received before. The due dates are stored; when the calendar changes, those of open complaints are
recalculated and the old date is stored in an act. Any real reply stops a clock, whatever the channel.
"""

from dataclasses import dataclass
from datetime import date

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from accounts.days import year_day_words
from accounts.stored_texts import stored_in_chinese
from complaints.acts.audit_log import append_act
from complaints.clocks import notices
from complaints.models import CLOCKS, RESPONSE, RESULT, ActKind, Complaint
from reminders.calendar.workdays import Calendar
from reminders.models import Parameter

DAYS = {RESPONSE: "complaint_response_days", RESULT: "complaint_result_days"}


@dataclass(frozen=True)
class Dates:
    """The due dates of both clocks, and whether one may still move as the holiday notice of its year is missing."""

    response_due_on: date
    result_due_on: date
    is_provisional: bool


def due_dates(case, numbers, calendar):
    """The Dates of `case` by `numbers` (the parameters of the day it was received) and `calendar`; makes no query."""
    due = {clock: case_date(case, clock, numbers, calendar) for clock in CLOCKS}
    provisional = any(
        follows_calendar(case, clock) and calendar.is_provisional(day) for clock, day in due.items()
    )
    return Dates(due[RESPONSE], due[RESULT], provisional)


def follows_calendar(case, clock):
    """Whether the calendar still determines the due date: the clock is not met, and no user has set another date."""
    return getattr(case, f"{clock}_met_on") is None and getattr(case, f"{clock}_extended_to") is None


def case_date(case, clock, numbers, calendar):
    extended = getattr(case, f"{clock}_extended_to")
    if extended:
        return extended
    return calendar.add_working_days(day_zero(case, clock, numbers), clock_length(case, clock, numbers))


def clock_length(case, clock, numbers):
    """The number of working days the clock runs, including its pauses."""
    return numbers[DAYS[clock]] + case.paused_days


def day_zero(case, clock, numbers):
    """The day from which a clock is counted: the receipt, or for the result the day the plan was told (R441)."""
    if clock == RESULT and numbers["complaint_result_from_told"] and case.planned_on:
        return case.planned_on
    return case.counted_from


def recalculate(case, numbers, calendar):
    """Sets the due dates of the clocks that are not met on `case` (unsaved). Returns {field: new value} of changes."""
    dates, changed = due_dates(case, numbers, calendar), {}
    for clock in CLOCKS:
        field = f"{clock}_due_on"
        if getattr(case, f"{clock}_met_on") is None and getattr(case, field) != getattr(dates, field):
            changed[field] = getattr(dates, field)
            setattr(case, field, changed[field])
    if case.is_provisional != dates.is_provisional:
        changed["is_provisional"] = case.is_provisional = dates.is_provisional
    return changed


def start_clocks(case, numbers, calendar):
    """Sets both due dates of a complaint that had none (unsaved); reminders start again."""
    dates = due_dates(case, numbers, calendar)
    case.response_due_on, case.result_due_on = dates.response_due_on, dates.result_due_on
    case.is_provisional = dates.is_provisional
    case.extensions += 1


def explain_clock(case, clock, numbers, calendar):
    """Every day of a clock up to its due date, as returned by Calendar.explain; the due date may be an extended one."""
    zero = day_zero(case, clock, numbers)
    due_on = getattr(case, f"{clock}_due_on")
    return calendar.explain(zero, calendar.working_days_between(zero, due_on))


def recalculate_open(today, calendar=None):
    """Recalculates the due dates of all open complaints. Returns how many changed; a second run changes none."""
    calendar = calendar or Calendar.load()
    numbers = Parameter.objects.history()
    unanswered = Q(response_met_on=None) | Q(result_met_on=None)
    waiting = Complaint.objects.running().filter(unanswered)
    moved = [case.pk for case in waiting if recalculate(case, numbers.on(case.received_on), calendar)]
    return sum(recalculate_case(pk, numbers, calendar, today) for pk in moved)


@transaction.atomic
def recalculate_case(pk, numbers, calendar, today):
    case = Complaint.objects.select_for_update().running().filter(pk=pk).first()
    if case is None:
        return False
    before = {field: getattr(case, field) for field in ("response_due_on", "result_due_on")}
    changed = recalculate(case, numbers.on(case.received_on), calendar)
    if not changed:
        return False
    case.version += 1
    case.save(update_fields=[*changed, "version"])
    moved = {field: day for field, day in before.items() if field in changed}
    if moved:
        with stored_in_chinese():
            save_moved_dates(case, moved, today)
    return True


def save_moved_dates(case, moved, today):
    """Writes an act with the old dates `moved` {field: date}, and brings the reminders in line with the new dates."""
    text = _("；").join(move_words(field, day, getattr(case, field)) for field, day in moved.items())
    old = {field: day.isoformat() for field, day in moved.items()}
    append_act(case, ActKind.RECKONED, by=None, on=today, text=text, details=old, is_public=True)
    notices.update_reminders(case, today)


def move_words(field, before, after):
    words = {"before": year_day_words(before), "after": year_day_words(after)}
    if field == "response_due_on":
        return _("回应期限由%(before)s改为%(after)s") % words
    return _("答复结果的期限由%(before)s改为%(after)s") % words
