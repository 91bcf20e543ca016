"""Pictures from the public are drawn anew, so that neither the place nor the device they were taken with remains."""

import io
import struct
import zlib

from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.utils.translation import gettext as _
from PIL import Image, ImageOps

from relations.files import clean_name

MOST_PIXELS = 50_000_000
LONGEST_SIDE = 4000  # enough to read a photographed page
QUALITY = 88
FORMATS = {
    "image/jpeg": ("JPEG", "JPEG", "jpg"),
    "image/png": ("PNG", "PNG", "png"),
    "image/gif": ("GIF", "PNG", "png"),
    "image/webp": ("WEBP", "WEBP", "webp"),
}  # what it is read as, what it is written as, and its ending
BROKEN = (OSError, ValueError, SyntaxError, EOFError, IndexError, struct.error, zlib.error)
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
    if image.width * image.height > MOST_PIXELS:
        raise too_large(name)
    return image


def too_large(name):
    return ValidationError(_("“%s”的尺寸太大。请把图片缩小，或截屏后再传。") % name)


def drawn_anew(image):
    """The pixels alone, turned as the camera was held."""
    image.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    upright = ImageOps.exif_transpose(image)
    clear = "transparency" in upright.info or upright.mode in ("RGBA", "LA", "PA")
    drawn = upright.convert("RGBA" if clear else "RGB")
    drawn.info = {}
    return drawn


def written(drawn, kind):
    held = io.BytesIO()
    image = drawn.convert("RGB") if kind == "JPEG" else drawn
    image.save(held, format=kind, **({} if kind == "PNG" else {"quality": QUALITY}))
    return held.getvalue()


def renamed(name, ending):
    stem = name.rpartition(".")[0] or name
    return f"{stem}.{ending}"
