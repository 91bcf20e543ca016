"""Reads the width and height of a picture from its first bytes: nothing is decoded, no memory is allocated for it.

The size in a header may be false. The process that decodes (picture_process) compares it with the size the decoder
finds, and refuses a picture for which the two differ.
"""

import io
import re
import struct

HEAD_OF_GIF = 256 * 1024  # the first picture of a GIF must start within so many bytes
MAX_SEGMENTS = 2000  # segments of a JPEG before its frame: profiles, thumbnails, depth maps
MAX_FILL_BYTES = 64  # fill bytes before a marker
FRAME_MARKERS = {*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC}  # markers of a JPEG that start a frame
MARKERS_WITHOUT_LENGTH = {0x01, *range(0xD0, 0xD9)}  # markers without a length
SCAN, END = 0xDA, 0xD9
MAX_SCANS = 50  # scans of a JPEG: each passes over the whole picture again; a progressive one has about ten
MARKER = re.compile(rb"\xff[\x02-\xcf\xd8-\xfe]")  # markers the decoder acts on between and within scans
CHUNK = 64 * 1024


class UnreadableHeader(ValueError):
    """The header is not that of a picture of this kind."""


def size_of(file, content_type):
    """(width, height) in pixels as stated in the header of `file`; the file is rewound to its start.

    Raises UnreadableHeader.
    """
    try:
        file.seek(0)
        return validate_size(READERS[content_type](file))
    except (struct.error, IndexError) as short:
        raise UnreadableHeader(content_type) from short
    finally:
        file.seek(0)


def validate_size(size):
    if min(size) < 1:
        raise UnreadableHeader(size)
    return size


def png_size(file):
    head = file.read(24)
    if head[:8] != b"\x89PNG\r\n\x1a\n" or head[12:16] != b"IHDR":
        raise UnreadableHeader("PNG")
    return struct.unpack(">II", head[16:24])


def jpeg_size(file):
    """(width, height) of the first frame; segments are skipped by their lengths, as the decoder does."""
    if file.read(2) != b"\xff\xd8":
        raise UnreadableHeader("JPEG")
    for _segment in range(MAX_SEGMENTS):
        marker = next_marker(file)
        if marker in MARKERS_WITHOUT_LENGTH:
            continue
        (length,) = struct.unpack(">H", file.read(2))
        if marker in FRAME_MARKERS:
            _precision, height, width = struct.unpack(">BHH", file.read(5))
            return width, height
        if length < 2 or marker in (SCAN, END):
            break
        file.seek(length - 2, io.SEEK_CUR)
    raise UnreadableHeader("JPEG")


def next_marker(file):
    """The byte after FF and any further FF, which are fill bytes. Raises IndexError at the end of the file."""
    sign = file.read(1)[0]
    if sign != 0xFF:
        raise UnreadableHeader("JPEG")
    for _fill in range(MAX_FILL_BYTES):
        sign = file.read(1)[0]
        if sign != 0xFF:
            return sign
    raise UnreadableHeader("JPEG")


def has_too_many_scans(file):
    """Whether a JPEG has more than MAX_SCANS scans: even a small picture is then expensive. Rewinds the file."""
    try:
        scans = 0
        for marker in markers(file):
            scans += marker == SCAN
            if scans > MAX_SCANS:
                return True
        return False
    finally:
        file.seek(0)


def markers(file):
    """Yields every marker up to the end of the picture, found as the decoder finds them.

    Raises UnreadableHeader when there are too many.
    """
    file.seek(2)
    for _segment in range(MAX_SEGMENTS):
        marker = marker_ahead(file)
        if marker in (None, END):
            return
        yield marker
        length = (
            file.read(2) if marker >= min(FRAME_MARKERS) and marker not in MARKERS_WITHOUT_LENGTH else b""
        )
        file.seek(max(0, int.from_bytes(length) - 2) if len(length) == 2 else 0, io.SEEK_CUR)
    raise UnreadableHeader("JPEG")


def marker_ahead(file):
    """The next marker after any bytes, with the file positioned just behind it; None at the end of the file."""
    while chunk := file.read(CHUNK):
        if found := MARKER.search(chunk):
            file.seek(found.end() - len(chunk), io.SEEK_CUR)
            return chunk[found.end() - 1]
        if chunk.endswith(b"\xff") and len(chunk) > 1:
            file.seek(-1, io.SEEK_CUR)
    return None


def gif_size(file):
    """(width, height) of the screen, or of the first picture on it where that reaches further."""
    head = file.read(HEAD_OF_GIF)
    if head[:6] not in (b"GIF87a", b"GIF89a"):
        raise UnreadableHeader("GIF")
    width, height, flags = struct.unpack("<HHB", head[6:11])
    left, top, wide, high = struct.unpack("<HHHH", first_image(head, 13 + colour_table_bytes(flags)))
    return max(width, left + wide), max(height, top + high)


def colour_table_bytes(flags):
    """The size of a colour table in bytes."""
    return 3 << ((flags & 7) + 1) if flags & 0x80 else 0


def first_image(head, place):
    """The eight bytes with the position and size of the first picture; blocks before it are skipped."""
    while head[place] == 0x21:
        place += 2
        while head[place]:
            place += head[place] + 1
        place += 1
    if head[place] != 0x2C:
        raise UnreadableHeader("GIF")
    return head[place + 1 : place + 9]


def webp_size(file):
    head = file.read(30)
    if head[:4] != b"RIFF" or head[8:12] != b"WEBP" or len(head) < 30:
        raise UnreadableHeader("WebP")
    kind = head[12:16]
    if kind == b"VP8 " and head[23:26] == b"\x9d\x01\x2a":
        width, height = struct.unpack("<HH", head[26:30])
        return width & 0x3FFF, height & 0x3FFF
    if kind == b"VP8L" and head[20] == 0x2F:
        bits = int.from_bytes(head[21:25], "little")
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    if kind == b"VP8X":
        return int.from_bytes(head[24:27], "little") + 1, int.from_bytes(head[27:30], "little") + 1
    raise UnreadableHeader("WebP")


READERS = {"image/jpeg": jpeg_size, "image/png": png_size, "image/gif": gif_size, "image/webp": webp_size}
