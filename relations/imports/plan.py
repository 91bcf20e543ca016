"""The changes that a register would make: old and new values, for each of its entries."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

BATCH_SIZE = 1000
NEW, CHANGED, SAME, FAULTY = "new", "changed", "same", "faulty"


@dataclass(slots=True)
class Change:
    """One value that would change: its Column, the present and the new value, both in stored form."""

    column: object
    old: str
    new: str

    @property
    def wording(self):
        """(old, new) as display texts."""
        return self.column.display(self.old), self.column.display(self.new)


@dataclass(slots=True)
class Plan:
    """What the import does with one Entry; `existing` is the matching record (with a `pk`), or None."""

    entry: object
    existing: object = None
    changes: list = ()

    @property
    def result(self):
        if self.entry.faults:
            return FAULTY
        if self.existing is None:
            return NEW
        return CHANGED if self.changes else SAME

    @property
    def record_key(self):
        """The pk of the existing record, or None."""
        return getattr(self.existing, "pk", None)

    def add_change(self, column, old, new):
        if self.existing:
            self.changes = [*self.changes, Change(column, old, new)]


def make_plans(spec, entries, by, on_progress=lambda done: None):
    """Compares the entries with each other and with the records visible to `by`; returns a Plan for each, in order.

    Adds faults to the entries. `on_progress` is called with the number of entries done.
    """
    planner, plans = spec.planner(by), []
    for start in range(0, len(entries), BATCH_SIZE):
        plans += planner(entries[start : start + BATCH_SIZE])
        on_progress(len(plans))
    return plans


class UniqueValues:
    """Values that no two entries of a file may share, each with the first entry that has it."""

    def __init__(self):
        self.first = {}

    def first_with(self, what, entry):
        """Returns the earlier Entry with the value `what`, or None when `entry` is the first."""
        first = self.first.setdefault(what, entry)
        return None if first is entry else first


def row_reference(other, entry):
    """Returns the location of `other` as text, relative to `entry`."""
    if other.sheet == entry.sheet:
        return _("第%s行") % other.row
    return _("工作表“%(sheet)s”第%(row)s行") % {"sheet": other.sheet, "row": other.row}
