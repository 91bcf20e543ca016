"""Redraws pictures in a separate process, which can be killed at any moment without harm to the site.

    python -I -S picture_process.py PACKAGES MEMORY CPU FORMAT:WIDTH:HEIGHT:IN:OUT ...

PACKAGES is the folder that holds Pillow, MEMORY the limit of the process in bytes, CPU the limit per picture in
seconds, IN and OUT are open file descriptors. For each picture, one line on standard output: `ok`, `broken` or `large`.
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

# Pixels decoded at full size; a larger JPEG is decoded at half its width and height.
MAX_FULL_PIXELS = 24_000_000
MAX_SIDE = 4000  # enough to read a photographed page
QUALITY = 88
LARGEST_RESULT = 64 * 1024 * 1024
NICE = 10  # requests for pages go first
FORMATS = {"JPEG": "JPEG", "PNG": "PNG", "GIF": "PNG", "WEBP": "WEBP"}  # {format read: format written}
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
)  # raised by the decoder for bytes that are not a picture


class TooLarge(Exception):
    """The size differs from the declared one, or the picture needs more memory than is allowed."""


def set_limits(memory, cpu):
    """Sets the resource limits of this process."""
    with contextlib.suppress(OSError):
        os.nice(NICE)
    for kind, most in (
        (resource.RLIMIT_CPU, cpu),
        (resource.RLIMIT_AS, memory),
        (resource.RLIMIT_FSIZE, LARGEST_RESULT),
        (resource.RLIMIT_CORE, 0),
    ):
        with contextlib.suppress(OSError, ValueError):  # some systems have no limit of the address space
            resource.setrlimit(kind, (most, most))


def allow_next(cpu):
    """Allows the next picture `cpu` seconds, whatever the ones before have used."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    _soft, hard = resource.getrlimit(resource.RLIMIT_CPU)
    with contextlib.suppress(OSError, ValueError):
        resource.setrlimit(
            resource.RLIMIT_CPU, (min(hard, math.ceil(used.ru_utime + used.ru_stime) + cpu), hard)
        )


def redraw(source, target, kind, size):
    """Writes the picture in `source` to `target`, upright and without metadata; of an animation only the first frame.

    `size` is the size read from its header before. Raises TooLarge, or one of DECODER_ERRORS.
    """
    from PIL import Image

    Image.MAX_IMAGE_PIXELS = None  # the size is checked before anything is decoded
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
    """Reduces the picture to MAX_SIDE; of large pictures only a JPEG is accepted, which is decoded at half its size."""
    if image.width * image.height > MAX_FULL_PIXELS:
        if image.format != "JPEG":
            raise TooLarge(image.size)
        image.draft(None, (image.width // 2, image.height // 2))
    image.thumbnail((MAX_SIDE, MAX_SIDE), library.Resampling.BICUBIC, reducing_gap=None)


def orientation_of(image):
    """The transposition that turns the picture upright, or None; no other metadata is used."""
    from PIL import Image

    turns = Image.Transpose
    try:
        orientation = image.getexif().get(ORIENTATION)
        return {
            2: turns.FLIP_LEFT_RIGHT,
            3: turns.ROTATE_180,
            4: turns.FLIP_TOP_BOTTOM,
            5: turns.TRANSPOSE,
            6: turns.ROTATE_270,
            7: turns.TRANSVERSE,
            8: turns.ROTATE_90,
        }.get(orientation)
    except DECODER_ERRORS:
        return None


def write(drawn, target, kind):
    image = drawn.convert("RGB") if kind == "JPEG" and drawn.mode != "RGB" else drawn
    image.save(target, format=kind, **OPTIONS[kind])


def outcome(kind, width, height, source, target):
    """`ok`, `broken` or `large` for one picture, given as the texts of the command line."""
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
