"""Origins of tasks. Each is declared by the app that creates such tasks."""

from dataclasses import dataclass

from accounts.registry import Registry


@dataclass(frozen=True)
class TaskOrigin:
    """An origin, and the contact that such a task requires.

    `purpose` is the Purpose preselected in the quick log, or "". With `is_closed_by_purpose`, every contact for that
    purpose closes the task if it takes place at most `within` days before the due date (None: at any time) and, with
    `and_after`, at most as many days after it.
    """

    label: str
    purpose: str = ""
    is_closed_by_purpose: bool = False
    within: int | None = None
    and_after: bool = False


# {value of `Task.origin`: its TaskOrigin}
ORIGINS = Registry("origins of tasks")


def origin_choices():
    """Returns the choices of `Task.origin`, as pairs of value and label."""
    return [(value, origin.label) for value, origin in ORIGINS.items()]


def purpose_of(origin):
    """Returns the Purpose of the contact that a task of this origin requires, or None."""
    return (origin in ORIGINS and ORIGINS[origin].purpose) or None
