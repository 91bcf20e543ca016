"""Draws pictures anew in a process of its own, which may be ended at any moment without harm to the site.

    python -I -S picture_process.py PACKAGES MEMORY CPU FORMAT:WIDTH:HEIGHT:IN:OUT ...

PACKAGES is the folder that holds Pillow, MEMORY in bytes what the process and CPU in seconds what each picture may
cost, IN and OUT open file descriptors. For each picture, one line on standard output: `ok`, `broken` or `large`.
Only Pillow and the standard library are used, so that it starts in less than a tenth of a second and knows nothing of
the site.
"""

import contextlib
import math
import os
import resource
import struct
import sys
import warnings
import zlib

MAX_FULL_PIXELS = 24_000_000  # pixels that are decoded whole; of a larger JPEG every second one is enough
MAX_SIDE = 4000  # enough to read a photographed page
QUALITY = 88
LARGEST_RESULT = 64 * 1024 * 1024
NICE = 10  # whoever waits for a page goes first
FORMATS = {"JPEG": "JPEG", "PNG": "PNG", "GIF": "PNG", "WEBP": "WEBP"}  # what it is read as, and written as
OPTIONS = {
    "JPEG": {"quality": QUALITY},
    "PNG": {"compress_level": 3},
    "WEBP": {"quality": QUALITY, "method": 1},
}
ORIENTATION = 0x0112
DECODER_ERRORS = (
    OSError,
    ValueError,
    TypeError,
    AttributeError,
    SyntaxError,
    EOFError,
    LookupError,
    ArithmeticError,
    RuntimeError,
    struct.error,
    zlib.error,
)  # what the reading of bytes that are no picture ends with


class TooLarge(Exception):
    """Another size than the one that was allowed, or more than the memory holds."""


def set_limits(memory, cpu):
    """Sets what this process may cost for the rest of its life."""
    with contextlib.suppress(OSError):
        os.nice(NICE)
    for kind, most in (
        (resource.RLIMIT_CPU, cpu),
        (resource.RLIMIT_AS, memory),
        (resource.RLIMIT_FSIZE, LARGEST_RESULT),
        (resource.RLIMIT_CORE, 0),
    ):
        with contextlib.suppress(OSError, ValueError):  # some systems know no limit of the address space
            resource.setrlimit(kind, (most, most))


def allow_next(cpu):
    """The picture that comes next may cost `cpu` seconds, whatever those before it have cost."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    _soft, hard = resource.getrlimit(resource.RLIMIT_CPU)
    with contextlib.suppress(OSError, ValueError):
        resource.setrlimit(
            resource.RLIMIT_CPU, (min(hard, math.ceil(used.ru_utime + used.ru_stime) + cpu), hard)
        )


def redraw(source, target, kind, size):
    """Writes the picture in `source` to `target`, upright and without metadata; of a moving picture the first one.

    `size` is what its header was found to say. Raises TooLarge, or one of BROKEN.
    """
    from PIL import Image

    Image.MAX_IMAGE_PIXELS = None  # the size was allowed or not before anything is decoded
    try:
        image = Image.open(source, formats=[kind])
        if image.size != size:
            raise TooLarge(image.size)
        write(upright(image), target, FORMATS[kind])
    except MemoryError as full:
        raise TooLarge(size) from full


def upright(image):
    """The pixels alone, turned as the camera was held."""
    from PIL import Image

    turn = orientation_of(image)
    shrink(image, Image)
    turned = image.transpose(turn) if turn is not None else image
    is_clear = "transparency" in turned.info or turned.mode in ("RGBA", "LA", "PA")
    drawn = turned.convert("RGBA" if is_clear else "RGB")
    drawn.info = {}
    return drawn


def shrink(image, library):
    """To the longest side; a large JPEG is decoded at half its size, any other large picture not at all."""
    if image.width * image.height > MAX_FULL_PIXELS:
        if image.format != "JPEG":
            raise TooLarge(image.size)
        image.draft(None, (image.width // 2, image.height // 2))
    image.thumbnail((MAX_SIDE, MAX_SIDE), library.Resampling.BICUBIC, reducing_gap=None)


def orientation_of(image):
    """How the picture is turned upright, or None; the rest of what a camera writes beside it is never read."""
    from PIL import Image

    turns = Image.Transpose
    try:
        found = image.getexif().get(ORIENTATION)
        return {
            2: turns.FLIP_LEFT_RIGHT,
            3: turns.ROTATE_180,
            4: turns.FLIP_TOP_BOTTOM,
            5: turns.TRANSPOSE,
            6: turns.ROTATE_270,
            7: turns.TRANSVERSE,
            8: turns.ROTATE_90,
        }.get(found)
    except DECODER_ERRORS:
        return None


def write(drawn, target, kind):
    image = drawn.convert("RGB") if kind == "JPEG" and drawn.mode != "RGB" else drawn
    image.save(target, format=kind, **OPTIONS[kind])


def outcome(kind, width, height, source, target):
    """The word for one picture, given as the texts of the command line."""
    try:
        with os.fdopen(int(source), "rb") as read, os.fdopen(int(target), "wb") as written:
            redraw(read, written, kind, (int(width), int(height)))
    except TooLarge:
        return "large"
    except DECODER_ERRORS:
        return "broken"
    return "ok"


def main(packages, memory, cpu, *pictures):
    set_limits(int(memory), (int(cpu) + 1) * len(pictures))
    warnings.simplefilter("ignore")
    sys.path.append(packages)
    for picture in pictures:
        allow_next(int(cpu))
        sys.stdout.write(f"{outcome(*picture.split(':'))}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])
