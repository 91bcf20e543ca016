"""The kinds of reminders, each declared by the app that creates it."""

from dataclasses import dataclass

from accounts.registry import Registry


@dataclass(frozen=True)
class ReminderDisplay:
    """How the list of notices shows a kind. `falls_due`: labelled 今天到期 or 逾期 once its due date has come."""

    label: str
    icon: str = "bell"
    falls_due: bool = False


# {value of `Reminder.kind`: ReminderDisplay}
KINDS = Registry("kinds of reminders")


def kind_choices():
    """The choices of the field: pairs of value and label."""
    return [(value, kind.label) for value, kind in KINDS.items()]
