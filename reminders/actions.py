"""Single reminders, raised by an act of somebody."""

from reminders.models import Reminder
from reminders.raising import create_reminders


def remind(recipient, *, kind, key, subject, title, today, **more):
    """Raises one reminder unless its key was raised before. Returns whether it is new.

    `kind` is a key of reminders.kinds.KINDS; `subject` is what closes it by `reminders.raising.close_reminders`. `more` may
    hold a `link`, a `due_on`, which the key then names, `is_for_information` for one that asks for nothing, and
    `record_kind` with `is_personal` when the title names a record (relations.reminding.about says them).
    """
    reminder = Reminder(
        key=key,
        subject=subject,
        kind=kind,
        recipient=recipient,
        title=title[:300],
        raised_on=today,
        **more,
    )
    return bool(create_reminders([reminder], today))


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
        is_for_information=True,
    )
