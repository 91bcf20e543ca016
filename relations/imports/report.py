"""The stored report of a register for its page: figures, faults and rows, packed so that a page unpacks only its own.

`results` has one letter per row; `rows` and `faults` are lists of packs, each PACK_SIZE items as compressed JSON.
"""

import base64
import json
import zlib
from dataclasses import asdict

from relations.imports.plan import CHANGED, FAULTY, NEW, SAME

PACK_SIZE = 500
MAX_FAULTS = 20_000
RESULT_LETTERS = {NEW: "n", CHANGED: "c", SAME: "s", FAULTY: "f"}


def report_of(reading):
    """Returns the report of a ReadResult as a dict that can be stored as JSON."""
    faults = reading.faults
    return {
        "counts": reading.counts,
        "tidied": reading.tidied,
        "unused": reading.unused[:50],
        "sheets": reading.sheets,
        "mark": reading.digest,
        "fault_count": len(faults),
        "faults": packs_of([asdict(fault) for fault in faults[:MAX_FAULTS]]),
        "results": "".join(RESULT_LETTERS[plan.result] for plan in reading.plans),
        "rows": packs_of(reading.plans, lambda plan: row_of(reading.spec, plan)),
    }


def packs_of(items, shape=lambda item: item):
    """Returns `items`, each turned into JSON data by `shape`, in packs of PACK_SIZE."""
    return [
        packed([shape(item) for item in items[start : start + PACK_SIZE]])
        for start in range(0, len(items), PACK_SIZE)
    ]


def packed(items):
    text = json.dumps(items, ensure_ascii=False, separators=(",", ":"))
    return base64.b85encode(zlib.compress(text.encode())).decode()


def unpacked(pack):
    return json.loads(zlib.decompress(base64.b85decode(pack)))


def faults_of(report, most=None):
    """Returns the first `most` faults of a report, or all that are stored, as dicts of a Fault."""
    stored = report.get("faults", [])
    needed = stored if most is None else stored[: -(-most // PACK_SIZE)]
    return [fault for pack in needed for fault in unpacked(pack)][:most]


def places(report, result=None):
    """Returns the places (from 0) of the rows with one result, or of all."""
    results = report.get("results", "")
    return [
        place for place, letter in enumerate(results) if result is None or letter == RESULT_LETTERS[result]
    ]


def rows_at(report, wanted):
    """Returns the rows at the places `wanted`, in that order; unpacks only the packs needed."""
    opened = {}
    for place in wanted:
        opened.setdefault(place // PACK_SIZE, None)
    opened = {number: unpacked(report["rows"][number]) for number in opened}
    return [opened[place // PACK_SIZE][place % PACK_SIZE] for place in wanted]


def row_of(spec, plan):
    """Returns a row for the page: location, result, cells, and its changes and faults by field."""
    entry, changes, faults = plan.entry, {}, {}
    for change in plan.changes:
        changes.setdefault(change.column.field, change.wording)
    for fault in entry.faults:
        faults.setdefault(spec.by_label[fault.column].field, [fault.value, fault.problem])
    return {
        "sheet": entry.sheet,
        "row": entry.row,
        "result": plan.result,
        "record": plan.record_key,
        **spec.page_row(plan),
        "changes": changes,
        "faults": faults,
    }
