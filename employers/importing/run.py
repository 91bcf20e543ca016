"""The whole way of a file: read and check, and write when asked to and when nothing is wrong."""

import hashlib
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from employers.importing import columns, workbook
from employers.importing.compare import CHANGED, FAULTY, NEW, SAME, plan
from employers.importing.faults import Unreadable
from employers.importing.rows import Tidied, candidates
from employers.importing.write import write

READING, COMPARING, WRITING = "reading", "comparing", "writing"
TELL_EVERY = 500


def nobody(stage, done, of):
    """Whom progress is told when nobody asks."""


@dataclass
class Reading:
    """What was found in a file: one Plan per employer, in order, and what was put right by itself."""

    plans: list
    tidied: dict
    unused: list
    sheets: list = field(default_factory=list)

    @property
    def faults(self):
        return [fault for made in self.plans for fault in made.candidate.faults]

    def count(self, result):
        return sum(made.result == result for made in self.plans)

    @property
    def counts(self):
        return {result: self.count(result) for result in (NEW, CHANGED, SAME, FAULTY)} | {
            "read": len(self.plans)
        }

    @property
    def mark(self):
        """A digest of what would be written and over what: another one means that something has changed since."""
        digest = hashlib.sha256()
        for made in self.plans:
            changes = [(change.label, change.old, change.new) for change in made.changes]
            kept = made.employer and made.employer.pk
            digest.update(repr((made.candidate.row, made.result, kept, changes)).encode())
        return digest.hexdigest()


def read(path, *, by, tell=nobody):
    """Reads the register at `path` as `by` would import it. Raises Unreadable for the file as a whole.

    `tell` is called with a stage (READING, COMPARING), how many rows are done, and how many there are about.
    """
    tidied, found, unused, sheets = Tidied(), [], [], []
    with workbook.opened(path) as opened:
        chosen = columns.find_any(opened)
        rows = Rows(sum(sheet.size for sheet, _layout in chosen), tell)
        for sheet, layout in chosen:
            found += candidates(sheet, layout, tidied, rows.one_more)
            unused += layout.unused
            sheets.append({"title": sheet.title, "heading_row": layout.row})
    plans = plan(found, by, lambda done: tell(COMPARING, done, len(found)))
    return Reading(plans, tidied.counts, unused, sheets)


class Rows:
    """Counts the rows that are read, tells of them now and then, and says when they are too many."""

    def __init__(self, expected, tell):
        self.expected, self.tell, self.done = expected, tell, 0

    def one_more(self):
        self.done += 1
        if self.done > workbook.MOST_ROWS:
            raise Unreadable(_("超过%s行，请分成几个文件。") % workbook.MOST_ROWS)
        if self.done % TELL_EVERY == 0:
            self.tell(READING, self.done, max(self.expected, self.done))


def commit(reading, *, by, today, tell=nobody):
    """Writes a reading without faults. Raises ValueError when there is one: nothing is written by halves.

    Raises relations.bulk.Moved, and writes nothing, when others have changed what the file was compared with.
    """
    if reading.faults:
        raise ValueError("a register with faults is not written")
    write(reading.plans, by=by, today=today, tell=lambda done, of: tell(WRITING, done, of))
