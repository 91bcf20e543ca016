"""The life of an uploaded register: stored, read and checked, shown, and written when somebody says so.

Small files are read at once; large ones by the worker, so that the browser may be closed. What waits stands in the
table `Import`: a worker that died is followed by another (`pick_up`), and the write itself is one transaction.
"""

import hashlib
import logging
import tempfile
from pathlib import Path

from django.core.files.base import ContentFile
from django.db import IntegrityError, OperationalError, transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from employers import import_progress as progress
from employers import import_turns as turns
from employers import marked
from employers.import_report import faults_of, report_of
from employers.importing import run, sound
from employers.importing.faults import Unreadable
from employers.importing.sound import LARGEST_FILE
from employers.models import Import
from relations.bulk import Moved
from relations.files import virus_scan
from reminders import raising
from reminders.actions import remind
from reminders.models import Reminder

logger = logging.getLogger(__name__)
AT_ONCE_BYTES = 100 * 1024
AT_ONCE_UNPACKED = 2 * 1024 * 1024
MOST_WAITING = 3  # registers of one person that are not yet read or written
MOST_TRIES = 3
State = Import.State


class NotAccepted(Exception):
    """The upload is refused; the text says why."""


def accept(upload):
    """Raises NotAccepted for what is no register by its name, or too large."""
    if not upload.name.lower().endswith(".xlsx"):
        raise NotAccepted(_("请上传.xlsx文件。旧的.xls文件请用Excel另存为.xlsx。"))
    if upload.size > LARGEST_FILE:
        raise NotAccepted(_("文件超过20 MB，请分成几个文件。"))


def store(upload, *, by):
    """Keeps an uploaded file as a new Import, not yet read. Raises NotAccepted."""
    accept(upload)
    virus_scan.require_shown(upload)
    if Import.objects.filter(by=by, state__in=[State.READING, State.WRITING]).count() >= MOST_WAITING:
        raise NotAccepted(_("您还有%d个登记表没有读完，请等它们读完，或取消一个再传。") % MOST_WAITING)
    digest = hashlib.sha256()
    for chunk in upload.chunks():
        digest.update(chunk)
    upload.seek(0)
    name = Path(upload.name).name[-150:]
    made = Import(name=name, sha256=digest.hexdigest(), by=by)
    made.file.save(f"{digest.hexdigest()[:24]}.xlsx", upload, save=False)
    made.save()
    progress.wait(made.pk)
    return made


def is_small(made):
    """Whether it is read at once, by the request itself: small as it is, and unpacked."""
    if made.file.size > AT_ONCE_BYTES:
        return False
    with made.file.storage.open(made.file.name) as content:
        return sound.unpacked_size(content) <= AT_ONCE_UNPACKED


def check(pk, today):
    """Reads and checks the file of an Import; writes nothing but the report."""
    work(pk, State.READING, progress.CHECK, checked, today)


def checked(made, today, tell):
    conclude(made, read(made, tell), today)


def write(pk, today):
    """Reads the file again, and writes it whole or not at all.

    When something else would be written than the person has seen, nothing is, and they are asked again.
    """
    work(pk, State.WRITING, progress.WRITE, written, today)


def written(made, today, tell):
    reading, tries = read(made, tell), 0
    while reading.mark == made.report["mark"] and tries < MOST_TRIES:
        try:
            commit(made, reading, today, tell)
            return
        except (Moved, IntegrityError, OperationalError) as problem:
            logger.warning("import %s was taken back", made.pk, exc_info=True)
            reading, tries = read(made, tell), tries + 1
            if reading.mark == made.report["mark"] and not turns.is_passing(problem):
                raise  # nobody has changed anything: it would go wrong again
    moved = _("您核对以后，系统里的内容有了变化，什么都没有写入。请再核对一次。")
    conclude(made, reading, today, notice=moved)


def commit(made, reading, today, tell):
    """Writes in one transaction, in its turn; only its own row is locked, and the others can be cancelled."""
    report = report_of(reading)  # what was new is not new any more once it is written
    with transaction.atomic():
        turns.take(made.pk)
        own = Import.objects.select_for_update(no_key=True).filter(pk=made.pk, state=State.WRITING)
        if not own.values_list("pk").first():
            return  # another worker was faster
        run.commit(reading, by=made.by, today=today, tell=tell)
        finish(made, State.DONE, report, today, committed_at=timezone.now(), progress=reading.counts["read"])


def work(pk, state, shares, act, today):
    """Does `act` for an Import in `state` that nobody else works on; what goes wrong is told, never raised."""
    made = Import.objects.select_related("by").filter(pk=pk, state=state).first()
    if made is None or progress.of(pk).is_worked_on:
        return
    with progress.telling(pk, shares) as tell:
        try:
            if progress.is_asked_to_stop(pk):
                raise progress.Cancelled
            act(made, today, tell)
        except progress.Cancelled:
            fail(made, _("您取消了这次导入，什么都没有写入。"), today)
        except Unreadable as problem:
            fail(made, str(problem), today)
        except Exception:
            logger.exception("import %s did not end", pk)
            fail(made, _("读取或导入时出了错，什么都没有写入。请检查文件后再上传。"), today)
    progress.forget(pk)


def conclude(made, reading, today, **words):
    """The file was read: it is shown, with its faults marked in a copy when it has any."""
    report = report_of(reading) | words
    if reading.faults:
        mark(made, report)
    finish(made, State.FAULTY if reading.faults else State.READ, report, today, total=len(reading.plans))


def fail(made, problem, today):
    finish(made, State.FAILED, {"problem": problem}, today)


def finish(made, state, report, today, **fields):
    """Moves `made` on from the state in which it was found; when somebody else has, theirs stands."""
    moved = Import.objects.filter(pk=made.pk, state=made.state).update(state=state, report=report, **fields)
    if moved and not is_small(made):
        notify(made, state, report, today)


def notify(made, state, report, today):
    """Whoever closed the browser is told, in words and by the link to the page."""
    words = {
        State.READ: _("登记表“%s”已读完，请核对后导入"),
        State.FAULTY: _("登记表“%s”里有要改的地方，什么都没有写入"),
        State.DONE: _("登记表“%s”已全部导入"),
        State.FAILED: _("登记表“%s”没有导入，什么都没有写入"),
    }
    raising.close([f"import:{made.pk}"])
    remind(
        made.by,
        kind=Reminder.Kind.IMPORT,
        key=f"import:{made.pk}:{state}:{report.get('mark', '')[:16]}",
        subject=f"import:{made.pk}",
        title=words[state] % made.name,
        link=reverse("imports:check", args=[made.pk]),
        today=today,
        is_for_information=True,
    )


def read(made, tell=run.nobody):
    with as_local_file(made) as path:
        return run.read(path, by=made.by, tell=tell)


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


def mark(made, report):
    """Keeps a copy of the file with its faults in red beside it."""
    with as_local_file(made) as path:
        content = marked.marked(path, faults_of(report))
    name = marked_name(made)
    made.file.storage.delete(name)
    made.file.storage.save(name, ContentFile(content))


def marked_name(made):
    return f"{made.file.name.removesuffix('.xlsx')}-marked.xlsx"


def begin_writing(made):
    """Claims a checked Import for writing; False when somebody else did."""
    waiting = Import.objects.filter(pk=made.pk, state=State.READ)
    if not waiting.update(state=State.WRITING, progress=0):
        return False
    raising.close([f"import:{made.pk}"])
    progress.wait(made.pk)
    return True


def cancel(made, today):
    """Stops an import that is being read or written. Whoever works on it stops at the next portion of rows."""
    if made.state not in {State.READING, State.WRITING}:
        return
    progress.ask_to_stop(made.pk)
    if progress.of(made.pk).is_worked_on:
        return
    with transaction.atomic():
        free = Import.objects.select_for_update(no_key=True, skip_locked=True).filter(pk=made.pk)
        if not free.values_list("pk").first():
            return  # it is being written after all; the sign stands
        fail(made, _("您取消了这次导入，什么都没有写入。"), today)
    progress.forget(made.pk)


def pick_up(today):
    """What a worker that died has left behind is done now; returns how many."""
    left = [
        made
        for made in Import.objects.filter(state__in=[State.READING, State.WRITING]).defer("report")
        if is_left(made)
    ]
    for made in left:
        if progress.of(made.pk).tries >= MOST_TRIES:
            fail(made, _("处理这个文件时程序几次中断，什么都没有写入。请分成几个小一些的文件再试。"), today)
            progress.forget(made.pk)
        elif made.state == State.READING:
            check(made.pk, today)
        else:
            write(made.pk, today)
    return len(left)


def is_left(made):
    """Whether nobody has shown a sign of life for it since it was uploaded or begun."""
    last = progress.of(made.pk).at or made.at
    return timezone.now() - last > progress.SILENT
