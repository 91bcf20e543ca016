"""The whole way of a file: read and compare, and write when asked to and when nothing is wrong."""

import hashlib
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from relations.imports import headings, workbook_reader
from relations.imports.entries import Corrections, entries
from relations.imports.faults import Unreadable
from relations.imports.plan import CHANGED, FAULTY, NEW, SAME, make_plans
from relations.imports.stages import COMPARING, READING, WRITING, no_progress
from relations.imports.write import write

PROGRESS_EVERY = 500  # rows


@dataclass
class ReadResult:
    """What was found in a file: one Plan per entry, in order, and what was put right by itself."""

    spec: object
    plans: list
    tidied: dict
    unused: list
    sheets: list = field(default_factory=list)

    @property
    def faults(self):
        return [fault for plan in self.plans for fault in plan.entry.faults]

    def count(self, result):
        return sum(plan.result == result for plan in self.plans)

    @property
    def counts(self):
        return {result: self.count(result) for result in (NEW, CHANGED, SAME, FAULTY)} | {
            "read": len(self.plans)
        }

    @property
    def digest(self):
        """Of what would be written and over what: another one means that something has changed since."""
        digest = hashlib.sha256()
        for plan in self.plans:
            changes = [(change.column.field, change.old, change.new) for change in plan.changes]
            existing = plan.existing and plan.existing.pk
            digest.update(repr((plan.entry.row, plan.result, existing, changes)).encode())
        return digest.hexdigest()


def read_workbook(spec, path, *, by, on_progress=no_progress):
    """Reads the file at `path` as a register of `spec` (ImportSpec), as `by` would import it.

    `on_progress` is called with a stage (READING, COMPARING), how many rows are done, and of about how many.
    Raises Unreadable for the file as a whole.
    """
    tidied, found, unused, sheets = Corrections(), [], [], []
    with workbook_reader.open_workbook(path) as opened:
        chosen = headings.find_register_sheets(opened, spec)
        rows = RowCounter(sum(sheet.size for sheet, _layout in chosen), on_progress)
        for sheet, layout in chosen:
            found += entries(sheet, layout, spec, tidied, rows.one_more)
            unused += layout.unused
            sheets.append({"title": sheet.title, "heading_row": layout.row})
    plans = make_plans(spec, found, by, lambda done: on_progress(COMPARING, done, len(found)))
    return ReadResult(spec, plans, tidied.counts, unused, sheets)


class RowCounter:
    """Counts the rows that are read, reports them now and then, and refuses too many."""

    def __init__(self, expected, on_progress):
        self.expected, self.on_progress, self.done = expected, on_progress, 0

    def one_more(self):
        self.done += 1
        if self.done > workbook_reader.MAX_ROWS:
            raise Unreadable(_("超过%s行，请分成几个文件。") % workbook_reader.MAX_ROWS)
        if self.done % PROGRESS_EVERY == 0:
            self.on_progress(READING, self.done, max(self.expected, self.done))


def commit(reading, *, by, today, on_progress=no_progress):
    """Writes a reading without faults. Raises ValueError when there is one: nothing is written by halves.

    Raises EditConflict, and writes nothing, when others have changed what the file was compared with.
    """
    if reading.faults:
        raise ValueError("a register with faults is not written")
    write(
        reading.spec,
        reading.plans,
        by=by,
        today=today,
        on_progress=lambda done, of: on_progress(WRITING, done, of),
    )
