"""Files of a complaint: who may download them, and with which headers."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from complaints.models import Enclosure, Viewing
from tests.factories.accounts import UserFactory
from tests.factories.complaints import ComplaintFactory, take_step

PDF = b"%PDF-1.4 proof"


@pytest.fixture(autouse=True)
def _own_folder(settings, tmp_path):
    """Stores the files of each test in a folder of its own."""
    settings.MEDIA_ROOT = tmp_path


def scan(name="签到表.pdf"):
    """Returns a file for take_step: (file, content type)."""
    return (SimpleUploadedFile(name, PDF), "application/pdf")


def address(found):
    """Returns the URL of an enclosure."""
    return reverse("complaints:enclosure", args=[found.complaint.number, found.pk])


@pytest.fixture
def found(head, registrar):
    """An enclosure of a complaint."""
    return ComplaintFactory(by=registrar, files=[scan()]).enclosures.get()


def test_stranger_and_outsider_get_nothing(client, found, registrar):
    assert client.get(address(found)).status_code == 302
    client.force_login(registrar)
    assert client.get(address(found)).status_code == 404
    assert not Viewing.objects.exists()


def test_file_comes_as_a_download_and_is_written_down(client, found, head):
    client.force_login(head)
    answer = client.get(address(found))
    assert b"".join(answer.streaming_content) == PDF
    assert answer["Content-Disposition"].startswith("attachment")
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Cache-Control"] == "private, no-store"
    assert list(Viewing.objects.values_list("user", "what")) == [(head.pk, "file")]


def test_lost_right_is_absent_at_once(client, found, head):
    reader = UserFactory()
    case = take_step(found.complaint, "list", head, user=reader, text="需要知道")
    client.force_login(reader)
    assert b"".join(client.get(address(found)).streaming_content) == PDF
    take_step(case, "delist", head, user=reader)
    assert client.get(address(found)).status_code == 404


def test_file_of_one_complaint_is_not_found_under_another(client, found, head, registrar):
    other = ComplaintFactory(by=registrar)
    client.force_login(head)
    assert client.get(reverse("complaints:enclosure", args=[other.number, found.pk])).status_code == 404


def test_file_that_is_gone_from_the_disk_is_absent(client, found, head):
    found.file.storage.delete(found.file.name)
    client.force_login(head)
    assert client.get(address(found)).status_code == 404
    assert not Viewing.objects.exists()


def test_only_allowed_file_types_are_accepted(client, found, head):
    case = found.complaint
    client.force_login(head)
    data = {"version": case.version, "text": "查了", "files": SimpleUploadedFile("a.pdf", b"<html>")}
    answer = client.post(reverse("complaints:act", args=[case.number, "note"]), data)
    assert answer.status_code == 200
    assert "不是能收的文件" in answer.content.decode()
    assert "附件要重新选一次" in answer.content.decode()
    assert Enclosure.objects.count() == 1
