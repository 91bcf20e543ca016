"""Pictures from the public are drawn anew, so that neither the place nor the device they were taken with remains."""

import io
import struct
import zlib

from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.utils.translation import gettext as _
from PIL import Image

from relations.files import clean_name

MOST_PIXELS = 50_000_000
LONGEST_GIVEN = 65_000  # a side; a line of pixels costs memory of its own, however short it is
LONGEST_SIDE = 4000  # enough to read a photographed page
QUALITY = 88
FORMATS = {
    "image/jpeg": ("JPEG", "JPEG", "jpg"),
    "image/png": ("PNG", "PNG", "png"),
    "image/gif": ("GIF", "PNG", "png"),
    "image/webp": ("WEBP", "WEBP", "webp"),
}  # what it is read as, what it is written as, and its ending
BROKEN = (
    OSError,
    ValueError,
    TypeError,
    AttributeError,
    SyntaxError,
    EOFError,
    LookupError,
    ArithmeticError,
    struct.error,
    zlib.error,
)  # what the reading of bytes that are no picture ends with
ORIENTATION = 0x0112
UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
BOMB = (Image.DecompressionBombError, Image.DecompressionBombWarning)

Image.MAX_IMAGE_PIXELS = MOST_PIXELS


def redrawn(file, content_type):
    """The picture of a checked `file` as a new file (file, content type), upright and without metadata.

    Of a moving picture the first one remains. Raises ValidationError for one that is broken or far too large.
    """
    name = clean_name(file.name)
    read, kind, ending = FORMATS[content_type]
    try:
        image = opened(file, name, read)
        drawn = drawn_anew(image)
    except BOMB as bomb:
        raise too_large(name) from bomb
    except BROKEN as broken:
        raise ValidationError(_("“%s”打不开，可能没有传完整。请重新拍一张或换一个文件。") % name) from broken
    return ContentFile(written(drawn, kind), name=renamed(name, ending)), f"image/{kind.lower()}"


def opened(file, name, kind):
    file.seek(0)
    image = Image.open(file, formats=[kind])
    if image.width * image.height > MOST_PIXELS or max(image.size) > LONGEST_GIVEN:
        raise too_large(name)
    return image


def too_large(name):
    return ValidationError(_("“%s”的尺寸太大。请把图片缩小，或截屏后再传。") % name)


def drawn_anew(image):
    """The pixels alone, turned as the camera was held."""
    turn = turn_of(image)
    image.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    upright = image.transpose(turn) if turn is not None else image
    clear = "transparency" in upright.info or upright.mode in ("RGBA", "LA", "PA")
    drawn = upright.convert("RGBA" if clear else "RGB")
    drawn.info = {}
    return drawn


def turn_of(image):
    """How the picture is turned upright, or None; the rest of what a camera writes beside it is never read."""
    try:
        return UPRIGHT.get(image.getexif().get(ORIENTATION))
    except BROKEN:
        return None


def written(drawn, kind):
    held = io.BytesIO()
    image = drawn.convert("RGB") if kind == "JPEG" else drawn
    image.save(held, format=kind, **({} if kind == "PNG" else {"quality": QUALITY}))
    return held.getvalue()


def renamed(name, ending):
    stem = name.rpartition(".")[0] or name
    return f"{stem}.{ending}"
