"""What each step writes into the complaint, and what follows from it; called by the lifecycle under its lock."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date

from django.utils.translation import gettext as _

from complaints.access import access_list
from complaints.clocks import deadlines as clocks
from complaints.clocks import notices
from complaints.intake import actions as intake
from complaints.measures import actions as measures
from complaints.models import AccessRole, ActKind, ComplaintKind, State, Subject
from reminders.calendar.workdays import Calendar


@dataclass(frozen=True)
class EffectContext:
    """Who acts, on which day, what was given, and by which calendar and numbers."""

    by: object
    today: date
    given: object
    calendar: Calendar
    numbers: dict


def no_follow_up(case):
    return None


@dataclass(frozen=True)
class Outcome:
    """What the act shall say beyond what was given, another state than the table's, and what is done afterwards."""

    text: str = ""
    due_on: date | None = None
    state: str = ""
    details: dict = field(default_factory=dict)
    afterwards: Callable = no_follow_up


def appoint(case, context):
    """The handler is never somebody it is kept from (R143, R158)."""
    handler, former = context.given.user, case.handler
    access_list.add_person(case, handler, AccessRole.HANDLER, by=context.by)
    case.handler = handler
    text = _("跟进人：%s") % handler.name
    if context.given.text:
        text = _("%(whom)s。%(text)s") % {"whom": text, "text": context.given.text}
    state = State.HANDLING if case.state == State.WITH_HEAD else ""

    def tell_both(case):
        if handler not in (former, context.by):
            notices.remind_handler(case, context.today)

    return Outcome(
        text=text, state=state, details={"former": former.pk if former else None}, afterwards=tell_both
    )


def record_told(case, context):
    """The person was told how it goes on and by when (R160)."""
    case.told_on = case.told_on or context.given.on
    return Outcome(due_on=context.given.due_on or case.response_due_on)


def meet_clock(case, clock, on):
    """A clock is met by the first real answer."""
    field_name = f"{clock}_met_on"
    if getattr(case, field_name) is None:
        setattr(case, field_name, on)


def restart_reminders(case, *of_clocks):
    """The dates were moved with a reason: reminders begin anew, and what was said about the old dates is over."""
    case.extensions += 1
    notices.retire_reminders_about(case, *of_clocks)


def reply(case, context):
    meet_clock(case, clocks.RESPONSE, context.given.on)
    case.told_on = case.told_on or context.given.on
    case.next_step, case.next_step_on = "", None


def satisfied(case, context):
    """Content with the reply: then the reply was the result."""
    case.is_satisfied = True
    return settle_with_last_reply(case)


def no_word(case, context):
    case.is_satisfied = None
    return settle_with_last_reply(case)


def settle_with_last_reply(case):
    """The last reply was the result, unless an answer has met that clock already."""
    last = case.acts.filter(kind=ActKind.REPLY).order_by("-place").first()
    meet_clock(case, clocks.RESULT, last.on if last else case.response_met_on)
    case.next_step, case.next_step_on = "", None


def unsatisfied(case, context):
    case.is_satisfied = False


def follow_up(case, context):
    """Needs more: it stays open with a next step (R179), and is signed when that is done."""
    withdraw_opinion(case)
    case.next_step, case.next_step_on = context.given.text[:200], context.given.due_on
    notices.retire_reminders_about(case, notices.NEXT_STEP)


def plan(case, context):
    """What the centre intends and by when it answers (R146-R148); telling it is a response.

    What is promised is the date of the clock, be it earlier or later. A result that was answered before waits again.
    """
    given, before = context.given, case.result_due_on
    meet_clock(case, clocks.RESPONSE, given.on)
    case.planned_on = case.planned_on or given.on
    case.told_on = case.told_on or given.on
    was_answered, case.result_met_on = case.result_met_on is not None, None
    moved = clocks.recalculate(case, context.numbers, context.calendar)
    if was_answered or "result_due_on" in moved:
        restart_reminders(case, clocks.RESULT)
    if given.due_on == case.result_due_on:
        return None
    case.result_extended_to = given.due_on
    restart_reminders(case, clocks.RESULT)
    clocks.recalculate(case, context.numbers, context.calendar)
    return Outcome(details={"result_due_on": before.isoformat(), "reason": given.words})


def refer_case(case, context):
    """To the government body whose matter it is; the result still goes back to the person (R164)."""
    words = {"agency": context.given.words, "text": context.given.text}
    return Outcome(text=_("转交%(agency)s。%(text)s") % words, details={"agency": context.given.words})


def record_answer(case, context):
    """The result, told directly to the person (R149)."""
    meet_clock(case, clocks.RESPONSE, context.given.on)
    meet_clock(case, clocks.RESULT, context.given.on)
    case.next_step, case.next_step_on = "", None


def sign_opinion(case, context):
    """The head's opinion with signature and date (R180), and whether it proved true (R150)."""
    case.opinion, case.opinion_by, case.opinion_on = context.given.text, context.by, context.today
    case.finding = context.given.finding if case.kind == ComplaintKind.COMPLAINT else ""
    return Outcome(details={"finding": case.finding})


def withdraw_opinion(case):
    """What was signed no longer says how it stands; the words stay in the act."""
    case.opinion, case.opinion_by, case.opinion_on = "", None, None


def close_case(case, context):
    case.closed_on, case.paused_on = context.today, None


def reopen_case(case, context):
    """Once more, with a next step and its day, since no clock runs until something is promised (R179)."""
    case.closed_on = None
    follow_up(case, context)


def change_kind(case, context):
    """Another kind or subject, or personnel or not; what follows for the clocks is done here (R453)."""
    given = context.given
    before = {"kind": case.kind, "subject": case.subject, "is_personnel": case.is_personnel}
    if given.kind != case.kind:
        case.finding = ""
        withdraw_opinion(case)
    case.kind, case.subject, case.is_personnel = given.kind, given.subject, given.is_personnel
    details = before | {
        "response_due_on": date_text(case.response_due_on),
        "result_due_on": date_text(case.result_due_on),
    }
    return Outcome(
        text=kind_change_words(case, given.text), state=processed_or_not(case, context), details=details
    )


def date_text(day):
    return day.isoformat() if day else None


def kind_change_words(case, reason):
    words = {
        "kind": case.get_kind_display(),
        "subject": Subject(case.subject).label,
        "personnel": _("人事投诉") if case.is_personnel else _("不是人事投诉"),
        "reason": reason,
    }
    return _("改为：%(kind)s，%(subject)s，%(personnel)s。%(reason)s") % words


def processed_or_not(case, context):
    """The state after re-classing: not processed without clocks, or processed with clocks from the receipt."""
    if intake.is_not_processed(case):
        for clock in clocks.CLOCKS:
            setattr(case, f"{clock}_due_on", None)
            setattr(case, f"{clock}_extended_to", None)
        case.is_provisional, case.paused_on = False, None
        return State.NOT_PROCESSED
    if case.state == State.NOT_PROCESSED:
        clocks.start_clocks(case, context.numbers, context.calendar)
        return State.HANDLING if case.handler_id else State.WITH_HEAD
    return ""


def extend(case, context):
    """Another date with a reason; the old one stays in the act."""
    given = context.given
    before = getattr(case, f"{given.clock}_due_on")
    setattr(case, f"{given.clock}_extended_to", given.due_on)
    restart_reminders(case, given.clock)
    clocks.recalculate(case, context.numbers, context.calendar)
    return Outcome(details={f"{given.clock}_due_on": before.isoformat()})


def pause(case, context):
    case.paused_on = context.today


def resume(case, context):
    """The working days of the pause are added to both clocks, to a date that somebody had set as well."""
    days = max(context.calendar.working_days_between(case.paused_on, context.today), 0)
    before = {f"{clock}_due_on": date_text(getattr(case, f"{clock}_due_on")) for clock in clocks.CLOCKS}
    for clock in clocks.CLOCKS:
        if extended := getattr(case, f"{clock}_extended_to"):
            setattr(case, f"{clock}_extended_to", context.calendar.add_working_days(extended, days))
    case.paused_days, case.paused_on = case.paused_days + days, None
    notices.retire_reminders_about(case, notices.ESCALATED)
    restart_reminders(case, *clocks.CLOCKS)
    clocks.recalculate(case, context.numbers, context.calendar)
    return Outcome(details=before)


def void(case, context):
    """Entered in error; the one above is told and may look, so that no matter is buried by one person alone.

    Nobody is asked for its measures any more.
    """
    case.paused_on = None
    measures.close_measure_reminders(case)
    superior = access_list.superior(case)
    if superior is None:
        return None
    reason = _("标为登记有误后告知")
    access_list.add_person(case, superior, AccessRole.ESCALATED, by=None, reason=reason)
    return Outcome(afterwards=lambda case: notices.remind_of_void(case, superior, context.today))
