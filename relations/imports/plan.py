"""What a read register would change: old and new side by side, for each of its entries."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

BATCH_SIZE = 1000
NEW, CHANGED, SAME, FAULTY = "new", "changed", "same", "faulty"


@dataclass(slots=True)
class Change:
    """One value that would change: its Column, what stands now, what the file says; both as they are stored."""

    column: object
    old: str
    new: str

    @property
    def wording(self):
        """(old, new) as a person reads them."""
        return self.column.display(self.old), self.column.display(self.new)


@dataclass(slots=True)
class Plan:
    """What becomes of one Entry; `existing` is the record it means (with a `pk`), or None."""

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

    def add_change(self, column, old, new):
        if self.existing:
            self.changes = [*self.changes, Change(column, old, new)]


def make_plans(spec, entries, by, on_progress=lambda done: None):
    """Compares the entries with what exists within the sight of `by` and with each other; a Plan for each, in order.

    Faults found on the way are added to the entries. `on_progress` is called with the number of entries done.
    """
    planner, plans = spec.planner(by), []
    for start in range(0, len(entries), BATCH_SIZE):
        plans += planner(entries[start : start + BATCH_SIZE])
        on_progress(len(plans))
    return plans


class UniqueValues:
    """What entries of one file must not have in common, with the first entry that has it."""

    def __init__(self):
        self.first = {}

    def first_with(self, what, entry):
        """The Entry that had `what` first, or None when this is it."""
        first = self.first.setdefault(what, entry)
        return None if first is entry else first


def place_of(other, entry):
    """Where `other` stands, in words, as seen from `entry`."""
    if other.sheet == entry.sheet:
        return _("第%s行") % other.row
    return _("工作表“%(sheet)s”第%(row)s行") % {"sheet": other.sheet, "row": other.row}
