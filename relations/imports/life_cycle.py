"""States of an uploaded register: read and checked, shown, and written after the user confirms.

Small files are read within the request; large ones by the worker process, so that the browser may be closed. Pending
work is stored in the table `Import`: after a worker process died, another resumes it (`resume_abandoned`). Writing is
one transaction.
"""

import logging

from django.db import IntegrityError, OperationalError, transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.exceptions import EditConflict
from accounts.stored_texts import stored_in_chinese
from relations.imports import progress, reading, uploads, write_lock
from relations.imports.faults import Unreadable
from relations.imports.report import report_of
from relations.imports.specs import spec_of
from relations.imports.stages import no_progress
from relations.models import Import
from relations.parties.kinds import may_for_kind
from relations.reminding.kinds import ReminderKind
from reminders import raising
from reminders.actions import remind

logger = logging.getLogger(__name__)
MAX_TRIES = 3
State = Import.State


def check_import(pk, today):
    """Reads and checks the file of an Import; stores only the report."""
    run_step(pk, State.READING, progress.CHECK, read_and_check, today)


def read_and_check(upload, today, on_progress):
    finish_reading(upload, read(upload, on_progress), today)


def write_import(pk, today):
    """Reads the file of an Import again and writes all of it or nothing.

    When the changes differ from those the user confirmed, nothing is written and the user has to confirm again.
    """
    run_step(pk, State.WRITING, progress.WRITE, read_and_write, today)


def read_and_write(upload, today, on_progress):
    result, tries = read(upload, on_progress), 0
    while result.digest == upload.report["mark"] and tries < MAX_TRIES:
        try:
            commit(upload, result, today, on_progress)
            return
        except (EditConflict, IntegrityError, OperationalError) as problem:
            logger.warning("Import %s was rolled back", upload.pk, exc_info=True)
            result, tries = read(upload, on_progress), tries + 1
            if result.digest == upload.report["mark"] and not write_lock.is_retryable(problem):
                raise  # the data has not changed: another attempt would fail again
    notice = _("您核对以后，系统里的内容有了变化，什么都没有写入。请再核对一次。")
    finish_reading(upload, result, today, notice=notice)


def commit(upload, found, today, on_progress):
    """Writes a ReadResult in one transaction, after waiting for other imports. Locks only the row of its own Import, so
    that others can be cancelled.
    """
    report = report_of(found)  # before the write: afterwards the new records are no longer new
    with transaction.atomic():
        write_lock.acquire(upload.pk)
        own = Import.objects.select_for_update(no_key=True).filter(pk=upload.pk, state=State.WRITING)
        if not own.values_list("pk").first():
            return  # another worker process was faster
        reading.commit(found, by=upload.by, today=today, on_progress=on_progress)
        now, count = timezone.now(), found.counts["read"]
        finish(upload, State.DONE, report, today, committed_at=now, progress=count)


def run_step(pk, state, shares, act, today):
    """Runs `act` for an Import in `state` that no other process works on. Errors are stored on the Import, not raised.

    `shares` is progress.CHECK or progress.WRITE.
    """
    upload = Import.objects.select_related("by").filter(pk=pk, state=state).first()
    if upload is None or progress.progress_of(pk).is_worked_on:
        return
    with progress.reporting(pk, shares) as on_progress:
        try:
            if progress.is_asked_to_stop(pk):
                raise progress.Cancelled
            if not may_still_import(upload):
                raise Unreadable(_("账号已停用，或者不再有导入的权限，什么都没有写入。"))
            act(upload, today, on_progress)
        except progress.Cancelled:
            fail(upload, _("您取消了这次导入，什么都没有写入。"), today)
        except Unreadable as problem:
            fail(upload, str(problem), today)
        except Exception:
            logger.exception("Import %s failed", pk)
            fail(upload, _("读取或导入时出了错，什么都没有写入。请检查文件后再上传。"), today)
    progress.delete_progress(pk)


def may_still_import(upload):
    """Whether the user who uploaded the file may still import such a register."""
    return upload.by.is_active and may_for_kind(upload.by, spec_of(upload.kind).permission, upload.kind)


def finish_reading(upload, found, today, **wording):
    """Stores the report of a file that was read, and an annotated copy when it has faults."""
    report = report_of(found) | wording
    if found.faults:
        uploads.store_annotated_copy(upload, report)
    state = State.FAULTY if found.faults else State.READ
    finish(upload, state, report, today, total=len(found.plans))


def fail(upload, problem, today):
    finish(upload, State.FAILED, {"problem": problem}, today)


def finish(upload, state, report, today, **fields):
    """Changes the state of `upload`, unless another process has done so since loading; notifies of large files."""
    unchanged = Import.objects.filter(pk=upload.pk, state=upload.state)
    if unchanged.update(state=state, report=report, **fields) and not uploads.is_small(upload):
        notify(upload, state, report, today)


@stored_in_chinese()
def notify(upload, state, report, today):
    """Notifies the user who uploaded the file, with a link to the page."""
    titles = {
        State.READ: _("登记表“%s”已读完，请核对后导入"),
        State.FAULTY: _("登记表“%s”里有要改的地方，什么都没有写入"),
        State.DONE: _("登记表“%s”已全部导入"),
        State.FAILED: _("登记表“%s”没有导入，什么都没有写入"),
    }
    raising.close_reminders([f"import:{upload.pk}"])
    remind(
        upload.by,
        kind=ReminderKind.IMPORT,
        key=f"import:{upload.pk}:{state}:{report.get('mark', '')[:16]}",
        subject=f"import:{upload.pk}",
        title=titles[state] % upload.name,
        link=reverse(f"{spec_of(upload.kind).namespace}:check", args=[upload.pk]),
        today=today,
        is_for_information=True,
    )


def read(upload, on_progress=no_progress):
    with uploads.as_local_file(upload) as path:
        return reading.read_workbook(spec_of(upload.kind), path, by=upload.by, on_progress=on_progress)


def begin_writing(upload):
    """Claims a checked Import for writing; False when another request did."""
    waiting = Import.objects.filter(pk=upload.pk, state=State.READ)
    if not waiting.update(state=State.WRITING, progress=0):
        return False
    raising.close_reminders([f"import:{upload.pk}"])
    progress.mark_waiting(upload.pk)
    return True


def cancel(upload, today):
    """Stops an import that is being read or written. A process that works on it stops at the next batch of rows."""
    if upload.state not in {State.READING, State.WRITING}:
        return
    progress.ask_to_stop(upload.pk)
    if progress.progress_of(upload.pk).is_worked_on:
        return
    with transaction.atomic():
        free = Import.objects.select_for_update(no_key=True, skip_locked=True).filter(pk=upload.pk)
        if not free.values_list("pk").first():
            return  # it is being written after all; the request to stop remains
        fail(upload, _("您取消了这次导入，什么都没有写入。"), today)
    progress.delete_progress(upload.pk)


def resume_abandoned(today):
    """Resumes the imports abandoned by worker processes that died; returns their number."""
    busy = Import.objects.filter(state__in=[State.READING, State.WRITING]).defer("report")
    abandoned = [upload for upload in busy if is_abandoned(upload)]
    for upload in abandoned:
        if progress.progress_of(upload.pk).tries >= MAX_TRIES:
            fail(upload, _("处理这个文件时程序几次中断，什么都没有写入。请分成几个小一些的文件再试。"), today)
            progress.delete_progress(upload.pk)
        elif upload.state == State.READING:
            check_import(upload.pk, today)
        else:
            write_import(upload.pk, today)
    return len(abandoned)


def is_abandoned(upload):
    """Whether no process has reported progress on it for longer than SILENCE_LIMIT."""
    last = progress.progress_of(upload.pk).at or upload.at
    return timezone.now() - last > progress.SILENCE_LIMIT
