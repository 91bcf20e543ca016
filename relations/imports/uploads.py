"""Uploaded registers: checked, stored as a new Import, and opened again."""

import hashlib
import tempfile
from contextlib import contextmanager
from pathlib import Path

from django.core.files.base import ContentFile
from django.utils.translation import gettext as _

from relations.files import virus_scan
from relations.imports import annotated_copy, package_checks, progress
from relations.imports.package_checks import MAX_FILE_BYTES
from relations.imports.report import faults_of
from relations.imports.specs import spec_of
from relations.models import Import

INLINE_BYTES = 100 * 1024
INLINE_UNPACKED_BYTES = 2 * 1024 * 1024
MAX_WAITING = 3  # unfinished imports per user
State = Import.State


class UploadRefused(Exception):
    """The upload is refused; the message gives the reason."""


def check_upload(upload):
    """Raises UploadRefused when the file is not named .xlsx or is too large."""
    if not upload.name.lower().endswith(".xlsx"):
        raise UploadRefused(_("请上传.xlsx文件。旧的.xls文件请用Excel另存为.xlsx。"))
    if upload.size > MAX_FILE_BYTES:
        raise UploadRefused(_("文件超过%d MB，请分成几个文件。") % (MAX_FILE_BYTES >> 20))


def store(upload, *, kind, by):
    """Stores an uploaded file as a new Import of `kind`, not read yet. Raises UploadRefused."""
    check_upload(upload)
    virus_scan.require_scanned(upload)
    if Import.objects.filter(by=by, state__in=[State.READING, State.WRITING]).count() >= MAX_WAITING:
        raise UploadRefused(_("您还有%d个登记表没有读完，请等它们读完，或取消一个再传。") % MAX_WAITING)
    digest = hashlib.sha256()
    for chunk in upload.chunks():
        digest.update(chunk)
    upload.seek(0)
    stored = Import(kind=kind, name=Path(upload.name).name[-150:], sha256=digest.hexdigest(), by=by)
    stored.file.save(f"{digest.hexdigest()[:24]}.xlsx", upload, save=False)
    stored.save()
    progress.mark_waiting(stored.pk)
    return stored


def is_small(upload):
    """Whether an Import is read within the request: small both packed and unpacked."""
    if upload.file.size > INLINE_BYTES:
        return False
    with upload.file.storage.open(upload.file.name) as content:
        return package_checks.unpacked_size(content) <= INLINE_UNPACKED_BYTES


@contextmanager
def as_local_file(upload):
    """Context manager: a temporary local copy of the stored file, as a path; works with any storage."""
    with tempfile.NamedTemporaryFile(suffix=".xlsx") as copy:
        with upload.file.open("rb") as source:
            for chunk in source.chunks():
                copy.write(chunk)
        copy.flush()
        yield copy.name


def store_annotated_copy(upload, report):
    """Stores a copy of the file with the faults of `report` in red next to the file."""
    with as_local_file(upload) as path:
        content = annotated_copy.annotated_workbook(spec_of(upload.kind), path, faults_of(report))
    name = annotated_name(upload)
    upload.file.storage.delete(name)
    upload.file.storage.save(name, ContentFile(content))


def annotated_name(upload):
    return f"{upload.file.name.removesuffix('.xlsx')}-marked.xlsx"
