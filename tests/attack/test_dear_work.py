"""Expensive work is limited in number and size; measured in slots, rows, bytes and characters, never in seconds."""

import io
import secrets
import threading
import zipfile

import pytest
from django import forms
from django.core.files.uploadedfile import SimpleUploadedFile

from accounts.exceptions import ActionRefused
from accounts.fields import MAX_TEXT_LENGTH
from accounts.roles import Role
from complaints.paper import views as paper_views
from complaints.portal import dialogue
from relations.files import slots
from relations.imports import uploads
from relations.lists import workbook
from relations.models import Import, Kind
from relations.papers import content
from reminders.calendar import holiday_notice, holiday_text
from reminders.models import Parameter
from tests.attack.answers import asking
from tests.attack.resolver import by_name
from tests.attack.upload_ways import OURS, REGISTER, send
from tests.attack.world import OWN, TODAY
from tests.relations import samples

SITE = by_name()


def at_once(count, act):
    """Runs `act` in `count` threads at the same time and waits for all of them."""
    threads = [threading.Thread(target=act) for _place in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


class TestSlots:
    @pytest.mark.parametrize("places", [1, 2])
    def test_slots_and_queue_are_limited_and_the_rest_refused(self, places):
        """Twelve at once, each as if in a process of its own."""
        inside, most, outcomes = [0], [0], []
        lock, ready, all_told = threading.Lock(), threading.Barrier(12), threading.Event()

        def count(step):
            with lock:
                inside[0] += step
                most[0] = max(most[0], inside[0])

        def work():
            ready.wait()
            try:
                with slots.slot(f"test{places}", places):
                    count(1)
                    all_told.wait(5)
                    count(-1)
                    outcomes.append("done")
            except slots.NoFreeSlot:
                with lock:
                    outcomes.append("busy")
                    if outcomes.count("busy") == 12 - 2 * places:
                        all_told.set()

        at_once(12, work)
        assert most[0] == places
        assert sorted(outcomes) == ["busy"] * (12 - 2 * places) + ["done"] * 2 * places

    def test_waiting_for_a_slot_times_out(self, monkeypatch):
        monkeypatch.setattr(slots, "WAIT_SECONDS", 0)
        entered, left, found = threading.Event(), threading.Event(), []

        def hold():
            with slots.slot("test"):
                entered.set()
                left.wait(5)

        holder = threading.Thread(target=hold)
        holder.start()
        entered.wait(5)
        try:
            with slots.slot("test"):
                found.append("entered")
        except slots.NoFreeSlot:
            found.append("busy")
        left.set()
        holder.join()
        with (
            slots.slot("test"),
            slots.slot("test"),
        ):  # control: free again, and inside it the same slot is held already
            found.append("entered")
        assert found == ["busy", "entered"]


def director(world):
    """Returns a client of the director, to whom the family `own` belongs."""
    world.belongs_to(world.people[Role.DIRECTOR])
    return asking(world.sessions[Role.DIRECTOR])


@pytest.fixture
def taken():
    """The only slot for large work is occupied, and so is its queue."""
    ready, left = threading.Barrier(3), threading.Event()

    def hold(name):
        with slots.ExitStack() as held:
            assert slots.is_taken(held, name)
            ready.wait(5)
            left.wait(20)

    holders = [threading.Thread(target=hold, args=[f"{slots.LARGE}{name}-0"]) for name in ("", "-waiting")]
    for holder in holders:
        holder.start()
    ready.wait(5)
    yield
    left.set()
    for holder in holders:
        holder.join()


@pytest.mark.django_db
class TestExports:
    def exports(self):
        return {
            name: SITE[name].url({}) for name in SITE if name.endswith("export") and not SITE[name].parameters
        }

    def test_more_rows_than_a_workbook_holds_are_counted_and_never_read(self, world, monkeypatch):
        monkeypatch.setattr(workbook, "MAX_ROWS", 0)
        found = {name: director(world).get(url).status_code for name, url in self.exports().items()}
        assert found == {"dashboard_export": 200} | dict.fromkeys(found, 422) | {"interactions:export": 302}

    def test_large_export_waits_for_a_slot(self, world, monkeypatch, taken):
        monkeypatch.setattr(workbook, "WIDTH_SAMPLE_ROWS", -1)
        found = {name: director(world).get(url) for name, url in self.exports().items()}
        assert {answer.status_code for answer in found.values()} == {503}
        assert all(answer["Retry-After"] == "8" for answer in found.values())
        assert "什么都没有丢" in found["employers:export"].content.decode()

    def test_small_export_needs_no_slot(self, world, taken):
        answer = director(world).get(self.exports()["employers:export"])
        assert (answer.status_code, b"".join(answer.streaming_content)[:2]) == (200, b"PK")


@pytest.mark.django_db
class TestPapers:
    def test_file_of_a_period_is_counted_before_it_is_made(self, world, monkeypatch):
        client = director(world)
        url = SITE["complaints:file_word"].url({})
        period = {"first": TODAY.isoformat(), "last": TODAY.isoformat()}
        assert client.get(url, period).status_code == 200
        monkeypatch.setattr(paper_views, "MAX_PAGES", 0)
        assert client.get(url, period).status_code == 422

    def test_file_of_a_period_takes_its_turn(self, world, taken):
        period = {"first": TODAY.isoformat(), "last": TODAY.isoformat()}
        assert director(world).get(SITE["complaints:file"].url({}), period).status_code == 503

    def test_month_paper_is_limited_in_contacts(self, world, monkeypatch):
        url = SITE["employers:month_word"].url(world.values("employer", OWN))
        assert director(world).get(url).status_code == 200
        monkeypatch.setattr(content, "MAX_CONTACTS_PER_MONTH", 0)
        assert director(world).get(url).status_code == 422


@pytest.mark.django_db
class TestRegisters:
    def test_small_one_that_is_large_unpacked_is_left_to_the_worker(self, world):
        by = world.people[Role.DIRECTOR]
        stream = io.BytesIO(REGISTER.read_bytes())
        with zipfile.ZipFile(stream, "a", zipfile.ZIP_DEFLATED) as package:
            package.writestr(
                "xl/more.xml",
                b"".join(secrets.token_bytes(8).hex().encode() + b"<x/>" * 146 for _place in range(3500)),
            )
        assert len(stream.getvalue()) < uploads.INLINE_BYTES
        large, small = (
            uploads.store(SimpleUploadedFile("名册.xlsx", content), kind=Kind.EMPLOYER, by=by)
            for content in (stream.getvalue(), REGISTER.read_bytes())
        )
        assert (uploads.is_small(large), uploads.is_small(small)) == (False, True)

    def test_so_many_of_one_person_may_wait(self, world):
        by = world.people[Role.DIRECTOR]
        for _register in range(uploads.MAX_WAITING):
            uploads.store(SimpleUploadedFile("a.xlsx", REGISTER.read_bytes()), kind=Kind.EMPLOYER, by=by)
        answer = send(world, "employer_imports:start", ("a.xlsx", REGISTER.read_bytes()))
        assert (answer.status_code, "请等它们读完" in answer.content.decode()) == (422, True)
        uploads.store(
            SimpleUploadedFile("a.xlsx", REGISTER.read_bytes()), kind=Kind.EMPLOYER, by=world.colleague
        )
        Import.objects.filter(by=by).update(state="failed")
        assert send(world, "employer_imports:start", ("a.xlsx", REGISTER.read_bytes())).status_code == 302

    def test_upload_name_and_size_are_checked_first(self, world, monkeypatch):
        """A refused upload is neither stored nor unpacked."""
        before = Import.objects.count()
        monkeypatch.setattr(uploads, "MAX_FILE_BYTES", 100)
        for name in ("a.xls", "a.xlsx"):
            assert send(world, "employer_imports:start", (name, REGISTER.read_bytes())).status_code == 422
        assert Import.objects.count() == before


@pytest.mark.django_db
def test_case_takes_only_so_many_messages(world):
    case = world.families[OWN].rows["complaint"]
    Parameter.objects.create(
        key="portal_case_messages",
        value=20,
        effective_from=TODAY,
        reason="试",
        set_by=world.people[Role.DIRECTOR],
    )
    for number in range(20):
        dialogue.add_message(case, f"第{number}句", today=TODAY)
    assert dialogue.add_message(case, "第19句", today=TODAY).text == "第19句"  # sent twice, stored once
    with pytest.raises(ActionRefused, match="已经有20条"):
        dialogue.add_message(case, "第20句", today=TODAY)
    answer = send(world, "portal:case", ("a.pdf", samples.PDF))
    assert "请用下面的其他方式联系我们" in answer.content.decode()


class TestTexts:
    PASSWORDS = {
        "password",
        "old_password",
        "new_password1",
        "new_password2",
    }  # hashed, whatever their length

    def test_every_text_of_every_form_has_a_longest_length(self):
        endless = [
            f"{kind.__module__}.{kind.__name__}.{name}"
            for kind in all_forms()
            for name, field in getattr(kind, "base_fields", {}).items()
            if isinstance(field, forms.CharField)
            and not isinstance(field, forms.UUIDField)
            and field.max_length is None
            and name not in self.PASSWORDS
        ]
        assert endless == []

    def test_longest_text_is_refused_with_a_sentence_above(self, world):
        url = SITE["employers:caution"].url(world.values("employer", OWN))
        page = director(world).post(url, {"caution": "长" * (MAX_TEXT_LENGTH + 1)})
        assert (page.status_code, str(MAX_TEXT_LENGTH) in page.content.decode()) == (200, True)

    def test_list_of_holidays_without_an_end_is_not_read_again_from_each_name(self):
        """The heading matches at most the seven holidays that exist, so each position is read only a few times."""
        found = holiday_text.HEADING.match("、".join(["元旦"] * 7) + ":")
        assert found[1].count("元旦") == 7
        assert holiday_text.HEADING.match("、".join(["元旦"] * 8) + ":") is None

    def test_problems_of_a_notice_have_an_end(self):
        text = "".join(f"元旦:1月1日放假{number}天。" for number in range(10, 99))
        assert len(holiday_notice.parse_notice(text, 2026).problems) == holiday_notice.MAX_PROBLEMS


def all_forms():
    """Returns all form classes defined in the apps of this project."""
    found, waiting = set(), [forms.BaseForm]
    while waiting:
        kind = waiting.pop()
        waiting += kind.__subclasses__()
        if kind.__module__.partition(".")[0] in OURS:
            found.add(kind)
    return found
