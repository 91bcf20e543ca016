"""The whole way of a file: read and check, and write when asked to and when nothing is wrong."""

from dataclasses import dataclass, field

from employers.importing import columns, workbook
from employers.importing.compare import CHANGED, FAULTY, NEW, SAME, plan
from employers.importing.rows import Tidied, candidates
from employers.importing.write import write


@dataclass
class Reading:
    """What was found in a file: one Plan per employer, every fault in order, and what was put right by itself."""

    plans: list
    faults: list
    tidied: dict
    unused: list
    sheets: list = field(default_factory=list)

    def count(self, result):
        return sum(made.result == result for made in self.plans)

    @property
    def counts(self):
        return {result: self.count(result) for result in (NEW, CHANGED, SAME, FAULTY)} | {
            "read": len(self.plans)
        }


def read(path, *, by):
    """Reads the register at `path` as `by` would import it. Raises Unreadable for the file as a whole."""
    tidied, found, unused, sheets = Tidied(), [], [], []
    for sheet, layout in columns.find_any(workbook.read(path)):
        found += candidates(sheet, layout, tidied)
        unused += layout.unused
        sheets.append({"title": sheet.title, "heading_row": layout.row})
    plans = plan(found, by)
    faults = [fault for made in plans for fault in made.candidate.faults]
    return Reading(plans, faults, tidied.counts, unused, sheets)


def commit(reading, *, by, today, progress=lambda done: None):
    """Writes a reading without faults. Raises ValueError when there is one: nothing is written by halves."""
    if reading.faults:
        raise ValueError("a register with faults is not written")
    write(reading.plans, by=by, today=today, progress=progress)
