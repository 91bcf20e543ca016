"""Attachments: which files are taken, told by their content, and how they are kept.

Taken are pictures, PDF and Office files without macros. The name a person gave is kept for the download only; on disk
a file has a random name. Nothing is ever shown inside a page: relations.files.views hands it out as an attachment.
"""

import hashlib
import zipfile
import zlib
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import PurePosixPath
from uuid import uuid4

import filetype
from django.core.exceptions import ValidationError
from django.core.files import File
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from relations.files import virus_scan, zip_directory
from relations.files.names import clean_name, extension_of
from relations.models import Attachment
from reminders.models import Parameter

STORED_FILES = ContextVar("kept", default=())  # files that a running `atomic_with_files` would delete again
MAX_FILES = 5  # files of one form
HEAD_BYTES = 8192
OLE_SIGNATURE = bytes.fromhex("d0cf11e0a1b11ae1")
OFFICE = "application/vnd.openxmlformats-officedocument."
MACROS = ("_VBA_PROJECT".encode("utf-16-le"), "Macros".encode("utf-16-le"))
MAX_ZIP_ENTRIES = 5000
TYPES, TYPES_AT_MOST = (
    "[Content_Types].xml",
    1 << 20,
)  # says of every part what it is, macros under another name too


@dataclass(frozen=True)
class FileType:
    """One kind of file: what it is called, its endings and its content type."""

    label: str
    endings: tuple
    content_type: str


JPEG = FileType(gettext_lazy("JPG图片"), ("jpg", "jpeg"), "image/jpeg")
PICTURES = {
    "image/jpeg": JPEG,
    "image/png": FileType(gettext_lazy("PNG图片"), ("png",), "image/png"),
    "image/gif": FileType(gettext_lazy("GIF图片"), ("gif",), "image/gif"),
    "image/webp": FileType(gettext_lazy("WebP图片"), ("webp",), "image/webp"),
    "image/heic": FileType(gettext_lazy("HEIC图片"), ("heic", "heif"), "image/heic"),
    "application/pdf": FileType("PDF", ("pdf",), "application/pdf"),
}
PACKAGES = {
    "word/document.xml": FileType("Word", ("docx",), OFFICE + "wordprocessingml.document"),
    "xl/workbook.xml": FileType("Excel", ("xlsx",), OFFICE + "spreadsheetml.sheet"),
    "ppt/presentation.xml": FileType("PPT", ("pptx",), OFFICE + "presentationml.presentation"),
}
OLD_OFFICE = FileType(gettext_lazy("旧版Office文件"), ("doc", "xls", "ppt"), "application/octet-stream")
OLD_TYPES = {
    "doc": "application/msword",
    "xls": "application/vnd.ms-excel",
    "ppt": "application/vnd.ms-powerpoint",
}
ENDINGS = sorted(
    {ending for kind in (*PICTURES.values(), *PACKAGES.values(), OLD_OFFICE) for ending in kind.endings}
)
ACCEPT = ",".join(["image/*", *(f".{ending}" for ending in ENDINGS)])


def size_limit(day):
    """The largest file in bytes on `day`."""
    return Parameter.objects.value_on("attachment_megabytes", day) * 1024 * 1024


def check_file(file, limit):
    """The content type of an uploaded file that may be kept.

    Raises ValidationError with a sentence that names the file and says what to do.
    """
    name = clean_name(file.name)
    if not file.size:
        raise ValidationError(_("“%s”是空的，请重新选择文件。") % name)
    if file.size > limit:
        sizes = {"name": name, "size": megabytes(file.size), "limit": limit // 1024 // 1024}
        raise ValidationError(
            _("“%(name)s”有%(size)s MB，超过%(limit)s MB。请压缩图片，或拆成几份再传。") % sizes
        )
    kind = detect_type(file, name)
    if kind is None:
        raise ValidationError(_("“%s”不是能收的文件。可以传图片、PDF、Word、Excel和PPT。") % name)
    if extension_of(name) not in kind.endings:
        words = {"name": name, "kind": kind.label, "ending": kind.endings[0]}
        raise ValidationError(
            _("“%(name)s”的内容是%(kind)s，和文件名不符。请用原来的文件，或把名字改成以.%(ending)s结尾。")
            % words
        )
    return OLD_TYPES[extension_of(name)] if kind is OLD_OFFICE else kind.content_type


def megabytes(size):
    """Rounded up to a tenth, so that what is over the limit never reads like the limit."""
    return f"{-(-size * 10 // 1024 // 1024) / 10:.1f}"


def detect_type(file, name):
    """The Kind that the content shows, or None."""
    file.seek(0)
    head = file.read(HEAD_BYTES)
    try:
        if head.startswith(b"PK\x03\x04"):
            return package_type(file, name)
        if head.startswith(OLE_SIGNATURE):
            return old_office_type(file, name)
        found = filetype.guess(head)
        return PICTURES.get(found.mime) if found else None
    finally:
        file.seek(0)


def package_type(file, name):
    """A Word, Excel or PPT file of today is a zip with known parts; others are refused."""
    if zip_directory.has_too_many_entries(file, MAX_ZIP_ENTRIES):
        return None
    try:
        with zipfile.ZipFile(file) as package:
            parts = package.namelist()
            declared = package.open(TYPES).read(TYPES_AT_MOST).lower() if TYPES in parts else b""
    except (zipfile.BadZipFile, zlib.error, OSError, ValueError, NotImplementedError, RuntimeError, EOFError):
        return None
    if len(parts) > MAX_ZIP_ENTRIES or TYPES not in parts:
        return None
    if b"vbaproject" in declared or b"macroenabled" in declared or any(map(is_macro, parts)):
        raise macro_error(name)
    return next((kind for part, kind in PACKAGES.items() if part in parts), None)


def is_macro(part):
    return PurePosixPath(part).name.lower().startswith("vbaproject")


def old_office_type(file, name):
    file.seek(0)
    before = b""
    while chunk := file.read(1 << 20):
        if any(mark in before + chunk for mark in MACROS):
            raise macro_error(name)
        before = chunk[-64:]
    return OLD_OFFICE


def macro_error(name):
    return ValidationError(_("“%s”带有宏，不能收。请另存为不带宏的文件（.docx、.xlsx、.pptx）再传。") % name)


@contextmanager
def atomic_with_files():
    """A transaction that files are part of: when it is rolled back, those kept inside are deleted again."""
    outer, kept = STORED_FILES.get(), []
    before = STORED_FILES.set(kept)
    try:
        with transaction.atomic():
            yield kept
    except BaseException:
        for file in kept:
            file.delete(save=False)
        raise
    finally:
        STORED_FILES.reset(before)
    if isinstance(outer, list):
        outer.extend(kept)


@atomic_with_files()
def attach(file, *, stakeholder, by, content_type, interaction=None, term=None):
    """Keeps a checked file with a relationship, and with a contact or a contract.

    Returns the Attachment. What is saved with it stands in `atomic_with_files` too.
    """
    attachment = Attachment(
        stakeholder=stakeholder,
        interaction=interaction,
        term=term,
        name=clean_name(file.name),
        content_type=content_type,
        size=file.size,
        sha256=sha256_of(file),
        uploaded_by=by,
    )
    virus_scan.require_scanned(file)
    attachment.file.save(uuid4().hex, File(file), save=False)
    STORED_FILES.get().append(attachment.file)
    attachment.save(force_insert=True)
    return attachment


def sha256_of(file):
    file.seek(0)
    found = hashlib.sha256()
    for chunk in file.chunks():
        found.update(chunk)
    file.seek(0)
    return found.hexdigest()
