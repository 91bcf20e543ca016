"""The fate of every field that refers to a user or a record, declared field by field by the app that has it.

TAKE_OVER declares it for every foreign key to User, for the day on which that user leaves. The registers of merging
and of personal data (relations.parties.registers) declare it in the same terms for keys to stakeholders and contact
persons. `tests/test_references.py` finds every such field and fails for one that is not declared.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from accounts.registry import Registry


class Fate(StrEnum):
    """What happens to the rows that a field connects with a user or record."""

    MOVED = "moved"  # to the successor, or to the record that is kept
    KEPT = "kept as history"  # unchanged: they record who did it, or what was
    MERGED = "merged"  # the rows of both records become one, or are derived again from moved rows
    ERASED = "erased"  # the row is deleted, or its personal data is


@dataclass(frozen=True)
class Reference:
    """The fate of one field.

    `hand_over_items` is a function (user, by, today) that returns a list of accounts.offboarding.HandOverItem with what
    `by` may see. The page that closes an account calls it; a field without it is handed on elsewhere, as `note` says.
    """

    fate: Fate
    hand_over_items: Callable | None = None
    note: str = ""


def moved_reference(hand_over_items=None, note=""):
    return Reference(Fate.MOVED, hand_over_items, note)


def merged_reference(note=""):
    return Reference(Fate.MERGED, note=note)


def erased_reference(note=""):
    return Reference(Fate.ERASED, note=note)


KEPT = Reference(Fate.KEPT)


def fate_of_fields(fate, model, *fields):
    """Returns {"app.Model.field": fate} for several fields of one model (its label)."""
    return {f"{model}.{field}": fate for field in fields}


# {app.Model.field: Reference} for every field that refers to a User.
TAKE_OVER = Registry("take-over")
