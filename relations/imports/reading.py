"""All steps for one file: read and compare; write a result without faults."""

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
    """The result of reading a file: one Plan per entry in order, counts of corrections, unused headings, sheets."""

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
        """Hash of the planned changes and the values they replace; it differs once the file or the data has changed."""
        digest = hashlib.sha256()
        for plan in self.plans:
            changes = [(change.column.field, change.old, change.new) for change in plan.changes]
            existing = plan.existing and plan.existing.pk
            digest.update(repr((plan.entry.row, plan.result, existing, changes)).encode())
        return digest.hexdigest()


def read_workbook(spec, path, *, by, on_progress=no_progress):
    """Reads the file at `path` as a register of `spec` (ImportSpec), imported by the user `by`; returns a ReadResult.

    `on_progress` is called with a stage (READING, COMPARING), the number of rows done and their approximate total.
    Raises Unreadable when the file as a whole cannot be read.
    """
    tidied, read_entries, unused, sheets = Corrections(), [], [], []
    with workbook_reader.open_workbook(path) as opened:
        chosen = headings.find_register_sheets(opened, spec)
        rows = RowCounter(sum(sheet.size for sheet, _layout in chosen), on_progress)
        for sheet, layout in chosen:
            read_entries += entries(sheet, layout, spec, tidied, rows.one_more)
            unused += layout.unused
            sheets.append({"title": sheet.title, "heading_row": layout.row})
    plans = make_plans(spec, read_entries, by, lambda done: on_progress(COMPARING, done, len(read_entries)))
    return ReadResult(spec, plans, tidied.counts, unused, sheets)


class RowCounter:
    """Counts the rows read and reports them every PROGRESS_EVERY rows. Raises Unreadable beyond MAX_ROWS."""

    def __init__(self, expected, on_progress):
        self.expected, self.on_progress, self.done = expected, on_progress, 0

    def one_more(self):
        self.done += 1
        if self.done > workbook_reader.MAX_ROWS:
            raise Unreadable(_("超过%s行，请分成几个文件。") % workbook_reader.MAX_ROWS)
        if self.done % PROGRESS_EVERY == 0:
            self.on_progress(READING, self.done, max(self.expected, self.done))


def commit(reading, *, by, today, on_progress=no_progress):
    """Writes a ReadResult without faults. Raises ValueError when it has any: a register is never written in part.

    Raises EditConflict, and writes nothing, when the compared records have been changed in the meantime.
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
