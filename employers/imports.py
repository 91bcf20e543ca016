"""The life of an uploaded register: stored, read and checked, shown, and written when somebody says so.

Small files are read at once; large ones by the worker, so that the browser may be closed. What waits stands in the
table `Import`: a worker that died is followed by another (`pick_up`), and the write itself is one transaction.
"""

import hashlib
import logging
import tempfile
from dataclasses import asdict
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from employers.importing import run
from employers.importing.columns import LABELS
from employers.importing.faults import Unreadable
from employers.importing.sound import LARGEST_FILE
from employers.models import Import

logger = logging.getLogger(__name__)
AT_ONCE_BYTES = 300 * 1024
MOST_FAULTS = 1000
STALE = timedelta(minutes=10)


class NotAccepted(Exception):
    """The upload is refused; the text says why."""


def store(upload, *, by):
    """Keeps an uploaded file as a new Import, not yet read. Raises NotAccepted."""
    if not upload.name.lower().endswith(".xlsx"):
        raise NotAccepted(_("请上传.xlsx文件。旧的.xls文件请用Excel另存为.xlsx。"))
    if upload.size > LARGEST_FILE:
        raise NotAccepted(_("文件超过20 MB，请分成几个文件。"))
    digest = hashlib.sha256()
    for chunk in upload.chunks():
        digest.update(chunk)
    upload.seek(0)
    name = Path(upload.name).name[-150:]
    made = Import(name=name, sha256=digest.hexdigest(), by=by)
    made.file.save(f"{digest.hexdigest()[:24]}.xlsx", upload, save=False)
    made.save()
    return made


def is_small(made):
    return made.file.size <= AT_ONCE_BYTES


def check(pk):
    """Reads and checks the file of an Import; writes nothing but the report."""
    made = Import.objects.select_related("by").filter(pk=pk, state=Import.State.READING).first()
    if made is None:
        return
    try:
        reading = read(made)
    except Unreadable as problem:
        finish(made, Import.State.FAILED, {"problem": str(problem)})
        return
    except Exception:
        logger.exception("import %s was not read", pk)
        finish(
            made, Import.State.FAILED, {"problem": _("读取时出了错，什么都没有写入。请检查文件后再上传。")}
        )
        return
    state = Import.State.FAULTY if reading.faults else Import.State.READ
    finish(made, state, report_of(reading), total=len(reading.plans))


def read(made):
    with as_local_file(made) as path:
        return run.read(path, by=made.by)


class as_local_file:
    """The stored file as a path on this machine, whatever keeps it."""

    def __init__(self, made):
        self.made = made

    def __enter__(self):
        self.copy = tempfile.NamedTemporaryFile(suffix=".xlsx")
        with self.made.file.open("rb") as source:
            for chunk in source.chunks():
                self.copy.write(chunk)
        self.copy.flush()
        return self.copy.name

    def __exit__(self, *raised):
        self.copy.close()


def finish(made, state, report, **fields):
    """Moves `made` on from the state in which it was found; when somebody else has, theirs stands."""
    Import.objects.filter(pk=made.pk, state=made.state).update(state=state, report=report, **fields)


def begin_writing(made):
    """Claims a checked Import for writing; False when somebody else did."""
    waiting = Import.objects.filter(pk=made.pk, state=Import.State.READ)
    return bool(waiting.update(state=Import.State.WRITING, progress=0))


def write(pk, today):
    """Reads the file again, and writes it whole or not at all."""
    made = Import.objects.select_related("by").filter(pk=pk, state=Import.State.WRITING).first()
    if made is None:
        return
    try:
        write_claimed(made, today)
    except Exception:
        logger.exception("import %s was not written", pk)
        finish(
            made,
            Import.State.FAILED,
            {**made.report, "problem": _("导入时出了错，什么都没有写入。请再试一次。")},
        )


def write_claimed(made, today):
    with transaction.atomic():
        locked = Import.objects.select_for_update().filter(pk=made.pk, state=Import.State.WRITING)
        if not locked.exists():
            return
        reading = read(made)
        if reading.faults:
            finish(made, Import.State.FAULTY, report_of(reading))
            return
        report = report_of(reading)  # what was new is not new any more once it is written
        run.commit(
            reading, by=made.by, today=today, tell=lambda _stage, done, _of: tell_progress(made.pk, done)
        )
        finish(
            made,
            Import.State.DONE,
            report,
            committed_at=timezone.now(),
            progress=len(reading.plans),
        )


def tell_progress(pk, done):
    """Progress is told outside the database, where the running transaction would hide it."""
    progress_file(pk).parent.mkdir(parents=True, exist_ok=True)
    progress_file(pk).write_text(str(done))


def progress_of(made):
    """How many rows are written so far."""
    try:
        return int(progress_file(made.pk).read_text())
    except (OSError, ValueError):
        return made.progress


def progress_file(pk):
    return Path(settings.VAR_DIR) / "progress" / f"import-{pk}"


def pick_up(today):
    """What a worker that died has left behind is done now; returns how many."""
    since = timezone.now() - STALE
    reading = list(
        Import.objects.filter(state=Import.State.READING, at__lt=since).values_list("pk", flat=True)
    )
    writing = list(
        Import.objects.filter(state=Import.State.WRITING, at__lt=since).values_list("pk", flat=True)
    )
    for pk in reading:
        check(pk)
    for pk in writing:
        write(pk, today)
    return len(reading) + len(writing)


def report_of(reading):
    """What the page shows, as JSON."""
    return {
        "counts": reading.counts,
        "tidied": reading.tidied,
        "unused": reading.unused[:50],
        "sheets": reading.sheets,
        "faults": [asdict(fault) for fault in reading.faults[:MOST_FAULTS]],
        "fault_count": len(reading.faults),
        "rows": [row_of(made) for made in reading.plans],
    }


def row_of(made):
    found = made.candidate
    changes, faults = {}, {}
    for change in made.changes:
        changes.setdefault(change.label, [change.old, change.new])
    for fault in found.faults:
        faults.setdefault(field_of(fault.column), [fault.value, fault.problem])
    return {
        "sheet": found.sheet,
        "row": found.row,
        "result": made.result,
        "name": found.name,
        "body_type": found.body_word,
        "town": found.town,
        "people": [f"{person.name} {person.title}".strip() for person in found.people],
        "phones": [person.phone for person in found.people],
        "contract_number": found.contract_number,
        "starts_on": found.starts_on.isoformat() if found.starts_on else "",
        "ends_on": found.ends_on.isoformat() if found.ends_on else "",
        "worker": found.worker,
        "changes": changes,
        "faults": faults,
    }


def field_of(label):
    return next(field for field, known in LABELS.items() if known == label)
