"""Files of a complaint: who may download them, and with which headers."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from complaints.models import Enclosure, Viewing
from tests.complaints.cases import PDF, address, scan
from tests.factories.accounts import UserFactory
from tests.factories.complaints import ComplaintFactory, take_step


@pytest.fixture(autouse=True)
def _own_folder(settings, tmp_path):
    """Stores the files of each test in a folder of its own."""
    settings.MEDIA_ROOT = tmp_path


def url_of(enclosure):
    """Returns the URL of an enclosure."""
    return address("enclosure", enclosure.complaint, enclosure.pk)


@pytest.fixture
def enclosure(head, registrar):
    """An enclosure of a complaint."""
    return ComplaintFactory(by=registrar, files=[scan()]).enclosures.get()


def test_stranger_and_outsider_get_nothing(client, enclosure, registrar):
    assert client.get(url_of(enclosure)).status_code == 302
    client.force_login(registrar)
    assert client.get(url_of(enclosure)).status_code == 404
    assert not Viewing.objects.exists()


def test_file_comes_as_a_download_and_is_written_down(client, enclosure, head):
    client.force_login(head)
    answer = client.get(url_of(enclosure))
    assert b"".join(answer.streaming_content) == PDF
    assert answer["Content-Disposition"].startswith("attachment")
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Cache-Control"] == "private, no-store"
    assert list(Viewing.objects.values_list("user", "what")) == [(head.pk, "file")]


def test_lost_right_is_absent_at_once(client, enclosure, head):
    reader = UserFactory()
    case = take_step(enclosure.complaint, "list", head, user=reader, text="需要知道")
    client.force_login(reader)
    assert b"".join(client.get(url_of(enclosure)).streaming_content) == PDF
    take_step(case, "delist", head, user=reader)
    assert client.get(url_of(enclosure)).status_code == 404


def test_file_of_one_complaint_is_not_found_under_another(client, enclosure, head, registrar):
    other = ComplaintFactory(by=registrar)
    client.force_login(head)
    assert client.get(address("enclosure", other, enclosure.pk)).status_code == 404


def test_file_that_is_gone_from_the_disk_is_absent(client, enclosure, head):
    enclosure.file.storage.delete(enclosure.file.name)
    client.force_login(head)
    assert client.get(url_of(enclosure)).status_code == 404
    assert not Viewing.objects.exists()


def test_only_allowed_file_types_are_accepted(client, enclosure, head):
    case = enclosure.complaint
    client.force_login(head)
    data = {"version": case.version, "text": "查了", "files": SimpleUploadedFile("a.pdf", b"<html>")}
    answer = client.post(address("act", case, "note"), data)
    assert answer.status_code == 200
    assert "不是能收的文件" in answer.content.decode()
    assert "附件要重新选一次" in answer.content.decode()
    assert Enclosure.objects.count() == 1
