"""Pictures that are expensive to decode, on the public portal: counted in processes and pixels, never in seconds."""

import fcntl
import os
import signal
import struct
import subprocess
import sys
import zlib
from io import BytesIO
from pathlib import Path

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from PIL import Image

from accounts.roles import Role
from complaints.models import Attempt, Complaint, Enclosure
from complaints.portal import codes, picture_process, picture_sizes, pictures
from reminders.models import Parameter
from tests.complaints.portal import door
from tests.complaints.portal.door import CASE, FORM, following, sent, typed, upload
from tests.factories.accounts import UserFactory

STARTED = []  # the picture processes started while the fixture `processes` watches


def note(event, arguments):
    """An audit hook that records each picture process and its pictures."""
    if event == "subprocess.Popen" and STARTED and str(pictures.PROGRAM) in arguments[1]:
        STARTED.append([text for text in arguments[1] if text.count(":") == 4])


sys.addaudithook(note)


@pytest.fixture
def processes():
    """Returns a function: the pictures of each decoder process started so far."""
    STARTED[:] = [None]
    yield lambda: STARTED[1:]
    STARTED.clear()


@pytest.fixture
def head(db, at):
    """The head, who is in charge of complaints, on a working day."""
    at("2026-09-28")
    for role in (Role.COUNCIL, Role.DIRECTOR):
        UserFactory(roles=[role])
    return UserFactory(roles=[Role.HEAD], name="周主任")


@pytest.fixture
def today(at):
    """The working day of these tests."""
    return at("2026-09-28")


def allow(key, value, today):
    """Sets the parameter `key` to `value` from today."""
    director = UserFactory(roles=[Role.DIRECTOR])
    Parameter.objects.create(key=key, value=value, effective_from=today, reason="试", set_by=director)


def chunk(name, content):
    """Returns a chunk of a PNG file."""
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))


def png(width, height, bits=1):
    """Returns a PNG of one colour: a small file of any decoded size."""
    lines = zlib.compress(bytes((1 + (width * bits + 7) // 8) * height), 9)
    header = struct.pack(">IIBBBBB", width, height, bits, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", lines) + chunk(b"IEND", b"")


def webp(side):
    """Returns a lossless WebP of one colour, `side` pixels wide and high."""
    held = BytesIO()
    Image.new("RGB", (side, side)).save(held, "WEBP", lossless=True, method=0)
    return held.getvalue()


def gif(side, reach=0):
    """Returns a GIF whose screen is `side` pixels wide, and whose first frame is `reach` wider."""
    held = BytesIO()
    Image.new("P", (8, 8)).save(held, "GIF")
    content = bytearray(held.getvalue())
    content[6:10] = struct.pack("<HH", side, side)
    place = content.rindex(b"\x2c\0\0\0\0")
    content[place + 5 : place + 9] = struct.pack("<HH", side + reach, side)
    return bytes(content)


def jpeg(width, height):
    """Returns a JPEG whose header states this size; most of its lines are missing."""
    held = BytesIO()
    Image.new("RGB", (8, 8)).save(held, "JPEG")
    content = bytearray(held.getvalue())
    place = content.index(b"\xff\xc0")
    content[place + 5 : place + 9] = struct.pack(">HH", height, width)
    return bytes(content)


class TestOrder:
    """Cheap checks come first: a refused form starts no decoder process; the control does."""

    def send(self, client, **more):
        return client.post(FORM, typed(token=codes.new_token()) | more)

    def test_form_with_an_empty_title_decodes_nothing(self, client, head, processes):
        answer = self.send(client, title="", files=[upload(f"{n}.png", png(4000, 4000)) for n in range(5)])
        assert (answer.status_code, "请再选一次" in answer.content.decode()) == (200, True)
        assert processes() == []

    def test_pictures_are_not_decoded_before_anonymity_is_confirmed(self, client, head, processes):
        token, extra = codes.new_token(), {"is_personnel": "on"}
        client.post(FORM, typed(token=token, **extra) | {"files": [upload("a.png", door.picture("PNG"))]})
        assert processes() == []
        again = {"files": [upload("a.png", door.picture("PNG"))], "anyway": "1"}
        assert client.post(FORM, typed(token=token, **extra) | again).url == door.RECEIPT
        assert len(processes()) == 1

    def test_valid_form_decodes_once_all_its_pictures(self, client, head, processes):
        files = [upload(f"{n}.png", door.picture("PNG")) for n in range(5)]
        token = codes.new_token()
        assert client.post(FORM, typed(token=token) | {"files": files}).url == door.RECEIPT
        assert [len(each) for each in processes()] == [5]
        files = [upload(f"{n}.png", door.picture("PNG")) for n in range(5)]
        client.post(FORM, typed(token=token) | {"files": files})  # submitted again: already registered
        assert (len(processes()), Enclosure.objects.count()) == (1, 5)

    def test_too_many_tries_decode_nothing(self, client, head, processes, today):
        allow("portal_submissions", 1, today)
        self.send(client)
        answer = self.send(client, files=[upload("a.png", door.picture("PNG"))])
        assert (answer.status_code, processes()) == (429, [])

    def test_broken_file_prevents_decoding_of_the_others(self, client, head, processes):
        files = [upload("a.png", door.picture("PNG")), upload("b.png", b"MZ" + bytes(99))]
        assert "不是能收的文件" in self.send(client, files=files).content.decode()
        assert processes() == []

    def test_message_that_cannot_be_said_or_was_said_decodes_nothing(self, head, processes):
        _case, code, _client = sent()
        client = following(code)
        for _time in range(2):
            data = {"text": "见照片", "seen": "3", "files": [upload("a.png", door.picture("PNG"))]}
            assert client.post(CASE, data).url == CASE
        assert len(processes()) == 1
        client.post(CASE, {"text": "", "files": [upload("a.png", door.picture("PNG"))]})
        assert len(processes()) == 1
        Complaint.objects.update(state="void")
        client.post(CASE, {"text": "又一句", "files": [upload("a.png", door.picture("PNG"))]})
        assert len(processes()) == 1


TOO_DEAR = {
    "the PNG of the attack": ("a.png", png(7070, 7070)),
    "the WebP of the attack": ("a.webp", webp(7000)),
    "a WebP that says more": ("a.webp", b"RIFF\x16\0\0\0WEBPVP8X\n\0\0\0\0\0\0\0" + b"\xff" * 6 + bytes(64)),
    "a GIF with a large screen": ("a.gif", gif(60_000)),
    "a GIF whose picture is larger than its screen": ("a.gif", gif(4000, reach=60_000)),
    "a JPEG of the largest size": ("a.jpg", jpeg(65_500, 65_500)),
    "a line of pixels": ("a.png", png(1, 40_000)),
}


@pytest.mark.parametrize("name", sorted(TOO_DEAR))
def test_picture_too_expensive_is_refused_by_its_header(name, client, head, processes):
    answer = client.post(FORM, typed(token=codes.new_token()) | {"files": [upload(*TOO_DEAR[name])]})
    assert "尺寸太大" in answer.content.decode()
    assert (processes(), Complaint.objects.count()) == ([], 0)


def test_wrong_size_in_header_is_detected_before_decoding():
    """The process gets the size that was checked, and the size the decoder reads must be the same."""
    source, target = BytesIO(png(3000, 3000)), BytesIO()
    with pytest.raises(picture_process.TooLarge):
        picture_process.redraw(source, target, "PNG", (30, 30))
    picture_process.redraw(source, target, "PNG", (3000, 3000))
    assert Image.open(target).size == (3000, 3000)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "GIF", "WEBP"])
def test_sizes_by_hand_are_those_of_the_decoder(kind):
    """For every way of writing a picture that Pillow supports."""
    ways = {
        "JPEG": [{}, {"progressive": True}, {"exif": door.from_camera()[:2]}, {"comment": b"\xff\xc0" * 500}],
        "PNG": [{}, {"optimize": True}],
        "GIF": [{}, {"comment": b"x" * 3000}, {"save_all": True, "append_images": [Image.new("L", (9, 9))]}],
        "WEBP": [{}, {"lossless": True}, {"exif": b"Exif\0\0"}, {"save_all": True}],
    }
    for way in ways[kind]:
        for mode in ("RGB", "L", "RGBA") if kind != "JPEG" else ("RGB", "L", "CMYK"):
            held = BytesIO()
            Image.new(mode, (301, 203)).save(held, kind, **way)
            assert picture_sizes.size_of(held, f"image/{kind.lower()}") == Image.open(held).size == (301, 203)


def test_every_beginning_of_a_picture_is_a_size_or_a_refusal():
    for kind in ("JPEG", "PNG", "GIF", "WEBP"):
        whole = door.picture(kind)
        for end in range(len(whole)):
            try:
                size = picture_sizes.size_of(BytesIO(whole[:end]), f"image/{kind.lower()}")
            except picture_sizes.UnreadableHeader:
                continue
            assert size == (60, 40)


class TestBudget:
    def test_pixels_of_one_address_are_counted_over_forms_and_messages(self, head, processes, today):
        allow("portal_window_megapixels", 50, today)
        _case, code, _client = sent(files=[upload("a.png", png(4800, 4800))])
        client = following(code)
        answer = client.post(CASE, {"text": "第二张", "files": [upload("a.png", png(4800, 4800))]})
        assert answer.url == CASE
        answer = client.post(CASE, {"text": "第三张", "files": [upload("a.png", png(4800, 4800))]})
        assert (answer.status_code, len(processes())) == (429, 2)
        assert "第三张" in answer.content.decode()
        smaller = client.post(CASE, {"text": "第三张", "files": [upload("a.png", door.picture("PNG"))]})
        assert smaller.url == CASE  # a refused picture uses no budget
        other = Client().post(
            FORM,
            typed(token=codes.new_token()) | {"files": [upload("a.png", png(4800, 4800))]},
            REMOTE_ADDR="203.0.113.9",
        )
        assert other.url == door.RECEIPT

    def test_over_the_budget_the_form_comes_back_as_it_was(self, client, head, today):
        allow("portal_window_megapixels", 50, today)
        pictures_of_it = [upload(f"{n}.png", png(4000, 4000)) for n in range(5)]
        answer = client.post(FORM, typed(token=codes.new_token()) | {"files": pictures_of_it})
        assert (answer.status_code, "Retry-After" in answer) == (429, True)
        assert "探访没有按约定时间来" in answer.content.decode()

    def test_bytes_of_one_address_are_counted_before_anything_is_read(self, client, head, processes, today):
        allow("portal_window_megabytes", 10, today)
        large = [upload("a.pdf", door.PDF + bytes(6 << 20))]
        assert client.post(FORM, typed(token=codes.new_token()) | {"files": large}).url == door.RECEIPT
        large = [upload("a.pdf", door.PDF + bytes(6 << 20))]
        answer = client.post(FORM, typed(token=codes.new_token()) | {"files": large})
        assert (answer.status_code, Complaint.objects.count()) == (429, 1)
        assert client.post(FORM, typed(token=codes.new_token())).url == door.RECEIPT

    def test_total_and_single_sizes_are_smaller_than_for_staff(self, client, head, today):
        allow("portal_total_megabytes", 2, today)
        parts = [upload(f"{n}.pdf", door.PDF + bytes(1 << 20)) for n in range(2)]
        assert "一共超过2 MB" in self.page(client, parts)
        allow("portal_megabytes", 1, today)
        assert "超过1 MB" in self.page(client, [upload("a.pdf", door.PDF + bytes(1 << 20))])
        assert Parameter.objects.value_on("attachment_megabytes", today) == 20

    def page(self, client, files):
        return client.post(FORM, typed(token=codes.new_token()) | {"files": files}).content.decode()


def held(name):
    """Returns a file lock as another process of the site would hold it."""
    folder = Path(os.environ["VAR_DIR"]) / "slots"
    folder.mkdir(parents=True, exist_ok=True)
    lock = (folder / f"{name}.lock").open("w")
    fcntl.flock(lock, fcntl.LOCK_EX)
    return lock


def test_upload_is_refused_at_once_and_form_kept_when_queue_is_full(client, head, processes):
    with held("pictures-0"), held("pictures-waiting-0"):
        files = {"files": [upload("a.png", door.picture("PNG"))]}
        answer = client.post(FORM, typed(token=codes.new_token()) | files)
        assert answer.status_code == 200
        for words in ("现在很忙", "探访没有按约定时间来", "请再选一次"):
            assert words in answer.content.decode()
        assert client.post(FORM, typed(token=codes.new_token())).url == door.RECEIPT  # without pictures
    assert processes() == []
    files = {"files": [upload("a.png", door.picture("PNG"))]}
    assert client.post(FORM, typed(token=codes.new_token()) | files).url == door.RECEIPT


class TestProcess:
    """The operating system limits the process, whatever the decoder does."""

    def run(self, *arguments, files):
        """Runs the picture program with these arguments; returns the completed process."""
        command = [sys.executable, "-I", "-S", pictures.PROGRAM, pictures.PACKAGES, *arguments]
        return subprocess.run(
            [*map(str, command)], pass_fds=[file.fileno() for file in files], capture_output=True, text=True
        )

    def drawn(self, tmp_path, memory, cpu, content, kind, size):
        """Redraws one picture under limits of memory (bytes) and CPU time (seconds); returns the completed process."""
        source, target = tmp_path / "in", tmp_path / "out"
        source.write_bytes(content)
        with source.open("rb") as read, target.open("wb") as written:
            picture = f"{kind}:{size[0]}:{size[1]}:{read.fileno()}:{written.fileno()}"
            return self.run(memory, cpu, picture, files=[read, written])

    def test_decoder_memory_is_limited(self, tmp_path):
        little, enough = 90 << 20, pictures.MEMORY
        picture = (png(4800, 4800, bits=8), "PNG", (4800, 4800))
        assert self.drawn(tmp_path, enough, 20, *picture).stdout == "ok\n"
        assert self.drawn(tmp_path, little, 20, *picture).stdout != "ok\n"

    def test_decoder_time_is_limited(self, tmp_path):
        """The same limit, on a program that would never end."""
        program = tmp_path / "endless.py"
        program.write_text(
            f"import sys\nsys.path.append({str(pictures.PROGRAM.parent)!r})\n"
            "import picture_process\npicture_process.set_limits(1 << 30, 1)\nwhile True: pass\n"
        )
        found = subprocess.run([sys.executable, "-I", "-S", str(program)], capture_output=True, check=False)
        assert found.returncode in (-signal.SIGKILL, -signal.SIGXCPU)

    def test_crashed_decoder_gives_an_error_message(self, monkeypatch):
        monkeypatch.setattr(pictures, "MEMORY", 1 << 20)  # too little to start
        with (
            pytest.raises(ValidationError, match="处理不了"),
            pictures.redrawn_pictures([(upload("a.png", door.picture("PNG")), "image/png")]),
        ):
            raise AssertionError

    def test_process_that_hangs_is_ended(self, monkeypatch, tmp_path):
        program = tmp_path / "hangs.py"
        program.write_text("import signal\nsignal.pause()\n")
        monkeypatch.setattr(pictures, "PROGRAM", program)
        monkeypatch.setattr(pictures, "SECONDS", 0.2)
        with (
            pytest.raises(ValidationError, match="处理不了"),
            pictures.redrawn_pictures([(upload("a.png", door.picture("PNG")), "image/png")]),
        ):
            raise AssertionError

    def test_decoder_process_has_no_site_settings(self, monkeypatch, tmp_path):
        program = tmp_path / "tells.py"
        output = tmp_path / "told"
        program.write_text(
            f"import os, sys\nopen({str(output)!r}, 'w').write(repr((dict(os.environ), 'site' in sys.modules)))\n"
        )
        monkeypatch.setattr(pictures, "PROGRAM", program)
        monkeypatch.setenv("SECRET_KEY", "x" * 60)
        with (
            pytest.raises(ValidationError),
            pictures.redrawn_pictures([(upload("a.png", door.picture("PNG")), "image/png")]),
        ):
            raise AssertionError
        assert "SECRET_KEY" not in output.read_text()


def test_nothing_of_a_refused_picture_remains(client, head, settings):
    """Neither among the uploads nor in the folder of the locks."""
    folders = [Path(settings.MEDIA_ROOT), Path(settings.VAR_DIR) / "slots"]
    before = {path for folder in folders for path in folder.rglob("*") if path.suffix != ".lock"}
    whole = door.picture("PNG", size=(300, 300))
    client.post(FORM, typed(token=codes.new_token()) | {"files": [upload("a.png", whole[: len(whole) // 2])]})
    assert Complaint.objects.count() == 0
    assert {path for folder in folders for path in folder.rglob("*") if path.suffix != ".lock"} == before
    assert Attempt.objects.exists()
