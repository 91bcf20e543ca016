"""What head and handler are told, without a name and without a subject: only that something waits, and until when."""

from django.utils import translation
from django.utils.translation import gettext as _

from reminders.models import Reminder
from reminders.raising import close, raise_all

NEW, HANDLER, MESSAGE, ESCALATED = "new", "handler", "message", "escalated"


def subject_of(complaint, what):
    return f"complaint:{complaint.pk}:{what}"


def tell(complaint, user, what, *, title, today, key="", due_on=None):
    """Raises one personal reminder for `user` about `complaint`; what it says must name nobody."""
    reminder = Reminder(
        key=f"{subject_of(complaint, what)}:{key or complaint.version}:{user.pk}",
        subject=subject_of(complaint, what),
        kind=Reminder.Kind.COMPLAINT,
        recipient=user,
        title=title,
        link=complaint.get_absolute_url(),
        due_on=due_on,
        is_personal=True,
        raised_on=today,
    )
    return bool(raise_all([reminder], today))


def clock_words(complaint, clock):
    """The number, what is waited for and until when: no name, no subject."""
    what = _("回应") if clock == "response" else _("答复结果")
    day = getattr(complaint, f"{clock}_due_on")
    return {"number": complaint.number, "what": what, "day": day.isoformat()}


def asked_until(complaint, clock):
    """What a reminder of a clock that still runs says."""
    return _("意见／投诉（%(number)s）请在%(day)s前%(what)s") % clock_words(complaint, clock)


def move(complaint, clock):
    """The calendar has moved a clock: what is open about it says the new date, instead of a second reminder."""
    due_on = getattr(complaint, f"{clock}_due_on")
    about = Reminder.objects.open().filter(subject=subject_of(complaint, clock))
    about.update(due_on=due_on, title=asked_until(complaint, clock))
    if clock == "response":
        first = [subject_of(complaint, what) for what in (NEW, HANDLER)]
        Reminder.objects.open().filter(subject__in=first).update(due_on=due_on)


def drop(complaint, *clocks):
    """Somebody has given a clock another date: what was said about the old one is over."""
    close([subject_of(complaint, clock) for clock in clocks])


def tell_head(complaint, today):
    with translation.override("zh-hans"):
        title = _("新收到一件意见／投诉（%s），请您受理") % complaint.number
    tell(complaint, complaint.head, NEW, title=title, today=today, due_on=complaint.response_due_on)


def tell_handler(complaint, today):
    with translation.override("zh-hans"):
        title = _("有一件意见／投诉（%s）请您跟进") % complaint.number
    tell(complaint, complaint.handler, HANDLER, title=title, today=today, due_on=complaint.response_due_on)


def tell_of_message(complaint, today):
    """The person who raised it has written: head and handler look."""
    with translation.override("zh-hans"):
        title = _("意见／投诉（%s）有新的留言") % complaint.number
    for user in {complaint.head, complaint.handler} - {None}:
        tell(complaint, user, MESSAGE, title=title, today=today)


def settle(complaint):
    """Closes the reminders that an act has answered: of clocks that are met or gone, of what was taken up."""
    done = [clock for clock in ("response", "result") if is_answered(complaint, clock)]
    done += [NEW] if complaint.state != "with_head" else []
    done += [HANDLER, MESSAGE, ESCALATED] if not complaint.is_open else []
    close([subject_of(complaint, what) for what in done])


def is_answered(complaint, clock):
    met, due = getattr(complaint, f"{clock}_met_on"), getattr(complaint, f"{clock}_due_on")
    return met is not None or due is None or not complaint.is_open or complaint.paused_on is not None
