"""The kinds of reminders: each is declared by the app that raises it."""

from dataclasses import dataclass

from accounts.registry import Registry


@dataclass(frozen=True)
class ReminderKind:
    """How the list of notices shows a kind. One that `falls_due` says 今天到期 or 逾期 once its day has come."""

    label: str
    icon: str = "bell"
    falls_due: bool = False


# Value of `Reminder.kind`: a ReminderKind.
KINDS = Registry("kinds of reminders")


def choices():
    """The choices of the field: pairs of value and label."""
    return [(value, kind.label) for value, kind in KINDS.items()]
