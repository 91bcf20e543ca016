"""How long the table of contents of a zip is, read from its last bytes, before a library lists what is in it.

A zip of 20 MB can hold hundreds of thousands of entries; to list them costs seconds and hundreds of megabytes. The end
is looked for just as `zipfile` does, so that both read the same one.
"""

import struct

END, END_SIZE = b"PK\x05\x06", 22
LARGE_LOCATOR, LARGE_SIZE = b"PK\x06\x07", 20  # of a zip above 4 GB; then the figures stand elsewhere
MAX_COMMENT_BYTES = 1 << 16
BYTES_OF_ENTRY = 512  # more than any entry of an Office file has, its name included


def has_too_many_entries(file, entries):
    """Whether a binary `file` ends like a zip that may have more than `entries` entries. Leaves it anywhere.

    What has no such end is no zip, and the library says so without listing anything.
    """
    tail = read_tail(file)
    place = find_end_record(tail)
    if place < 0 or len(tail) < place + END_SIZE:
        return False
    if LARGE_LOCATOR in tail[max(0, place - LARGE_SIZE) : place]:
        return True
    _here, total, directory = struct.unpack("<HHI", tail[place + 8 : place + 16])
    return total > entries or directory > entries * BYTES_OF_ENTRY


def read_tail(file):
    size = file.seek(0, 2)
    file.seek(max(0, size - END_SIZE - MAX_COMMENT_BYTES - LARGE_SIZE))
    return file.read()


def find_end_record(tail):
    """The place of the end record: the last bytes where they are one without a comment, else the last that is found."""
    if tail[-END_SIZE:].startswith(END) and tail.endswith(b"\0\0"):
        return len(tail) - END_SIZE
    return tail.rfind(END)
