"""The effects of the steps: the values written to the complaint, and the consequences; called inside the lock."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date

from django.utils.translation import gettext as _

from accounts.stored_texts import stored_in_chinese
from complaints.access import access_list
from complaints.clocks import deadlines as clocks
from complaints.clocks import notices
from complaints.intake import actions as intake
from complaints.measures import actions as measures
from complaints.models import AccessRole, ActKind, ComplaintKind, State, Subject
from reminders.calendar.workdays import Calendar


@dataclass(frozen=True)
class EffectContext:
    """Who acts, on which day, with what input, and by which calendar and parameters."""

    by: object
    today: date
    act_input: object
    calendar: Calendar
    numbers: dict


def no_follow_up(case):
    return None


@dataclass(frozen=True)
class Outcome:
    """The result of an effect: values of the act beyond the input, another state than the table's, and a follow-up.

    `afterwards` is called with the complaint once it is saved.
    """

    text: str = ""
    due_on: date | None = None
    state: str = ""
    details: dict = field(default_factory=dict)
    afterwards: Callable = no_follow_up


def appoint(case, context):
    """Appoints the handler, who is never a user excluded from the complaint (R143, R158)."""
    handler, former = context.act_input.user, case.handler
    access_list.add_person(case, handler, AccessRole.HANDLER, by=context.by)
    case.handler = handler
    with stored_in_chinese():
        text = _("跟进人：%s") % handler.name
        if context.act_input.text:
            text = _("%(whom)s。%(text)s") % {"whom": text, "text": context.act_input.text}
    state = State.HANDLING if case.state == State.WITH_HEAD else ""

    def tell_both(case):
        if handler not in (former, context.by):
            notices.remind_handler(case, context.today)

    return Outcome(
        text=text, state=state, details={"former": former.pk if former else None}, afterwards=tell_both
    )


def record_told(case, context):
    """Records that the complainant was told the procedure and the due date (R160)."""
    case.told_on = case.told_on or context.act_input.on
    return Outcome(due_on=context.act_input.due_on or case.response_due_on)


def meet_clock(case, clock, on):
    """Sets the day on which a clock was met; only the first real answer counts."""
    field_name = f"{clock}_met_on"
    if getattr(case, field_name) is None:
        setattr(case, field_name, on)


def restart_reminders(case, *of_clocks):
    """Starts the reminders again after dates were moved with a reason; those about the old dates are retired."""
    case.extensions += 1
    notices.retire_reminders_about(case, *of_clocks)


def reply(case, context):
    meet_clock(case, clocks.RESPONSE, context.act_input.on)
    case.told_on = case.told_on or context.act_input.on
    case.next_step, case.next_step_on = "", None


def satisfied(case, context):
    """Satisfied with the reply, which therefore was the result."""
    case.is_satisfied = True
    return settle_with_last_reply(case)


def no_word(case, context):
    case.is_satisfied = None
    return settle_with_last_reply(case)


def settle_with_last_reply(case):
    """Counts the last reply as the result, unless that clock has been met already."""
    last = case.acts.filter(kind=ActKind.REPLY).order_by("-place").first()
    meet_clock(case, clocks.RESULT, last.on if last else case.response_met_on)
    case.next_step, case.next_step_on = "", None


def unsatisfied(case, context):
    case.is_satisfied = False


def follow_up(case, context):
    """Keeps the complaint open with a next step (R179); the opinion has to be signed again when that is done."""
    withdraw_opinion(case)
    case.next_step, case.next_step_on = context.act_input.text[:200], context.act_input.due_on
    notices.retire_reminders_about(case, notices.NEXT_STEP)


def plan(case, context):
    """Records the plan and the promised day of the result (R146-R148); telling the complainant counts as a response.

    The promised date becomes the due date, whether earlier or later. A result given before is due again.
    """
    act_input, before = context.act_input, case.result_due_on
    meet_clock(case, clocks.RESPONSE, act_input.on)
    case.planned_on = case.planned_on or act_input.on
    case.told_on = case.told_on or act_input.on
    was_answered, case.result_met_on = case.result_met_on is not None, None
    moved = clocks.recalculate(case, context.numbers, context.calendar)
    if was_answered or "result_due_on" in moved:
        restart_reminders(case, clocks.RESULT)
    if act_input.due_on == case.result_due_on:
        return None
    case.result_extended_to = act_input.due_on
    restart_reminders(case, clocks.RESULT)
    clocks.recalculate(case, context.numbers, context.calendar)
    return Outcome(details={"result_due_on": before.isoformat(), "reason": act_input.words})


@stored_in_chinese()
def refer_case(case, context):
    """Passes the matter to the competent government body; the result still goes to the complainant (R164)."""
    words = {"agency": context.act_input.words, "text": context.act_input.text}
    return Outcome(text=_("转交%(agency)s。%(text)s") % words, details={"agency": context.act_input.words})


def record_answer(case, context):
    """The result, given directly to the complainant (R149)."""
    meet_clock(case, clocks.RESPONSE, context.act_input.on)
    meet_clock(case, clocks.RESULT, context.act_input.on)
    case.next_step, case.next_step_on = "", None


def sign_opinion(case, context):
    """The head's opinion with signature and date (R180), and the finding (R150)."""
    case.opinion, case.opinion_by, case.opinion_on = context.act_input.text, context.by, context.today
    case.finding = context.act_input.finding if case.kind == ComplaintKind.COMPLAINT else ""
    return Outcome(details={"finding": case.finding})


def withdraw_opinion(case):
    """Removes a signed opinion that no longer applies; its text stays in the act."""
    case.opinion, case.opinion_by, case.opinion_on = "", None, None


def close_case(case, context):
    case.closed_on, case.paused_on = context.today, None


def reopen_case(case, context):
    """Opens the complaint again with a next step and its day, since no clock runs until a date is promised (R179)."""
    case.closed_on = None
    follow_up(case, context)


def change_kind(case, context):
    """Changes kind, subject or the personnel flag, with the consequences for the clocks (R453)."""
    act_input = context.act_input
    before = {"kind": case.kind, "subject": case.subject, "is_personnel": case.is_personnel}
    if act_input.kind != case.kind:
        case.finding = ""
        withdraw_opinion(case)
    case.kind, case.subject, case.is_personnel = act_input.kind, act_input.subject, act_input.is_personnel
    details = before | {
        "response_due_on": date_text(case.response_due_on),
        "result_due_on": date_text(case.result_due_on),
    }
    return Outcome(
        text=kind_change_words(case, act_input.text), state=processed_or_not(case, context), details=details
    )


def date_text(day):
    return day.isoformat() if day else None


@stored_in_chinese()
def kind_change_words(case, reason):
    words = {
        "kind": case.get_kind_display(),
        "subject": Subject(case.subject).label,
        "personnel": _("人事投诉") if case.is_personnel else _("不是人事投诉"),
        "reason": reason,
    }
    return _("改为：%(kind)s，%(subject)s，%(personnel)s。%(reason)s") % words


def processed_or_not(case, context):
    """The state after a change of kind: not processed without clocks, processed with clocks from the receipt, or "".

    "" keeps the present state.
    """
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
    """Sets another due date with a reason; the old one stays in the act."""
    act_input = context.act_input
    before = getattr(case, f"{act_input.clock}_due_on")
    setattr(case, f"{act_input.clock}_extended_to", act_input.due_on)
    restart_reminders(case, act_input.clock)
    clocks.recalculate(case, context.numbers, context.calendar)
    return Outcome(details={f"{act_input.clock}_due_on": before.isoformat()})


def pause(case, context):
    case.paused_on = context.today


def resume(case, context):
    """Adds the working days of the pause to both clocks, also to a date set by a user."""
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
    """Entered in error: a superior is notified and may read it, so that no user can hide a complaint alone.

    The reminders about its measures are closed.
    """
    case.paused_on = None
    measures.close_measure_reminders(case)
    superior = access_list.superior(case)
    if superior is None:
        return None
    with stored_in_chinese():
        reason = _("标为登记有误后告知")
    access_list.add_person(case, superior, AccessRole.ESCALATED, by=None, reason=reason)
    return Outcome(afterwards=lambda case: notices.remind_of_void(case, superior, context.today))
