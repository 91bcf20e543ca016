"""Creates single reminders, after an action of a user."""

from reminders.models import Reminder
from reminders.raising import create_reminders


def remind(recipient, *, kind, key, subject, title, today, **more):
    """Creates one reminder unless its key exists already. Returns whether it is new.

    `kind` is a key of reminders.kinds.KINDS; `reminders.raising.close_reminders` closes by `subject`. `more` may have
    `link`, `due_on` (then part of the key), `is_for_information` for one that requires no action, and `record_kind`
    with `is_personal` when the title names a record (relations.reminding.about returns both).
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


def remind_owner(recipient, *, by, text, today, subject, link=""):
    """Reminds `recipient` on behalf of the colleague `by`, at most once a day for one `subject`.

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
