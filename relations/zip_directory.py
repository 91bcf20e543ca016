"""How large the table of contents of a zip is, read from its last bytes, before a library lists what is in it.

A zip of 20 MB can hold hundreds of thousands of entries; to list them costs seconds and hundreds of megabytes.
"""

import struct

END, END_SIZE = b"PK\x05\x06", 22
LARGE_LOCATOR, LARGE_SIZE = b"PK\x06\x07", 20  # of a zip above 4 GB; then the figures stand elsewhere
LONGEST_COMMENT = 0xFFFF
BYTES_OF_ENTRY = 512  # more than any entry of an Office file has, its name included


def is_short(file, entries):
    """Whether a binary `file` ends like a zip with at most `entries` entries. Leaves it anywhere."""
    size = file.seek(0, 2)
    start = max(0, size - END_SIZE - LONGEST_COMMENT - LARGE_SIZE)
    file.seek(start)
    tail = file.read()
    place = tail.rfind(END)
    if place < 0 or len(tail) < place + END_SIZE or LARGE_LOCATOR in tail[max(0, place - LARGE_SIZE) : place]:
        return False
    _here, total, directory = struct.unpack("<HHI", tail[place + 8 : place + 16])
    return total <= entries and directory <= entries * BYTES_OF_ENTRY
