"""Attachments: which files are accepted, how they are stored, and who may download them."""

import hashlib
from pathlib import Path
from uuid import uuid4

import pytest
from django.conf import settings
from django.core.exceptions import ValidationError

from accounts.roles import Role
from relations.files.attachments import MAX_FILES, check_file, clean_name, size_limit
from relations.files.fields import FilesField
from relations.imports import uploads
from relations.log.actions import withdraw_interaction
from relations.models import Attachment, Interaction
from reminders.models import Parameter
from tests.factories.accounts import UserFactory
from tests.factories.employers import EmployerFactory
from tests.factories.relations import InteractionFactory
from tests.relations import samples
from tests.relations.samples import upload

MB = 1024 * 1024
DECLARED = "<Types><Override PartName='/xl/picture.bin' ContentType='application/vnd.%s'/></Types>"


@pytest.fixture
def today(at):
    return at("2026-10-12")


@pytest.fixture
def worker(db, today):
    return UserFactory(resident=True)


@pytest.fixture
def contact(worker):
    return InteractionFactory(stakeholder=EmployerFactory(responsible=worker))


@pytest.fixture
def desk(client, worker):
    client.force_login(worker)
    return client


def add(client, contact, *given):
    """Submits the files to the page of the contact."""
    return client.post(f"/interactions/{contact.pk}/files/", {"files": list(given)})


def status(client, kept):
    """The status of the download; closes the file of the response."""
    answer = client.get(f"/files/{kept.pk}/")
    answer.close()
    return answer.status_code


def page(answer):
    return answer.content.decode()


# Refused files.


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("图.svg", samples.SVG),
        ("图.png", samples.SVG),
        ("页.html", samples.HTML),
        ("页.pdf", samples.HTML),
        ("程序.exe", samples.MACHO),
        ("程序.pdf", samples.MACHO),
        ("脚本.sh", b"#!/bin/sh\n"),
        ("说明.txt", "只是文字".encode()),
        ("包.zip", samples.package("a.txt")),
        ("包.docx", samples.package("a.txt")),
        ("包.docx", samples.package("[Content_Types].xml", "a.txt")),
        ("坏.docx", b"PK\x03\x04" + b"\x00" * 100),
        ("断.docx", samples.DOCX[:60]),
        ("无.", b"abc"),
    ],
)
def test_file_of_a_wrong_kind_is_refused(name, content):
    with pytest.raises(ValidationError, match="不是能收的文件。可以传图片、PDF、Word、Excel和PPT。"):
        check_file(upload(name, content), 20 * MB)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("表.xlsm", samples.package("[Content_Types].xml", "xl/workbook.xml", "xl/vbaProject.bin")),
        ("表.docx", samples.package("[Content_Types].xml", "word/document.xml", "word/VBAPROJECT.BIN")),
        (
            "表.xlsx",
            samples.package(
                "[Content_Types].xml",
                "xl/workbook.xml",
                **{"[Content_Types].xml": DECLARED % "ms-office.vbaProject"},
            ),
        ),
        (
            "表.docx",
            samples.package(
                "[Content_Types].xml",
                "word/document.xml",
                **{"[Content_Types].xml": DECLARED % "ms-word.macroEnabled"},
            ),
        ),
        ("表.xls", samples.OLE + "_VBA_PROJECT".encode("utf-16-le")),
        ("表.doc", samples.OLE + b"\x00" * (MB - 612) + "Macros".encode("utf-16-le")),
    ],
)
def test_file_with_macros_is_refused(name, content):
    with pytest.raises(ValidationError, match="带有宏，不能收。请另存为不带宏的文件"):
        check_file(upload(name, content), 20 * MB)


@pytest.mark.parametrize(
    ("name", "content", "ending"),
    [
        ("照片.pdf", samples.PNG, "png"),
        ("总结.png", samples.PDF, "pdf"),
        ("总结.xlsx", samples.DOCX, "docx"),
        ("总结.docm", samples.DOCX, "docx"),
        ("总结.html", samples.PDF, "pdf"),
        ("总结", samples.PDF, "pdf"),
        ("总结.exe", samples.OLE, "doc"),
    ],
)
def test_file_whose_name_tells_another_kind_is_refused(name, content, ending):
    with pytest.raises(
        ValidationError, match=rf"和文件名不符。请用原来的文件，或把名字改成以\.{ending}结尾。"
    ):
        check_file(upload(name, content), 20 * MB)


def test_empty_file_is_refused():
    with pytest.raises(ValidationError, match="“总结.pdf”是空的，请重新选择文件。"):
        check_file(upload("总结.pdf", b""), 20 * MB)


def test_file_at_the_limit_is_taken_and_above_refused():
    assert check_file(upload("总结.pdf", samples.PDF.ljust(2 * MB, b" ")), 2 * MB) == "application/pdf"
    with pytest.raises(ValidationError, match="“总结.pdf”有2.1 MB，超过2 MB。请压缩图片，或拆成几份再传。"):
        check_file(upload("总结.pdf", samples.PDF.ljust(2 * MB + 1, b" ")), 2 * MB)


# Accepted files.


@pytest.mark.parametrize(
    ("name", "content", "content_type"),
    [
        ("照片.jpg", samples.JPEG, "image/jpeg"),
        ("照片.JPEG", samples.JPEG, "image/jpeg"),
        ("图.png", samples.PNG, "image/png"),
        ("图.gif", samples.GIF, "image/gif"),
        ("图.webp", samples.WEBP, "image/webp"),
        ("图.heic", samples.HEIC, "image/heic"),
        ("总结.pdf", samples.PDF, "application/pdf"),
        (
            "总结.docx",
            samples.DOCX,
            "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        ),
        ("名单.xlsx", samples.XLSX, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        (
            "汇报.pptx",
            samples.PPTX,
            "application/vnd.openxmlformats-officedocument.presentationml.presentation",
        ),
        ("旧.doc", samples.OLE, "application/msword"),
        ("旧.xls", samples.OLE, "application/vnd.ms-excel"),
        ("旧.ppt", samples.OLE, "application/vnd.ms-powerpoint"),
    ],
)
def test_file_of_a_right_kind_is_taken(name, content, content_type):
    assert check_file(upload(name, content), 20 * MB) == content_type


@pytest.mark.parametrize(
    ("given", "clean"),
    [
        ("../../etc/passwd.pdf", "passwd.pdf"),
        ("C:\\文档\\总结.pdf", "总结.pdf"),
        ("总\x00结\u202e.pdf", "总结.pdf"),
        ('a"b<c>|?.pdf', "a_b_c_.pdf"),
        ("  总结.pdf ", "总结.pdf"),
        (".pdf", "pdf"),
        ("", "附件"),
        ("字" * 300 + ".pdf", "字" * 146 + ".pdf"),
        ("a." + "b" * 300, "a." + "b" * 10),
    ],
)
def test_name_is_cleaned(given, clean):
    assert clean_name(given) == clean
    assert len(clean_name(given)) <= 150


@pytest.mark.django_db
def test_limit_is_a_number_with_a_history(today):
    assert size_limit(today) == 20 * MB
    Parameter.objects.create(
        key="attachment_megabytes", value=5, effective_from=today, reason="省地方", set_by=UserFactory()
    )
    assert size_limit(today) == 5 * MB


@pytest.mark.django_db
def test_help_text_names_the_number_and_the_size_that_hold(today, monkeypatch):
    monkeypatch.setattr("relations.files.attachments.MAX_FILES", 7)
    field = FilesField()
    field.day = today
    assert field.limits() == "图片、PDF、Word、Excel、PPT，每个不超过20.0\xa0MB，一次最多7个。"


def test_register_that_is_too_large_is_refused_with_the_size_that_holds(monkeypatch):
    monkeypatch.setattr(uploads, "MAX_FILE_BYTES", 2 * MB)
    with pytest.raises(uploads.UploadRefused, match="文件超过2 MB"):
        uploads.check_upload(upload("名册.xlsx", b"x" * (2 * MB + 1)))


# Through the pages.


def test_files_are_kept_under_a_random_name(desk, contact, worker):
    answer = add(desk, contact, upload("总结.pdf", samples.PDF), upload("照片.png", samples.PNG))
    assert answer.url == f"/interactions/{contact.pk}/"
    attachment = Attachment.objects.get(name="总结.pdf")
    assert (attachment.interaction, attachment.stakeholder_id, attachment.uploaded_by) == (
        contact,
        contact.stakeholder_id,
        worker,
    )
    assert attachment.sha256 == hashlib.sha256(samples.PDF).hexdigest()
    assert attachment.size == len(samples.PDF)
    assert "总结" not in attachment.file.name
    assert Path(attachment.file.path).is_relative_to(settings.MEDIA_ROOT)
    assert "总结.pdf" in page(desk.get(f"/interactions/{contact.pk}/"))


def test_one_wrong_file_refuses_all_with_a_sentence_each(desk, contact):
    answer = add(
        desk, contact, upload("总结.pdf", samples.PDF), upload("图.svg", samples.SVG), upload("空.pdf", b"")
    )
    assert "“图.svg”不是能收的文件" in page(answer)
    assert "“空.pdf”是空的" in page(answer)
    assert not Attachment.objects.exists()


def test_no_file_and_too_many_are_refused(desk, contact):
    assert "请选择文件。" in page(add(desk, contact))
    many = [upload(f"{place}.pdf", samples.PDF) for place in range(MAX_FILES + 1)]
    assert "一次最多传5个文件，其余的请再传一次。" in page(add(desk, contact, *many))


def test_quick_log_keeps_files_and_loses_no_words_over_a_wrong_one(desk, worker):
    unit = EmployerFactory(responsible=worker)
    sent = {
        "token": str(uuid4()),
        "channel": "face",
        "purpose": "ordinary",
        "day": "today",
        "content": "汇报了进展。",
    }
    refused = desk.post(f"/log/{unit.pk}/", sent | {"files": [upload("图.svg", samples.SVG)]})
    assert "“图.svg”不是能收的文件" in page(refused)
    assert "汇报了进展。" in page(refused)
    sent = desk.post(f"/log/{unit.pk}/", sent | {"files": [upload("总结.docx", samples.DOCX)]})
    assert sent.status_code == 302
    assert Attachment.objects.get().interaction == Interaction.objects.get()


@pytest.mark.parametrize("name", ["总结.pdf", "总 结(1).pdf", "report.pdf", "a%22b.pdf"])
def test_file_is_handed_out_as_an_attachment(desk, contact, name):
    add(desk, contact, upload(name, samples.PDF))
    attachment = Attachment.objects.get()
    answer = desk.get(f"/files/{attachment.pk}/")
    assert b"".join(answer.streaming_content) == samples.PDF
    assert answer["Content-Type"] == "application/pdf"
    assert answer["Content-Disposition"].startswith("attachment; filename")
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Cache-Control"] == "private, no-store"


def test_file_of_another_record_is_absent(client, desk, contact):
    add(desk, contact, upload("总结.pdf", samples.PDF))
    attachment = Attachment.objects.get()
    client.force_login(UserFactory(resident=True))
    for address in (f"/files/{attachment.pk}/", f"/files/{attachment.pk}/withdraw/", "/files/999999/"):
        assert client.get(address).status_code == 404
    assert add(client, contact, upload("b.pdf", samples.PDF)).status_code == 404
    client.logout()
    assert client.get(f"/files/{attachment.pk}/").url.startswith("/login/")


def test_file_stays_private_after_a_hand_over(client, desk, contact, worker, today):
    from relations.models import Stakeholder
    from relations.parties.actions import hand_over

    add(desk, contact, upload("总结.pdf", samples.PDF))
    attachment, taker = Attachment.objects.get(), UserFactory(resident=True)
    hand_over(Stakeholder.objects.filter(pk=contact.stakeholder_id), to=taker, by=worker, today=today)
    assert desk.get(f"/files/{attachment.pk}/").status_code == 404
    client.force_login(taker)
    assert status(client, attachment) == 200


def test_file_lost_on_disk_is_absent(desk, contact):
    add(desk, contact, upload("总结.pdf", samples.PDF))
    attachment = Attachment.objects.get()
    attachment.file.storage.delete(attachment.file.name)
    assert desk.get(f"/files/{attachment.pk}/").status_code == 404


def test_withdrawn_file_is_opened_by_nobody(desk, contact, worker):
    add(desk, contact, upload("总结.pdf", samples.PDF))
    attachment = Attachment.objects.get()
    assert "撤下“总结.pdf”？" in page(desk.get(f"/files/{attachment.pk}/withdraw/"))
    assert desk.post(f"/files/{attachment.pk}/withdraw/").url == f"/interactions/{contact.pk}/"
    attachment.refresh_from_db()
    assert attachment.withdrawn_by == worker
    for address in (f"/files/{attachment.pk}/", f"/files/{attachment.pk}/withdraw/"):
        assert desk.get(address).status_code == 404
    assert "总结.pdf" not in page(desk.get(f"/interactions/{contact.pk}/"))


@pytest.mark.parametrize(
    ("role", "status"), [(Role.DEPARTMENT_STAFF, 403), (Role.SUPERVISOR, 200), (Role.FINANCE, 403)]
)
def test_file_is_withdrawn_by_its_owner_or_who_leads(client, desk, contact, role, status):
    add(desk, contact, upload("总结.pdf", samples.PDF))
    client.force_login(UserFactory(roles=[role], department=contact.stakeholder.department))
    assert client.get(f"/files/{Attachment.objects.get().pk}/withdraw/").status_code == status


def test_file_of_a_withdrawn_contact_stays_with_the_record(desk, contact, worker):
    add(desk, contact, upload("总结.pdf", samples.PDF))
    withdraw_interaction(contact, by=worker, reason="记错了")
    assert status(desk, Attachment.objects.get()) == 200


# Far too large requests.


class Unread:
    """A request body that fails the test when it is read."""

    def read(self, *args):
        raise AssertionError("the body was read")

    readline = read


@pytest.mark.parametrize("length", [128 * MB + 1, 500 * MB])
def test_request_far_too_large_is_refused_unread(desk, contact, length):
    answer = desk.generic(
        "POST",
        f"/interactions/{contact.pk}/files/",
        content_type="multipart/form-data; boundary=x",
        CONTENT_LENGTH=str(length),
        **{"wsgi.input": Unread()},
    )
    assert answer.status_code == 413
    assert "附件太大了，一次最多128 MB，没有保存。" in page(answer)


@pytest.mark.parametrize("length", ["", "x", "-1"])
def test_request_with_a_strange_length_is_no_error(desk, length):
    assert desk.get("/log/", CONTENT_LENGTH=length).status_code == 200
