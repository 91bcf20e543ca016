"""The hook for a virus scanner: every upload is shown to clamd before it is kept, when CLAMD_SOCKET names one.

clamd speaks a protocol of a few bytes (INSTREAM: pieces with their lengths, then one line of answer), so that no
library is needed. Off by default; then nothing here opens a connection.

Two places hold it together. `relations.files.fields.UploadFormMixin` and the public door ask `require_clean`, after all
cheap checks and outside any transaction. What keeps a file (attachments, enclosures, registers) asks `require_scanned`,
so that a new way in that forgets the first is refused by the second.
"""

import logging
import socket
import struct
import time
from contextlib import closing

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from relations.files.names import clean_name

logger = logging.getLogger(__name__)
CHUNK_SIZE = 64 * 1024  # bytes
CONNECT_SECONDS = 2
SECONDS = 30  # for one file
MAX_ANSWER_BYTES = 4096  # bytes


class ScannerUnavailable(Exception):
    """The scanner gave no answer that says whether the file is clean."""


class FileNotScanned(Exception):
    """A file was about to be kept that the scanner has not seen: a fault of ours, and nothing is kept."""


def is_on():
    return bool(settings.CLAMD_SOCKET)


def require_clean(files):
    """Shows `files` to the scanner. Raises ValidationError with a sentence for each that may not be kept."""
    if not is_on():
        return
    problems = [problem for problem in map(problem_of, files) if problem]
    if problems:
        raise ValidationError(problems)


def require_scanned(file):
    """Raises NotShown when a scanner is configured and has not seen `file`."""
    if is_on() and not getattr(file, "was_shown_to_scanner", False):
        raise FileNotScanned(file.name)


def mark_scanned(file):
    """Says of `file`, or of what was made of it, that the scanner has seen it."""
    file.was_shown_to_scanner = True


def problem_of(file):
    """The sentence for a file that may not be kept, or None; the others are marked."""
    name = clean_name(file.name)
    try:
        found = virus_in(file)
    except ScannerUnavailable as away:
        logger.warning("The virus scanner gave no answer (%s)", away)
        if settings.CLAMD_REQUIRED:
            return ValidationError(
                _("现在没法检查“%s”有没有病毒，所以没有收。请过几分钟再传，或先不带文件保存。") % name
            )
        found = None
    if found:
        logger.warning("A virus was refused in an upload: %s", found)
        return ValidationError(_("“%s”里有病毒，没有收。请换一个文件，并检查一下您的设备。") % name)
    mark_scanned(file)
    return None


def virus_in(file):
    """The name of the virus that clamd finds in `file`, or None. Raises Away."""
    try:
        answer = scan_stream(file).rstrip(b"\0\r\n ").decode("utf-8", "replace")
    except OSError as problem:
        raise ScannerUnavailable(problem) from problem
    finally:
        file.seek(0)
    if answer == "stream: OK":
        return None
    if answer.startswith("stream: ") and answer.endswith(" FOUND"):
        return answer.removeprefix("stream: ").removesuffix(" FOUND")[:100]
    raise ScannerUnavailable(ascii(answer[:200]))


def scan_stream(file):
    """clamd's answer to the bytes of `file`. Raises OSError, also when it takes longer than SECONDS."""
    deadline = time.monotonic() + SECONDS
    with closing(connect(settings.CLAMD_SOCKET)) as line:
        line.sendall(b"zINSTREAM\0")
        file.seek(0)
        while piece := file.read(CHUNK_SIZE):
            line.settimeout(seconds_until(deadline))
            line.sendall(struct.pack(">I", len(piece)) + piece)
        line.sendall(struct.pack(">I", 0))
        return read_answer(line, deadline)


def read_answer(line, deadline):
    answer = b""
    while not answer.endswith(b"\0") and len(answer) < MAX_ANSWER_BYTES:
        line.settimeout(seconds_until(deadline))
        part = line.recv(MAX_ANSWER_BYTES)
        if not part:
            break
        answer += part
    return answer


def seconds_until(deadline):
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError("no answer in time")
    return left


def connect(address):
    """A connection to a path (/run/clamav/clamd.ctl) or to host:port."""
    if address.startswith("/"):
        line = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        line.settimeout(CONNECT_SECONDS)
        try:
            line.connect(address)
        except OSError:
            line.close()
            raise
        return line
    host, _colon, port = address.rpartition(":")
    return socket.create_connection((host.strip("[]"), int(port)), timeout=CONNECT_SECONDS)
