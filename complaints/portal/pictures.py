"""Redraws pictures from the public, so that the place and the device they were taken with are removed.

Decoding a picture from a stranger is expensive and dangerous. It is done last, once for each form that is accepted, in
a process with limits of memory and time (picture_process), of which settings.PICTURE_PROCESSES may run at a time on
this machine (relations.files.slots).
"""

import logging
import subprocess
import sys
import tempfile
from contextlib import ExitStack, contextmanager
from pathlib import Path

import PIL
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files import File
from django.utils.translation import gettext as _

from complaints.portal import picture_process, picture_sizes
from relations.files import slots
from relations.files.names import clean_name
from reminders.models import Parameter

logger = logging.getLogger(__name__)
MAX_GIVEN_SIDE = 30_000  # pixels of a side; every line of pixels costs extra memory, however short it is
MEMORY = 1024 * 1024 * 1024  # limit of the address space of the process, in bytes
CPU_SECONDS = 6  # for each picture; the most expensive accepted ones need four
SECONDS = 30  # elapsed time, for all pictures of one form
PROGRAM = Path(picture_process.__file__)
MEGAPIXEL = 1_000_000
PACKAGES = Path(PIL.__file__).parents[1]
FORMATS = {
    "image/jpeg": ("JPEG", "image/jpeg", "jpg"),
    "image/png": ("PNG", "image/png", "png"),
    "image/gif": ("GIF", "image/png", "png"),
    "image/webp": ("WEBP", "image/webp", "webp"),
}  # {content type: (format read, content type stored, file extension)}


def check_size(file, content_type, today):
    """Checks only the header. Raises ValidationError for a file that is no picture, or one too large to be redrawn."""
    name = clean_name(file.name)
    try:
        width, height = picture_sizes.size_of(file, content_type)
    except picture_sizes.UnreadableHeader as broken:
        raise broken_picture_error(name) from broken
    if content_type == "image/jpeg":
        check_scans(file, name)
    most = Parameter.objects.value_on("portal_megapixels", today)
    if content_type != "image/jpeg":
        most = min(most, picture_process.MAX_FULL_PIXELS // MEGAPIXEL)
    if width * height > most * MEGAPIXEL or max(width, height) > MAX_GIVEN_SIDE:
        raise too_large_error(name, width, height, most)


def check_scans(file, name):
    try:
        if picture_sizes.has_too_many_scans(file):
            raise too_expensive_error(name)
    except picture_sizes.UnreadableHeader as broken:
        raise broken_picture_error(name) from broken


def total_pixels(files):
    """The number of pixels of all pictures among checked `files` (pairs of file and content type)."""
    sizes = [picture_sizes.size_of(file, kind) for file, kind in files if kind in FORMATS]
    return sum(width * height for width, height in sizes)


def too_large_error(name, width, height, most):
    words = {"name": name, "width": width, "height": height, "most": f"{most * MEGAPIXEL:,}"}
    words["side"] = MAX_GIVEN_SIDE
    message = _(
        "“%(name)s”是%(width)d×%(height)d像素，尺寸太大：最多%(most)s像素，每边最多%(side)d。请把图片缩小，或截屏后再传。"
    )
    return ValidationError(message % words)


def too_expensive_error(name):
    """The error for a picture whose size is allowed, but which would take too long to redraw."""
    return ValidationError(_("“%s”的格式特殊，处理不了。请截屏后再传。") % name)


def broken_picture_error(name):
    return ValidationError(_("“%s”打不开，可能没有传完整。请重新拍一张或换一个文件。") % name)


@contextmanager
def redrawn_pictures(files):
    """Context manager: the checked `files` with each picture redrawn; other files as they are.

    Raises slots.NoFreeSlot when other requests take too long, ValidationError with the pictures that cannot be redrawn.
    """
    originals = [(file, kind) for file, kind in files if kind in FORMATS]
    if not originals:
        yield files
        return
    with ExitStack() as opened:
        with slots.slot("pictures", settings.PICTURE_PROCESSES):
            drawn = iter(redraw_all(originals, opened))
        yield [next(drawn) if kind in FORMATS else (file, kind) for file, kind in files]


def redraw_all(given, opened):
    """[(file, content type)] of the redrawn pictures, in unnamed temporary files that live until `opened` is closed."""
    pairs = [(copy_to_temporary(file, opened), open_temporary(opened)) for file, _kind in given]
    outcomes = run_decoder([(kind, file, pair) for (file, kind), pair in zip(given, pairs, strict=True)])
    problems = [error_of(word, file) for word, (file, _kind) in zip(outcomes, given, strict=True)]
    if any(problems):
        raise ValidationError([problem for problem in problems if problem])
    return [
        as_upload(file, kind, target) for (file, kind), (_source, target) in zip(given, pairs, strict=True)
    ]


def copy_to_temporary(file, opened):
    """The content of an upload in an unnamed file, which is deleted when the last process closes it."""
    source = open_temporary(opened)
    file.seek(0)
    for chunk in file.chunks():
        source.write(chunk)
    source.seek(0)
    return source


def open_temporary(opened):
    return opened.enter_context(tempfile.TemporaryFile())


def run_decoder(pictures):
    """Runs the decoder. Returns `ok`, `broken` or `large` for each picture (content type, file, (source, target))."""
    descriptors = [file.fileno() for _kind, _file, pair in pictures for file in pair]
    command = [
        sys.executable,
        "-I",
        "-S",
        PROGRAM,
        PACKAGES,
        MEMORY,
        CPU_SECONDS,
        *map(decoder_argument, pictures),
    ]
    process = subprocess.Popen(  # noqa: S603  our own program and numbers
        list(map(str, command)),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        pass_fds=descriptors,
        env={},
        cwd="/",
    )
    try:
        output, _errors = process.communicate(timeout=SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        output, _errors = process.communicate()
    outcomes = output.decode().split()[: len(pictures)]
    if len(outcomes) < len(pictures):
        logger.warning(
            "Pictures sent to the public portal were not processed: the process ended with %s",
            process.returncode,
        )
    return outcomes + ["large"] * (len(pictures) - len(outcomes))


def decoder_argument(picture):
    kind, file, (source, target) = picture
    width, height = picture_sizes.size_of(file, kind)
    return f"{FORMATS[kind][0]}:{width}:{height}:{source.fileno()}:{target.fileno()}"


def error_of(word, file):
    name = clean_name(file.name)
    return {"ok": None, "large": too_expensive_error(name)}.get(word, broken_picture_error(name))


def as_upload(file, kind, target):
    """The redrawn picture under the name of the uploaded one."""
    _read, content_type, ending = FORMATS[kind]
    target.seek(0)
    name = clean_name(file.name)
    return File(target, name=f"{name.rpartition('.')[0] or name}.{ending}"), content_type
