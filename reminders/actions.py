"""Single reminders, raised by an act of somebody."""

from reminders.models import Reminder
from reminders.raising import raise_all


def remind(recipient, *, kind, key, subject, title, today, link="", due_on=None):
    """Raises one reminder unless its key was raised before. Returns whether it is new.

    `kind` is a Reminder.Kind; `subject` is what closes it by `reminders.raising.close`.
    """
    reminder = Reminder(
        key=key,
        subject=subject,
        kind=kind,
        recipient=recipient,
        title=title[:300],
        link=link,
        due_on=due_on,
        raised_on=today,
    )
    return bool(raise_all([reminder], today))


def nudge(recipient, *, by, text, today, subject, link=""):
    """A colleague asks `recipient` to look after something, at most once a day for one `subject`.

    Returns whether the reminder is new; a second one on the same day changes nothing.
    """
    return remind(
        recipient,
        kind=Reminder.Kind.NUDGE,
        key=f"nudge:{subject}:{recipient.pk}:{today}",
        subject=f"nudge:{subject}",
        title=f"{by.name}：{text}",
        link=link,
        today=today,
    )
