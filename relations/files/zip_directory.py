"""The number of entries of a ZIP file, read from its last bytes, before a library lists them.

A ZIP of 20 MB can have hundreds of thousands of entries; listing them takes seconds and hundreds of megabytes. The end
record is searched in the same way as in `zipfile`, so that both read the same one.
"""

import struct

END, END_SIZE = b"PK\x05\x06", 22
LARGE_LOCATOR, LARGE_SIZE = b"PK\x06\x07", 20  # of a ZIP above 4 GB, which stores the figures elsewhere
MAX_COMMENT_BYTES = 1 << 16
BYTES_OF_ENTRY = 512  # more than any entry of an Office file needs, name included


def has_too_many_entries(file, entries):
    """Whether a binary `file` is a ZIP that may have more than `entries` entries. Changes the file position.

    False without an end record: then it is no ZIP, which the library detects without listing entries.
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
    """Returns the offset of the end record in `tail`: a final one without comment, else the last one found, or -1."""
    if tail[-END_SIZE:].startswith(END) and tail.endswith(b"\0\0"):
        return len(tail) - END_SIZE
    return tail.rfind(END)
