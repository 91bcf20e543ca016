"""Harmful files on every upload form: refused with a message, not stored, not opened."""

import io
import tracemalloc
import zipfile

import pytest

from accounts.roles import Role
from complaints.models import Complaint, Enclosure
from complaints.models.case import Finding
from relations.files import attachments as files
from relations.imports import uploads
from relations.models import Attachment, Import
from reminders.models import Parameter
from tests.attack.answers import asking, session_for
from tests.attack.filling import forms_of
from tests.attack.resolver import by_name
from tests.attack.upload_ways import WAYS, send, stored_uploads
from tests.attack.world import FAR, HIDDEN, OWN, TODAY
from tests.complaints.portal.door import picture, upload
from tests.relations import samples

pytestmark = pytest.mark.django_db
SITE = by_name()
PICTURE = picture("PNG")
# The model that stores the newest file of each upload form, and the page that serves it to the director.
NEWEST = {
    "interactions:add_files": (Attachment, "attachment"),
    "quick_log_for": (Attachment, "attachment"),
    "employers:contract_scans": (Attachment, "attachment"),
    "complaints:act": (Enclosure, "complaints:enclosure"),
    "portal:case": (Enclosure, "complaints:enclosure"),
}


def bomb():
    """Returns 90 MB of zero bytes, compressed to 0.1 MB: a workbook small enough to be read during the request."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as package:
        for part in ("[Content_Types].xml", "xl/workbook.xml"):
            package.writestr(part, "<x/>")
        with package.open("xl/worksheets/sheet1.xml", "w") as part:
            for _megabyte in range(90):
                part.write(b"\0" * (1 << 20))
    return stream.getvalue()


BAD = {
    "svg": ("图.svg", samples.SVG),
    "svg as picture": ("图.png", samples.SVG),
    "page as picture": ("页.png", samples.HTML),
    "page as paper": ("页.pdf", samples.HTML),
    "page as photo": ("页.jpg", samples.HTML),
    "page behind a paper's ending": ("页.pdf.html", samples.PDF),
    "picture as page": ("图.html", samples.PNG),
    "page as workbook": ("页.xlsx", samples.HTML),
    "program": ("程序.pdf", samples.MACHO),
    "macros": ("表.xlsm", samples.package("[Content_Types].xml", "xl/workbook.xml", "xl/vbaProject.bin")),
    "archive": ("包.docx", samples.package("a.txt")),
}


@pytest.mark.parametrize("way", sorted(set(WAYS) - {"employer_imports:start"}))
def test_bad_files_are_refused_with_a_sentence_each(world, way):
    before = stored_uploads()
    for batch in batched(sorted(BAD.values()), files.MAX_FILES):
        response = send(world, way, *batch)
        assert response.status_code == 200
        found = [form.errors[WAYS[way].field] for form in forms_of(response.context) if form.errors]
        assert [len(sentences) for sentences in found] == [len(batch)]
    assert stored_uploads() == before


def test_bad_register_is_refused_or_read_and_refused(world):
    for name, content in BAD.values():
        if send(world, "employer_imports:start", (name, content)).status_code == 302:
            made = Import.objects.latest("pk")
            assert (name, made.state, bool(made.report["problem"])) == (name, "failed", True)


def batched(things, count):
    """Returns the list `things` in parts of `count`."""
    return [things[place : place + count] for place in range(0, len(things), count)]


def test_bomb_is_refused_by_the_import_and_never_opened_elsewhere(world):
    content = bomb()
    assert len(content) < uploads.INLINE_BYTES
    send(world, "employer_imports:start", ("登记表.xlsx", content))
    made = Import.objects.latest("pk")
    assert (made.state, made.report["problem"]) == (
        "failed",
        "这个文件太大，或者是不正常的压缩文件，没有打开。",
    )


NAMES = [
    "../../../etc/passwd.png",
    "..\\..\\boot.png",
    "/etc/cron.d/a.png",
    "a\u202egnp.exe.png",
    "C:\\Windows\\CON.png",
    "nul.png",
    "a\0.exe.png",
    "a\rSet-Cookie: x=1.png",
    "长" * 3000 + ".png",
    "a" * 70_000 + ".png",
    "....//....//x.png",
    "%2e%2e%2f%00.png",
    '"; filename="b.exe.png',
    "<img src=x onerror=alert(1)>.png",
]


@pytest.mark.parametrize("way", sorted(NEWEST))
def test_path_in_a_name_leads_nowhere(world, settings, way):
    model, page = NEWEST[way]
    for names in batched(NAMES, files.MAX_FILES):
        assert send(world, way, *[(name, PICTURE) for name in names]).status_code == 302
        for found in model.objects.order_by("-pk")[: len(names)]:
            assert not set(found.name) & set("/\\\u202e\0\r\n")
            assert len(found.name) <= 150
            assert found.file.path.startswith(str(settings.MEDIA_ROOT))
            response = handed_out(world, found, page)
            assert b"".join(response.streaming_content) == content_of(found)
            assert response["Content-Disposition"].startswith("attachment")
            assert response["X-Content-Type-Options"] == "nosniff"
            assert response["Cache-Control"] == "private, no-store"


def handed_out(world, found, page):
    """Returns the response with which the page serves a stored file to the director."""
    case = {"number": found.complaint.number} if isinstance(found, Enclosure) else {}
    return asking(world.sessions[Role.DIRECTOR]).get(SITE[page].url({"pk": found.pk} | case))


def test_uploads_are_served_by_no_other_address(world, client):
    stored = world.families[OWN].rows["attachment"]
    client.force_login(world.people[Role.DIRECTOR])
    for root in ("/media/", "/static/", "/static/../media/", "/files/"):
        assert client.get(f"{root}{stored.file.name}").status_code == 404


LIMIT = 1 << 20


@pytest.fixture
def small(world):
    """The size limit is one megabyte, for staff and on the public portal."""
    for key in ("attachment_megabytes", "portal_megabytes"):
        Parameter.objects.create(
            key=key, value=1, effective_from=TODAY, reason="试", set_by=world.people[Role.DIRECTOR]
        )


def content_of(found):
    """Returns the bytes of a stored file."""
    with found.file.open("rb") as file:
        return file.read()


def paper(size):
    """Returns a PDF of `size` bytes."""
    return samples.PDF + bytes(size - len(samples.PDF))


@pytest.mark.parametrize("way", sorted(set(WAYS) - {"employer_imports:start"}))
class TestSizesAndCounts:
    def test_five_of_the_limit_are_taken(self, world, small, way):
        (before, _paths), sent = stored_uploads(), [(f"{place}.pdf", paper(LIMIT)) for place in range(5)]
        assert send(world, way, *sent).status_code == 302
        assert sum(stored_uploads()[0]) - sum(before) == 5

    def test_one_byte_more_is_refused_and_nothing_is_kept(self, world, small, way):
        before, sent = stored_uploads(), [("1.pdf", paper(LIMIT)), ("2.pdf", paper(LIMIT + 1))]
        assert send(world, way, *sent).status_code == 200
        assert stored_uploads() == before

    def test_too_many_are_refused(self, world, way):
        before = stored_uploads()
        response = send(world, way, *[(f"{place}.pdf", samples.PDF) for place in range(6)])
        assert "一次最多传5个文件" in response.content.decode()
        assert send(world, way, *[(f"{place}.pdf", samples.PDF) for place in range(101)]).status_code == 400
        assert stored_uploads() == before


def zip_of(entries, comment=b""):
    """Returns a zip file whose central directory has `entries` entries, nearly all empty."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as package:
        package.writestr("[Content_Types].xml", "<x/>")
        package.writestr("word/document.xml", "<x/>")
        for place in range(entries - 2):
            package.writestr(f"{place:x}", "")
        package.comment = comment
    return stream.getvalue()


class Counting(io.BytesIO):
    """A file that counts the bytes read from it."""

    read_bytes = 0

    def read(self, *size):
        found = super().read(*size)
        self.read_bytes += len(found)
        return found


def kind_of(content):
    """Returns (detected type, number of bytes read to detect it)."""
    stream = Counting(content)
    return files.detect_type(stream, "a.docx"), stream.read_bytes


def test_long_table_of_contents_is_not_listed():
    """7,000 entries: refused after reading the end of the file. Control: the allowed number is listed."""
    kind, most = kind_of(zip_of(files.MAX_ZIP_ENTRIES))
    assert (kind.label, most > 200_000) == ("Word", True)
    kind, read = kind_of(zip_of(7000))
    assert (kind, read < 80_000) == (None, True)


def test_table_of_contents_that_lies_about_its_length_is_not_listed():
    """The end record says two entries, but the directory has 7,000; or the numbers are elsewhere."""
    content = bytearray(zip_of(7000))
    place = content.rindex(b"PK\x05\x06")
    content[place + 8 : place + 12] = b"\x02\0\x02\0"
    assert kind_of(bytes(content))[0] is None
    hidden = bytearray(zip_of(7000))
    hidden[place + 16 : place + 20] = b"PK\x05\x06"  # an end record within the end record
    assert kind_of(bytes(hidden))[0] is None
    large = content[:place] + b"PK\x06\x07" + bytes(16) + content[place:]
    assert kind_of(bytes(large))[0] is None
    assert kind_of(zip_of(3, comment=b"x" * 60_000))[0].label == "Word"


def test_contents_that_unpack_without_end_are_read_to_a_limit():
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("word/document.xml", "<x/>")
        with package.open("[Content_Types].xml", "w") as part:
            for _megabyte in range(60):
                part.write(b" " * (1 << 20))
    tracemalloc.start()
    kind, _read = kind_of(stream.getvalue())
    _now, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert (kind.label, most < 8 << 20) == ("Word", True)


POLYGLOTS = {
    "a paper that is a program's archive": ("a.pdf", samples.PDF + zip_of(3)),
    "a picture that is a page": ("a.gif", picture("GIF") + samples.HTML),
    "a picture that is a script": ("a.jpg", picture("JPEG", comment=samples.HTML)),
}


@pytest.mark.parametrize("name", sorted(POLYGLOTS))
def test_file_of_two_kinds_is_handed_out_as_a_download_of_the_kind_it_was_taken_for(world, name):
    assert send(world, "employers:contract_scans", POLYGLOTS[name]).status_code == 302
    found = Attachment.objects.latest("pk")
    response = asking(world.sessions[Role.DIRECTOR]).get(SITE["attachment"].url({"pk": found.pk}))
    assert response["Content-Type"] in ("application/pdf", "image/gif", "image/jpeg")
    assert response["Content-Disposition"].startswith("attachment")
    assert (response["X-Content-Type-Options"], len(b"".join(response.streaming_content))) == (
        "nosniff",
        len(POLYGLOTS[name][1]),
    )


@pytest.mark.parametrize("name", ["a picture that is a page", "a picture that is a script"])
def test_second_kind_of_a_public_picture_is_gone(world, name):
    assert send(world, "portal:case", POLYGLOTS[name]).status_code == 302
    assert samples.HTML not in content_of(Enclosure.objects.latest("pk"))


class TestWhereOneMayNot:
    """A file for a record that is not visible, and for a complaint that accepts no more files."""

    @pytest.mark.parametrize("kin", [FAR, HIDDEN])
    @pytest.mark.parametrize(
        "way", sorted(name for name, way in WAYS.items() if way.of and name != "complaints:act")
    )
    def test_record_out_of_sight(self, world, way, kin):
        before = stored_uploads()
        url = SITE[way].url(world.values(WAYS[way].of, kin))
        data = {WAYS[way].field: [upload("a.pdf", samples.PDF)]}
        assert asking(session_for(world.colleague)).post(url, data).status_code in (403, 404)
        assert stored_uploads() == before

    def test_complaint_of_others(self, world):
        before = stored_uploads()
        world.belongs_to(world.people[Role.DIRECTOR])
        url = SITE["complaints:act"].url(world.values("complaint", OWN) | {"name": "file"})
        data = {"version": 1, "files": [upload("a.pdf", samples.PDF)]}
        assert asking(session_for(world.colleague)).post(url, data).status_code == 404
        assert stored_uploads() == before

    @pytest.mark.parametrize(("state", "way"), [("closed", "complaints:act"), ("void", "portal:case")])
    def test_complaint_that_takes_none_any_more(self, world, state, way):
        rows = world.families[OWN].rows
        closed = {"closed_on": TODAY, "finding": Finding.UNTRUE} if state == "closed" else {}
        Complaint.objects.filter(pk=rows["complaint"].pk).update(state=state, **closed)
        before = stored_uploads()
        response = send(world, way, ("a.pdf", samples.PDF))
        assert response.status_code in (200, 302, 409)
        assert stored_uploads() == before

    def test_contract_of_another_employer(self, world):
        """The key of one record in the URL, and the contract of another."""
        before = stored_uploads()
        values = world.values("employer", OWN) | {"term": world.families[HIDDEN].rows["contract"].pk}
        url = SITE["employers:contract_scans"].url(values)
        data = {"scans": [upload("a.pdf", samples.PDF)]}
        assert asking(world.sessions[Role.DIRECTOR]).post(url, data).status_code == 404
        assert stored_uploads() == before
