"""Files nobody should send, at every door that takes files: refused with a sentence, nothing kept, nothing opened."""

import io
import zipfile

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from accounts.roles import Role
from employers import imports
from employers.models import Import
from relations.models import Attachment
from tests.attack.answers import asking
from tests.attack.resolver import by_name
from tests.attack.world import OWN, PNG
from tests.relations import samples

pytestmark = pytest.mark.django_db
SITE = by_name()
DOORS = {
    "interactions:add_files": ("interaction", "files"),
    "quick_log_for": ("employer", "files"),
    "employers:scans": ("employer", "scans"),
    "employers:contract_add": ("employer", "scans"),
    "imports:start": (None, "file"),
}


def bomb():
    """Ninety megabytes of nothing in a tenth of one, dressed as a workbook small enough to be read at once."""
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


def send(world, door, *given):
    """The answer to files given at a door by the director, whose record it is."""
    world.belongs_to(world.people[Role.DIRECTOR])
    of, field = DOORS[door]
    url = SITE[door].url(world.values(of, OWN))
    found = [SimpleUploadedFile(name, content) for name, content in given]
    return asking(world.sessions[Role.DIRECTOR]).post(url, {field: found})


@pytest.mark.parametrize("kind", sorted(BAD))
@pytest.mark.parametrize("door", sorted(DOORS))
def test_bad_file_is_refused_with_a_sentence(world, door, kind):
    before = Attachment.objects.count()
    response = send(world, door, BAD[kind])
    if response.status_code == 302:  # an import is read first, and says then what it found
        report = Import.objects.latest("pk").report
        assert Import.objects.latest("pk").state == "failed"
        assert report["problem"]
    else:
        assert response.status_code in (200, 422)
        assert response.context["form"].errors[DOORS[door][1]]
    assert Attachment.objects.count() == before


def test_bomb_is_refused_by_the_import_and_never_opened_elsewhere(world):
    content = bomb()
    assert len(content) < imports.AT_ONCE_BYTES
    send(world, "imports:start", ("登记表.xlsx", content))
    made = Import.objects.latest("pk")
    assert (made.state, made.report["problem"]) == (
        "failed",
        "这个文件太大，或者是不正常的压缩文件，没有打开。",
    )


@pytest.mark.parametrize("door", ["interactions:add_files", "employers:scans"])
@pytest.mark.parametrize(
    "name",
    [
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
    ],
    ids=lambda name: ascii(name[:20]),
)
def test_path_in_a_name_leads_nowhere(world, settings, door, name):
    assert send(world, door, (name, PNG)).status_code == 302
    kept = Attachment.objects.latest("pk")
    assert not set(kept.name) & set("/\\\u202e\0\r\n")
    assert len(kept.name) <= 150
    assert kept.file.path.startswith(str(settings.MEDIA_ROOT))
    response = asking(world.sessions[Role.DIRECTOR]).get(SITE["attachment"].url({"pk": kept.pk}))
    assert b"".join(response.streaming_content) == PNG
    assert response["Content-Disposition"].startswith("attachment")
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Cache-Control"] == "private, no-store"


def test_uploads_are_served_by_no_other_address(world, client):
    kept = world.families[OWN].rows["attachment"]
    client.force_login(world.people[Role.DIRECTOR])
    for root in ("/media/", "/static/", "/static/../media/", "/files/"):
        assert client.get(f"{root}{kept.file.name}").status_code == 404
