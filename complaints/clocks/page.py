"""The two clocks on the page of a complaint: due date, time left, the single days, and the notices they rest on."""

from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from complaints.clocks import deadlines as clocks
from reminders.calendar.day_strip import day_text, explanation, strip_days

MAX_DAYS = 75  # a strip longer than three rows on a wide screen explains nothing
LABELS = {
    clocks.RESPONSE: gettext_lazy("初步回应，%d个工作日"),
    clocks.RESULT: gettext_lazy("处理结果，%d个工作日"),
}
CLAUSES = {
    clocks.RESPONSE: gettext_lazy("意见收集与投诉处理 4（1）：七个工作日内作出回应及处理"),
    clocks.RESULT: gettext_lazy("意见收集与投诉处理 4（4）：一般来说在十四个工作日内以书面或电话直接回复"),
}


@dataclass(frozen=True)
class Clock:
    """One clock; `left` is in working days, negative once overdue."""

    label: str
    clause: str
    due_on: date
    met_on: date | None
    left: int
    is_provisional: bool
    hint: str


@dataclass(frozen=True)
class DayStrip:
    """The days of one clock or of both, the sentence about them, and the holiday notices they rest on."""

    days: list
    words: str
    sources: list


def clock_panel(case, numbers, calendar, today):
    """(clocks, strips) of `case`; both empty when it has no clocks (R156)."""
    if case.response_due_on is None:
        return [], []
    shown = [clock_of(case, clock, numbers, calendar, today) for clock in clocks.CLOCKS]
    return shown, [strip_of(case, group, numbers, calendar) for group in strip_groups(case, numbers)]


def clock_of(case, clock, numbers, calendar, today):
    due_on = getattr(case, f"{clock}_due_on")
    return Clock(
        label=LABELS[clock] % clocks.clock_length(case, clock, numbers),
        clause=CLAUSES[clock],
        due_on=due_on,
        met_on=getattr(case, f"{clock}_met_on"),
        left=calendar.working_days_between(today, due_on),
        is_provisional=calendar.is_provisional(due_on),
        hint=hint_of(case, clock, numbers),
    )


def hint_of(case, clock, numbers):
    if getattr(case, f"{clock}_extended_to"):
        return _("另定过日期，原因见办理经过")
    if clock == clocks.RESPONSE:
        return _("任何一次真正的回复都会让它停下，不论用什么方式")
    if clocks.day_zero(case, clock, numbers) == case.counted_from:
        return _("从收到之日算起")
    return _("从告知打算之日算起")


def strip_groups(case, numbers):
    """The clocks grouped by strip: both share one when they start on the same day and the result is due later."""
    zeros = {clocks.day_zero(case, clock, numbers) for clock in clocks.CLOCKS}
    if len(zeros) == 1 and case.response_due_on <= case.result_due_on:
        return [clocks.CLOCKS]
    return [(clock,) for clock in clocks.CLOCKS]


def strip_of(case, group, numbers, calendar):
    notes = clocks.explain_clock(case, group[-1], numbers, calendar)
    due = {getattr(case, f"{clock}_due_on") for clock in group}
    words = explanation(notes)
    if len(group) > 1:
        words += first_words(notes, case.response_due_on)
    return DayStrip(
        days=strip_days(notes, due) if len(notes) <= MAX_DAYS else [],
        words=words,
        sources=list(dict.fromkeys(str(note.source) for note in notes if note.source)),
    )


def first_words(notes, due_on):
    """A sentence with the position of the earlier due date among the days of the later one; "" if it is not there."""
    matches = [note for note in notes if note.day == due_on and note.number]
    if not matches:
        return ""
    return _("其中第%(number)d个工作日是%(day)s。") % {"number": matches[0].number, "day": day_text(due_on)}
