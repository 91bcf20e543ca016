"""What head and handler are told, without a name and without a subject: only that something waits, and until when."""

from django.utils import translation
from django.utils.translation import gettext as _

from reminders.models import Reminder
from reminders.raising import close, raise_all

NEW, HEAD, HANDLER, MESSAGE = "new", "head", "handler", "message"
ESCALATED, NEXT_STEP, VOIDED = "escalated", "step", "voided"


def subject_of(complaint, what):
    return f"complaint:{complaint.pk}:{what}"


def key_of(complaint, what, period, user):
    """The key under which a reminder is raised once for a `period`."""
    return f"{subject_of(complaint, what)}:{period}:{user.pk}"


def reminder(complaint, user, what, *, key, title, today, due_on=None):
    """A personal reminder for `user` about `complaint`, unsaved; what it says must name nobody."""
    return Reminder(
        key=key_of(complaint, what, key, user),
        subject=subject_of(complaint, what),
        kind=Reminder.Kind.COMPLAINT,
        recipient=user,
        title=title,
        link=complaint.get_absolute_url(),
        due_on=due_on,
        is_personal=True,
        raised_on=today,
    )


def tell(complaint, user, what, *, title, today, key="", due_on=None):
    """Raises one for the complaint as it is now, or once for `key`. Returns whether it is new."""
    told = reminder(
        complaint, user, what, key=key or complaint.version, title=title, today=today, due_on=due_on
    )
    return bool(raise_all([told], today))


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
        first = [subject_of(complaint, what) for what in (NEW, HEAD, HANDLER)]
        Reminder.objects.open().filter(subject__in=first).update(due_on=due_on)


def drop(complaint, *what):
    """Somebody has given a clock or the next step another date: what was said about the old one is over."""
    close([subject_of(complaint, each) for each in what])


def tell_head(complaint, today):
    """One that waits to be taken in stays asked for until the next act; one already under way until it ends."""
    is_new = complaint.state in ("with_head", "not_processed")
    with translation.override("zh-hans"):
        words = _("新收到一件意见／投诉（%s），请您受理") if is_new else _("有一件意见／投诉（%s）请您负责")
    what = NEW if is_new else HEAD
    title, due_on = words % complaint.number, complaint.response_due_on
    tell(complaint, complaint.head, what, title=title, today=today, due_on=due_on)


def tell_of_void(complaint, superior, today):
    """Asked to be looked at until whoever is asked says so (complaints.need_to_know.review)."""
    with translation.override("zh-hans"):
        title = _("意见／投诉（%s）被标为登记有误，请看一看") % complaint.number
    tell(complaint, superior, VOIDED, title=title, today=today)


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
    done += [ESCALATED] if len(done) == 2 else []
    done += [NEW] if complaint.state != "with_head" else []
    done += [] if complaint.next_step else [NEXT_STEP]
    done += [HEAD, HANDLER, MESSAGE, NEXT_STEP] if not complaint.is_open else []
    close([subject_of(complaint, what) for what in done])


def is_answered(complaint, clock):
    met, due = getattr(complaint, f"{clock}_met_on"), getattr(complaint, f"{clock}_due_on")
    return met is not None or due is None or not complaint.is_open or complaint.paused_on is not None
