"""Processes an anonymous personnel complaint once the complainant gives a name (R155-R157, R453)."""

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.exceptions import ActionRefused
from accounts.stored_texts import stored_in_chinese
from complaints.acts.audit_log import append_act
from complaints.clocks import deadlines as clocks
from complaints.clocks import notices
from complaints.intake import actions as intake
from complaints.models import ActKind, Complaint, State
from reminders.calendar.workdays import Calendar
from reminders.models import Parameter
from reminders.raising import close_reminders


@transaction.atomic
def identify(complaint, *, name, contact, today):
    """Adds the name to `complaint` and processes it from now on; both clocks run from `today`. Returns it.

    Raises ActionRefused when it has a name already or is being processed.
    """
    case = Complaint.objects.select_for_update().get(pk=complaint.pk)
    if case.state != State.NOT_PROCESSED or not case.is_anonymous:
        raise ActionRefused(_("这件事已经有姓名，或者已经在办理。"))
    case.name, case.contact, case.is_anonymous = name, contact or case.contact, False
    start(case, today)
    case.version += 1
    case.save()
    append_act(
        case,
        ActKind.IDENTIFIED,
        by=None,
        on=today,
        is_public=True,
        from_state=State.NOT_PROCESSED,
        to_state=case.state,
    )
    with stored_in_chinese():
        intake.record_receipt_notice(case, today)
    close_reminders([notices.subject_of(case, notices.NEW)])
    notices.update_reminders(case, today)
    notices.remind_head(case, today)
    return case


def start(case, today):
    """Sets the state and the clocks of a complaint that is processed from `today` on (unsaved)."""
    case.state = State.HANDLING if case.handler_id else State.WITH_HEAD
    case.counted_from, case.paused_days = today, 0
    clocks.start_clocks(case, Parameter.objects.values_on(case.received_on), Calendar.load())
