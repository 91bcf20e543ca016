"""Attachments: which files are accepted, determined by their content, and how they are stored.

Accepted are pictures, PDF, and Office files without macros. The original name is stored only for the download; on disk
a file has a random name. Files are never shown inside a page: relations.files.views serves them as downloads.
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

# Files to delete when the running `atomic_with_files` is rolled back.
STORED_FILES = ContextVar("kept", default=())
MAX_FILES = 5  # per form
HEAD_BYTES = 8192
OLE_SIGNATURE = bytes.fromhex("d0cf11e0a1b11ae1")
OFFICE = "application/vnd.openxmlformats-officedocument."
MACROS = ("_VBA_PROJECT".encode("utf-16-le"), "Macros".encode("utf-16-le"))
MAX_ZIP_ENTRIES = 5000
# The part that declares the content types of all parts, also of renamed macros; and how many bytes of it are read.
TYPES, TYPES_AT_MOST = "[Content_Types].xml", 1 << 20


@dataclass(frozen=True)
class FileType:
    """One type of file: its label, extensions and content type."""

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
    """Returns the maximum file size in bytes on `day`."""
    return Parameter.objects.value_on("attachment_megabytes", day) * 1024 * 1024


def check_file(file, limit):
    """Returns the content type of an uploaded file; `limit` is the maximum size in bytes.

    Raises ValidationError, with a message that names the file and the remedy, when the file is not accepted.
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
    """Formats a size, rounded up to a tenth, so that a size above the limit never looks like the limit."""
    return f"{-(-size * 10 // 1024 // 1024) / 10:.1f}"


def detect_type(file, name):
    """Returns the FileType determined by the content, or None."""
    file.seek(0)
    head = file.read(HEAD_BYTES)
    try:
        if head.startswith(b"PK\x03\x04"):
            return package_type(file, name)
        if head.startswith(OLE_SIGNATURE):
            return old_office_type(file, name)
        guess = filetype.guess(head)
        return PICTURES.get(guess.mime) if guess else None
    finally:
        file.seek(0)


def package_type(file, name):
    """Returns the FileType of a ZIP with the parts of a Word, Excel or PowerPoint file, else None.

    Raises ValidationError when it has macros.
    """
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
    """Context manager: a transaction that also deletes the files stored inside it when it is rolled back."""
    outer, stored = STORED_FILES.get(), []
    before = STORED_FILES.set(stored)
    try:
        with transaction.atomic():
            yield stored
    except BaseException:
        for file in stored:
            file.delete(save=False)
        raise
    finally:
        STORED_FILES.reset(before)
    if isinstance(outer, list):
        outer.extend(stored)


@atomic_with_files()
def attach(file, *, stakeholder, by, content_type, interaction=None, term=None):
    """Stores a checked file as an Attachment of a stakeholder, and of a contact or a term; returns the Attachment.

    Callers that save more in the same transaction wrap everything in `atomic_with_files`.
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
    digest = hashlib.sha256()
    for chunk in file.chunks():
        digest.update(chunk)
    file.seek(0)
    return digest.hexdigest()
