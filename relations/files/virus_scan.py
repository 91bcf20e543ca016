"""Virus scanning of uploads by clamd before they are stored, when the setting CLAMD_SOCKET is set.

The protocol of clamd is simple (INSTREAM: chunks with their lengths, then one line as reply), so that no library is
needed. Off by default; then nothing here opens a connection.

`relations.files.fields.UploadFormMixin` and the public portal call `require_clean`, after all cheap checks and outside
any transaction. Code that stores a file (attachments, enclosures, registers) calls `require_scanned`, so that an upload
path without the first call is refused.
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
    """The scanner gave no valid reply."""


class FileNotScanned(Exception):
    """A file that was not scanned was about to be stored: a programming error; nothing is stored."""


def is_on():
    return bool(settings.CLAMD_SOCKET)


def require_clean(files):
    """Scans `files`. Raises ValidationError with a message for each one refused."""
    if not is_on():
        return
    problems = [problem for problem in map(problem_of, files) if problem]
    if problems:
        raise ValidationError(problems)


def require_scanned(file):
    """Raises FileNotScanned when a scanner is configured and `file` was not scanned."""
    if is_on() and not getattr(file, "was_shown_to_scanner", False):
        raise FileNotScanned(file.name)


def mark_scanned(file):
    """Marks `file`, or a file derived from a scanned one, as scanned."""
    file.was_shown_to_scanner = True


def problem_of(file):
    """Scans a file. Returns a ValidationError when it is refused; otherwise marks it and returns None."""
    name = clean_name(file.name)
    try:
        virus = virus_in(file)
    except ScannerUnavailable as away:
        logger.warning("The virus scanner gave no answer (%s)", away)
        if settings.CLAMD_REQUIRED:
            return ValidationError(
                _("现在没法检查“%s”有没有病毒，所以没有收。请过几分钟再传，或先不带文件保存。") % name
            )
        virus = None
    if virus:
        logger.warning("A virus was refused in an upload: %s", virus)
        return ValidationError(_("“%s”里有病毒，没有收。请换一个文件，并检查一下您的设备。") % name)
    mark_scanned(file)
    return None


def virus_in(file):
    """Returns the name of the virus in `file`, or None. Raises ScannerUnavailable."""
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
    """Sends `file` to clamd and returns its reply (bytes). Raises OSError, also after SECONDS."""
    deadline = time.monotonic() + SECONDS
    with closing(connect(settings.CLAMD_SOCKET)) as line:
        line.sendall(b"zINSTREAM\0")
        file.seek(0)
        while chunk := file.read(CHUNK_SIZE):
            line.settimeout(seconds_until(deadline))
            line.sendall(struct.pack(">I", len(chunk)) + chunk)
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
    """Connects to a socket path (/run/clamav/clamd.ctl) or to host:port; returns the socket."""
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
