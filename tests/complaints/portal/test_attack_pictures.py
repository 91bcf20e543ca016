"""Pictures made to crash the redrawing, or to use more memory and time than allowed."""

import io
import random
import struct
import zlib
from datetime import date

import pytest
from django.core.exceptions import ValidationError
from PIL import Image

from complaints.portal import picture_process, picture_sizes, pictures
from tests.complaints.portal.door import from_camera, picture, upload

ASCII, TURNED = 2, 6
TODAY = date(2026, 9, 28)
REFUSALS = (picture_sizes.UnreadableHeader, picture_process.TooLarge, *picture_process.DECODER_ERRORS)


def with_types_of_tags_changed(content):
    """Yields copies of the picture, each with one byte of its EXIF table replaced, such as the type of a tag."""
    start = content.index(b"Exif\0\0") + 6
    for place in range(start + 8, start + 60):
        for value in (0, ASCII, 5, 7, 12, 255):
            yield content[:place] + bytes([value]) + content[place + 1 :]


@pytest.mark.filterwarnings("ignore::UserWarning")
def test_broken_exif_data_is_refused_or_ignored():
    for content in with_types_of_tags_changed(from_camera(TURNED)):
        try:
            written = drawn_here(content, "image/jpeg")
        except REFUSALS:
            continue
        assert b"Exif" not in written


@pytest.mark.parametrize(
    ("kind", "ending"), [("JPEG", "jpeg"), ("PNG", "png"), ("GIF", "gif"), ("WEBP", "webp")]
)
def test_corrupted_picture_is_refused_or_redrawn(kind, ending):
    draw, content, redrawn = random.Random(4), picture(kind), []
    for _time in range(100):
        noisy = bytearray(content)
        for _place in range(draw.randint(1, 5)):
            noisy[draw.randrange(len(noisy))] = draw.randrange(256)
        try:
            redrawn.append(drawn_here(bytes(noisy), f"image/{ending}"))
        except REFUSALS:
            continue
    assert 0 < len(redrawn) < 100
    for image in redrawn:
        Image.open(io.BytesIO(image)).load()


@pytest.mark.parametrize("orientation", range(10))
def test_picture_is_rotated_as_in_its_exif_data(orientation):
    found = Image.open(io.BytesIO(drawn_here(from_camera(orientation), "image/jpeg")))
    assert found.size == ((40, 60) if orientation in (5, 6, 7, 8) else (60, 40))
    corner = found.getpixel((5, 5))
    is_red = orientation in (0, 1, 4, 5, 6, 9)
    assert (corner[0] > corner[2]) is is_red


@pytest.mark.django_db
def test_picture_with_extreme_side_is_refused_before_decoding():
    with pytest.raises(ValidationError, match="尺寸太大"):
        pictures.check_size(upload("a.png", tall(1_000_000)), "image/png", TODAY)


def drawn_here(content, content_type):
    """Returns the redrawn picture, without starting the process for pictures. Raises one of REFUSALS."""
    target, size = io.BytesIO(), picture_sizes.size_of(io.BytesIO(content), content_type)
    picture_process.redraw(io.BytesIO(content), target, pictures.FORMATS[content_type][0], size)
    return target.getvalue()


def tall(height):
    """Returns a PNG one pixel wide."""
    parts = [
        (b"IHDR", struct.pack(">IIBBBBB", 1, height, 8, 0, 0, 0, 0)),
        (b"IDAT", zlib.compress(bytes(2 * height))),
    ]
    return b"\x89PNG\r\n\x1a\n" + b"".join(map(chunk, [*parts, (b"IEND", b"")]))


def chunk(part):
    """Returns a (name, content) as a chunk of a PNG."""
    name, content = part
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))
