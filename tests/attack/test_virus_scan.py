"""Every upload is sent to the virus scanner if there is one; a file it refuses or has not scanned is not stored."""

import logging
import re
import socket
from pathlib import Path

import pytest
from django import forms
from django.core.files.uploadedfile import SimpleUploadedFile

from complaints.files import enclosures
from relations.files import attachments as files
from relations.files import virus_scan
from relations.files.fields import FilesField, UploadFormMixin
from relations.imports import uploads
from relations.models import Kind
from tests.attack import clamd
from tests.attack.clamd import EICAR
from tests.attack.upload_ways import OURS, WAYS, forms_with_files, send, stored_uploads
from tests.relations import samples

pytestmark = pytest.mark.django_db
ROOT = Path(__file__).parents[2]
INFECTED = {name: (way.good[0], way.good[1] + EICAR) for name, way in WAYS.items()}
FIELDS_FOR_FILES = re.compile(r"= (?:forms\.)?\w*(?:FilesField|FileField|ImageField)\(")


@pytest.fixture
def scanner(settings):
    """A running virus scanner (Clamd), to which the site is connected."""
    with clamd.running() as (found, address):
        settings.CLAMD_SOCKET = address
        yield found


def sentences(response):
    """Returns the text of a response."""
    return response.content.decode()


@pytest.mark.parametrize("name", sorted(WAYS))
def test_infected_file_is_refused_at_every_way(world, scanner, name, caplog):
    before = stored_uploads()
    with caplog.at_level(logging.WARNING):
        response = send(world, name, INFECTED[name])
    assert response.status_code in (200, 422)
    assert f"“{WAYS[name].good[0]}”里有病毒" in sentences(response)
    assert stored_uploads() == before
    assert [EICAR in content for content in scanner.seen] == [True]
    assert "Eicar-Signature" in caplog.text


@pytest.mark.parametrize("name", sorted(WAYS))
def test_clean_file_is_shown_once_and_kept(world, scanner, name):
    before = stored_uploads()
    assert send(world, name, WAYS[name].good).status_code == 302
    assert scanner.seen == [WAYS[name].good[1]]
    assert stored_uploads() != before


@pytest.mark.parametrize("name", sorted(WAYS))
def test_unavailable_scanner_refuses_the_upload_with_a_message(world, settings, name):
    settings.CLAMD_SOCKET = f"127.0.0.1:{closed_port()}"
    before = stored_uploads()
    response = send(world, name, WAYS[name].good)
    assert (response.status_code in (200, 422), stored_uploads() == before) == (True, True)
    assert "现在没法检查" in sentences(response)


def closed_port():
    """Returns a port on which no server listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.mark.parametrize("mood", ["silent", "closed", "garbage", "busy"])
def test_scanner_that_does_not_answer_is_away(world, scanner, monkeypatch, mood):
    monkeypatch.setattr(virus_scan, "SECONDS", 0.3)
    scanner.mood = mood
    before = stored_uploads()
    assert "现在没法检查" in sentences(send(world, "employers:contract_scans", ("a.pdf", samples.PDF)))
    assert stored_uploads() == before


def test_by_a_setting_files_are_taken_unseen_and_it_is_logged(world, settings, caplog):
    settings.CLAMD_SOCKET, settings.CLAMD_REQUIRED = f"127.0.0.1:{closed_port()}", False
    with caplog.at_level(logging.WARNING):
        assert send(world, "employers:contract_scans", ("a.pdf", samples.PDF)).status_code == 302
    assert "gave no answer" in caplog.text


def test_by_that_setting_a_virus_is_refused_all_the_same(world, scanner, settings):
    settings.CLAMD_REQUIRED = False
    assert "里有病毒" in sentences(send(world, "employers:contract_scans", ("a.pdf", samples.PDF + EICAR)))


def test_socket_of_the_file_system(world, settings, tmp_path):
    with clamd.running(tmp_path) as (_scanner, address):
        settings.CLAMD_SOCKET = address
        assert "里有病毒" in sentences(
            send(world, "employers:contract_scans", ("a.pdf", samples.PDF + EICAR))
        )
        assert send(world, "employers:contract_scans", ("a.pdf", samples.PDF)).status_code == 302
    assert "现在没法检查" in sentences(send(world, "employers:contract_scans", ("a.pdf", samples.PDF)))


def test_file_of_the_largest_size_is_shown_whole(scanner):
    large = SimpleUploadedFile("a.pdf", samples.PDF + b"\1" * (20 << 20) + EICAR)
    assert virus_scan.virus_in(large) == "Eicar-Signature"
    assert (len(scanner.seen[0]), large.tell()) == (large.size, 0)


def test_without_a_scanner_nobody_is_asked(world):
    assert send(world, "employers:contract_scans", ("a.pdf", samples.PDF + EICAR)).status_code == 302


def test_all_infected_files_are_named(world, scanner):
    sent = [("甲.pdf", samples.PDF + EICAR), ("乙.pdf", samples.PDF), ("丙.pdf", samples.PDF + EICAR)]
    found = sentences(send(world, "employers:contract_scans", *sent))
    assert [f"“{name}”里有病毒" in found for name in ("甲.pdf", "乙.pdf", "丙.pdf")] == [True, False, True]


@pytest.mark.parametrize("name", ["portal:form", "complaints:new", "quick_log_for", "employers:contract_add"])
def test_form_that_is_wrong_is_not_worth_a_scan(world, scanner, name):
    """Cheap checks first: with a file of a wrong type among the uploads, nothing is sent to the scanner."""
    send(world, name, WAYS[name].good, ("b.pdf", samples.MACHO))
    assert scanner.seen == []


class TestNewWays:
    """A new upload form without the scanner fails here, or when its file would be stored."""

    def test_every_form_with_files_is_known(self):
        assert forms_with_files() | {way.form for way in WAYS.values()} == {way.form for way in WAYS.values()}
        assert forms_with_files()

    def test_every_form_that_is_known_asks(self):
        public = {
            WAYS[name].form for name in ("portal:form", "portal:case")
        }  # scanned when the form is accepted
        assert {way.form for way in WAYS.values() if not issubclass(way.form, UploadFormMixin)} == public

    def test_every_source_that_makes_a_field_for_files_is_known(self):
        """Fields added to a form in its constructor are not in its class."""
        sources = [path for room in OURS for path in (ROOT / room).rglob("*.py")]
        found = {str(path.relative_to(ROOT)) for path in sources if FIELDS_FOR_FILES.search(path.read_text())}
        known = {way.form.__module__.replace(".", "/") + ".py" for way in WAYS.values()}
        assert found == known

    def test_form_without_virus_scan_is_detected(self):
        class Forgetful(forms.Form):
            files = FilesField()

        Forgetful.__module__ = "relations.forgetful"
        assert Forgetful in forms_with_files()
        Forgetful.__module__ = "tests"  # so that no other test finds it

    @pytest.mark.parametrize("keep", ["attachment", "enclosure", "register"])
    def test_file_that_was_not_shown_is_not_kept(self, world, scanner, keep):
        before, file = stored_uploads(), SimpleUploadedFile("a.xlsx", samples.XLSX)
        rows, user = world.families["own"].rows, world.colleague
        acts = {
            "attachment": lambda: files.attach(file, stakeholder=rows["employer"], by=user, content_type="x"),
            "enclosure": lambda: enclosures.store_file(rows["complaint"].acts.first(), file, "x"),
            "register": lambda: uploads.store(file, kind=Kind.EMPLOYER, by=user),
        }
        with pytest.raises(virus_scan.FileNotScanned):
            acts[keep]()
        assert stored_uploads() == before
