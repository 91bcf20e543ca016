"""Reminders to head and handler: without a name or a subject, only that something waits, and until when."""

from django.utils.translation import gettext as _

from accounts.stored_texts import stored_in_chinese
from complaints.models import CLOCKS, RESPONSE, State
from reminders.models import Reminder
from reminders.raising import close_reminders, create_reminders, retire_reminders

REMINDER_KIND = "complaint"
NEW, HEAD, HANDLER, MESSAGE = "new", "head", "handler", "message"
ESCALATED, NEXT_STEP, VOIDED = "escalated", "step", "voided"


def subject_of(complaint, what):
    return f"complaint:{complaint.pk}:{what}"


def key_of(complaint, what, period, user):
    """The key that makes sure a reminder is raised once per `period`."""
    return f"{subject_of(complaint, what)}:{period}:{user.pk}"


def reminder(complaint, user, what, *, key, title, today, due_on=None):
    """A personal reminder of `user` about `complaint`, unsaved; its title must not name anyone."""
    return Reminder(
        key=key_of(complaint, what, key, user),
        subject=subject_of(complaint, what),
        kind=REMINDER_KIND,
        recipient=user,
        title=title,
        link=complaint.get_absolute_url(),
        due_on=due_on,
        is_personal=True,
        raised_on=today,
    )


def raise_reminder(complaint, user, what, *, title, today, key="", due_on=None):
    """Raises a reminder once per version of the complaint, or once per `key`. Returns whether it is new."""
    row = reminder(
        complaint, user, what, key=key or complaint.version, title=title, today=today, due_on=due_on
    )
    return bool(create_reminders([row], today))


def clock_words(complaint, clock):
    """The values of a title: number, what is due and when; no name, no subject."""
    what = _("回应") if clock == RESPONSE else _("答复结果")
    day = getattr(complaint, f"{clock}_due_on")
    return {"number": complaint.number, "what": what, "day": day.isoformat()}


def reminded_until(complaint, clock):
    """The title of a reminder of a clock that has not run out."""
    return _("意见／投诉（%(number)s）请在%(day)s前%(what)s") % clock_words(complaint, clock)


def retire_reminders_about(complaint, *what):
    """Retires the reminders about the topics `what` because their date has moved.

    Reminders of the new date are raised in their time.
    """
    retire_reminders(Reminder.objects.filter(subject__in=[subject_of(complaint, each) for each in what]))


def update_reminders(complaint, today):
    """Brings the reminders in line with due dates that were moved (and saved) by an act or by the calendar.

    Reminders of a date that no longer applies are retired. Requests to take the complaint up name no date in their
    title and get the new due date. A complaint that is no longer overdue is escalated again when it becomes overdue
    again.
    """
    for clock in CLOCKS:
        about = Reminder.objects.not_retired().filter(subject=subject_of(complaint, clock))
        retire_reminders(about.exclude(due_on=getattr(complaint, f"{clock}_due_on")))
    first = [subject_of(complaint, what) for what in (NEW, HEAD, HANDLER)]
    shown = Reminder.objects.open().filter(subject__in=first, due_on__isnull=False)
    shown.exclude(due_on=complaint.response_due_on).update(due_on=complaint.response_due_on)
    if complaint.is_open and complaint.paused_on is None and not is_overdue(complaint, today):
        retire_reminders_about(complaint, ESCALATED)


def is_overdue(complaint, today):
    waiting = [clock for clock in CLOCKS if getattr(complaint, f"{clock}_met_on") is None]
    due = [getattr(complaint, f"{clock}_due_on") for clock in waiting]
    return any(day is not None and day < today for day in due)


def remind_head(complaint, today):
    """Asks the head to take the complaint up: a new one until the next act, one under way until it ends.

    One that is not processed only asks for a review (complaints.access.access_list.acknowledge_review). Complaints that
    have ended otherwise raise no reminder.
    """
    what = NEW if complaint.state in (State.WITH_HEAD, State.NOT_PROCESSED) else HEAD
    if what == HEAD and not complaint.is_open:
        return
    with stored_in_chinese():
        title = head_words(complaint.state) % complaint.number
    raise_reminder(
        complaint, complaint.head, what, title=title, today=today, due_on=complaint.response_due_on
    )


def head_words(state):
    if state == State.NOT_PROCESSED:
        return _("新收到一件意见／投诉（%s），按规定只登记、不处理，请您看一看")
    return (
        _("新收到一件意见／投诉（%s），请您受理")
        if state == State.WITH_HEAD
        else _("有一件意见／投诉（%s）请您负责")
    )


def remind_of_void(complaint, superior, today):
    """A reminder to review a voided complaint, open until the superior confirms.

    See complaints.access.access_list.acknowledge_review.
    """
    with stored_in_chinese():
        title = _("意见／投诉（%s）被标为登记有误，请看一看") % complaint.number
    raise_reminder(complaint, superior, VOIDED, title=title, today=today)


def remind_handler(complaint, today):
    with stored_in_chinese():
        title = _("有一件意见／投诉（%s）请您跟进") % complaint.number
    raise_reminder(
        complaint, complaint.handler, HANDLER, title=title, today=today, due_on=complaint.response_due_on
    )


def remind_of_message(complaint, today):
    """Reminds head and handler that the complainant has written."""
    with stored_in_chinese():
        title = _("意见／投诉（%s）有新的留言") % complaint.number
    for user in {complaint.head, complaint.handler} - {None}:
        raise_reminder(complaint, user, MESSAGE, title=title, today=today)


def close_answered(complaint, today, *, is_moved):
    """Closes the reminders that an act has settled: of clocks that are met or stopped, and of requests taken up.

    When the act has moved a date (`is_moved`), the remaining reminders follow it.
    """
    done = [clock for clock in CLOCKS if is_answered(complaint, clock)]
    done += [ESCALATED] if len(done) == len(CLOCKS) else []
    done += [NEW] if complaint.state != State.WITH_HEAD else []
    done += [] if complaint.next_step else [NEXT_STEP]
    done += [HEAD, HANDLER, MESSAGE, NEXT_STEP] if not complaint.is_open else []
    close_reminders([subject_of(complaint, what) for what in done])
    if is_moved:
        update_reminders(complaint, today)


def is_answered(complaint, clock):
    met, due = getattr(complaint, f"{clock}_met_on"), getattr(complaint, f"{clock}_due_on")
    return met is not None or due is None or not complaint.is_open or complaint.paused_on is not None
