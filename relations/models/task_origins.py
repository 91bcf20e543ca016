"""Where tasks come from: each origin is declared by the app that makes such tasks."""

from dataclasses import dataclass

from accounts.registry import Registry


@dataclass(frozen=True)
class TaskOrigin:
    """An origin and the contact that such a task asks for.

    `purpose` is the Purpose with which the log opens; "" asks for none. Where it `is_closed_by_purpose`, every contact
    for that purpose closes the task: `within` says how many days before the due date at the earliest, `and_after`
    whether no later than so many days after it. `within` None: at any time.
    """

    label: str
    purpose: str = ""
    is_closed_by_purpose: bool = False
    within: int | None = None
    and_after: bool = False


# Value of `Task.origin`: a TaskOrigin.
ORIGINS = Registry("origins of tasks")


def choices():
    """The choices of the field: pairs of value and label."""
    return [(value, origin.label) for value, origin in ORIGINS.items()]


def purpose_of(origin):
    """The Purpose that a task of this origin asks for, or None."""
    return (origin in ORIGINS and ORIGINS[origin].purpose) or None
