"""Files sent along with a complaint: which are accepted, and that pictures are stored without position and device."""

from io import BytesIO

import pytest
from django.core.exceptions import ValidationError
from PIL import Image

from complaints.models import Complaint, Enclosure
from complaints.portal import picture_process, pictures
from reminders.models import Parameter
from tests.complaints.portal import door
from tests.complaints.portal.door import from_camera, picture, send, upload
from tests.factories.accounts import UserFactory

GPS, MODEL = 0x8825, 0x0110


def stored_bytes():
    """Returns the content of the only enclosure."""
    with Enclosure.objects.get().file.open("rb") as file:
        return file.read()


@pytest.mark.usefixtures("head")
class TestAtTheDoor:
    def test_position_device_and_comment_are_gone(self, client):
        sent = from_camera()
        assert b"Phone of Chen" in sent
        assert Image.open(BytesIO(sent)).getexif().get_ifd(GPS)
        send(client, files=[upload("家门口.jpg", sent)])
        found = Image.open(BytesIO(stored_bytes()))
        assert (dict(found.getexif()), found.getexif().get_ifd(GPS)) == ({}, {})
        assert [trace for trace in (b"Phone", b"Chen", b"Exif") if trace in stored_bytes()] == []
        assert (Enclosure.objects.get().name, found.size) == ("家门口.jpg", (60, 40))

    def test_pdf_is_kept_as_it_is(self, client):
        send(client, files=[upload("记录.pdf", door.PDF)])
        assert stored_bytes() == door.PDF

    @pytest.mark.parametrize(
        ("name", "content", "said"),
        [
            ("照片.heic", door.HEIC, "转成JPG"),
            ("说明.docx", door.DOCX, "请存成PDF"),
            ("坏.jpg", from_camera()[:400], "可能没有传完整"),
            ("空.jpg", b"", "是空的"),
            ("程序.jpg", b"MZ" + b"\0" * 99, "不是能收的文件"),
        ],
    )
    def test_others_are_refused_with_what_to_do(self, client, name, content, said):
        answer = send(client, files=[upload(name, content)])
        assert said in answer.content.decode()
        assert "请再选一次" in answer.content.decode()
        assert not Complaint.objects.exists()

    def test_more_than_five_are_refused(self, client):
        files = [upload(f"{number}.png", picture("PNG")) for number in range(6)]
        assert "一次最多传5个文件" in send(client, files=files).content.decode()
        five = [upload(f"{number}.png", picture("PNG")) for number in range(5)]
        assert send(client, files=five).url == door.RECEIPT

    def test_the_size_is_a_setting(self, client, today):
        director = UserFactory(director=True)
        Parameter.objects.create(
            key="attachment_megabytes", value=1, effective_from=today, reason="试", set_by=director
        )
        answer = send(client, files=[upload("大.pdf", door.PDF + b"\0" * (1 << 20))])
        assert "超过1 MB" in answer.content.decode()


def drawn(content, content_type="image/jpeg", name="照片.jpg"):
    """Returns (image, name, content type) of the redrawn picture."""
    with pictures.redrawn_pictures([(upload(name, content), content_type)]) as found:
        ((file, found_type),) = found
        return Image.open(BytesIO(file.read())), file.name, found_type


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "GIF", "WEBP"])
def test_every_kind_of_picture_is_drawn_anew(kind):
    _read, _written, ending = pictures.FORMATS[f"image/{kind.lower()}"]
    image, name, content_type = drawn(picture(kind), f"image/{kind.lower()}", f"图.{kind.lower()}")
    assert (image.size, name) == ((60, 40), f"图.{ending}")
    assert content_type == f"image/{image.format.lower()}"


@pytest.mark.parametrize("mode", ["1", "L", "P", "RGBA", "CMYK", "I;16"])
def test_pictures_of_every_colouring_are_taken(mode):
    buffer = BytesIO()
    kind = "JPEG" if mode == "CMYK" else "PNG"
    Image.new(mode, (8, 8)).save(buffer, format=kind)
    image, _name, _type = drawn(buffer.getvalue(), f"image/{kind.lower()}", f"a.{kind.lower()}")
    assert image.size == (8, 8)


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_embedded_text_is_removed_from_pictures(kind):
    exif = Image.Exif()
    exif[MODEL] = "Phone of Chen"
    sent = picture(kind, exif=exif, xmp=b"<x:xmpmeta>Chen</x:xmpmeta>")
    assert b"Chen" in sent
    with pictures.redrawn_pictures([(upload(f"a.{kind.lower()}", sent), f"image/{kind.lower()}")]) as found:
        assert b"Chen" not in found[0][0].read()


def test_transparency_is_kept():
    buffer = BytesIO()
    Image.new("RGBA", (8, 8), (255, 0, 0, 0)).save(buffer, format="PNG")
    image, _name, _type = drawn(buffer.getvalue(), "image/png", "a.png")
    assert image.getpixel((4, 4))[3] == 0


def test_longest_side_is_enough_to_read():
    image, _name, _type = drawn(picture(size=(5000, 100)))
    assert image.size == (4000, 80)


@pytest.mark.django_db
@pytest.mark.parametrize("factor", [1, 3])
def test_bomb_is_refused_by_its_header(factor, today):
    side = int((picture_process.MAX_FULL_PIXELS * factor) ** 0.5) + 10
    buffer = BytesIO()
    Image.new("1", (side, side)).save(buffer, format="PNG")
    with pytest.raises(ValidationError, match="尺寸太大"):
        pictures.check_size(upload("a.png", buffer.getvalue()), "image/png", today)


@pytest.mark.django_db
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "GIF", "WEBP"])
def test_cut_off_pictures_are_refused_as_incomplete(kind, today):
    whole, content_type = picture(kind, size=(300, 300)), f"image/{kind.lower()}"
    for end in (40, len(whole) // 2, len(whole) - 30):
        with pytest.raises(ValidationError, match="可能没有传完整"):
            accept(whole[:end], content_type, today)
    accept(whole, content_type, today)


def accept(content, content_type, today):
    """Checks and redraws a picture, as when a form is sent."""
    pictures.check_size(upload("a", content), content_type, today)
    drawn(content, content_type, "a")
