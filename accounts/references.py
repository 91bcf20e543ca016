"""What becomes of the fields that name a person or a record, declared field by field by the app that has them.

TAKE_OVER says it of every foreign key to User for the day on which that person leaves. The registers of merging and of
personal data (relations.parties.registers) say it of the keys to stakeholders and contact persons in the same words.
`tests/test_references.py` finds every such field and fails for one that nobody has declared.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from accounts.registry import Registry


class Fate(StrEnum):
    """What becomes of the rows that a field connects with a person or record."""

    MOVED = "moved"  # to the successor, or to the record that is kept
    KEPT = "kept as history"  # they stay as they are: they say who did it, or what was
    MERGED = "merged"  # those of both records become one, or are derived anew from what was moved
    ERASED = "erased"  # they go, or what they say of the person goes


@dataclass(frozen=True)
class Reference:
    """The fate of one field. `owed(user, by, today)` gives a list of accounts.offboarding.HandOverItem, of what `by` may see.

    It is asked by the page that closes an account; without it the field is handed on elsewhere, as `note` says.
    """

    fate: Fate
    owed: Callable | None = None
    note: str = ""


def moved(owed=None, note=""):
    return Reference(Fate.MOVED, owed, note)


def merged(note=""):
    return Reference(Fate.MERGED, note=note)


def erased(note=""):
    return Reference(Fate.ERASED, note=note)


KEPT = Reference(Fate.KEPT)


def each(fate, model, *fields):
    """{"app.Model.field": fate} of several fields of one model (its label)."""
    return {f"{model}.{field}": fate for field in fields}


# Field (app.Model.field) that leads to a User: a Reference.
TAKE_OVER = Registry("take-over")
