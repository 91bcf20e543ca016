"""Two editors of one record: nothing typed is lost, and of two parallel saves exactly one succeeds."""

import re
from threading import Barrier, Thread

import pytest
from django.db import connection, transaction
from django.forms import modelform_factory
from django.http import Http404, QueryDict
from django.views.generic import UpdateView

from accounts.editing import VersionedUpdate, claim_version
from accounts.exceptions import EditConflict
from employers.models import Employer
from tests.factories.accounts import UserFactory
from tests.factories.employers import EmployerFactory
from tests.html import packed

pytestmark = pytest.mark.django_db


class Edit(VersionedUpdate, UpdateView):
    model = Employer
    form_class = modelform_factory(Employer, fields=["name", "town", "address", "is_confidential"])
    success_url = "/saved/"

    def get_queryset(self):
        return Employer.objects.visible_to(self.request.user)


@pytest.fixture
def employer(at):
    at("2026-10-12")
    return EmployerFactory(name="青岚镇社会事务局", town="青岚镇", address="和风路12号")


@pytest.fixture
def save(rf, employer):
    """save(version, **typed) submits the form, by default as the responsible worker, and returns the response."""

    def post(version, user=None, **typed):
        data = {
            "name": "青岚镇社会事务局",
            "town": "青岚镇",
            "address": "和风路12号",
            "version": version,
        } | typed
        request = rf.post("/", data)
        request.user = user or employer.responsible
        return Edit.as_view()(request, pk=employer.pk)

    return post


def test_claim_of_an_old_version_is_refused(employer):
    with transaction.atomic():
        claim_version(employer, 1)
    with pytest.raises(EditConflict), transaction.atomic():
        claim_version(employer, 1)


def test_edit_without_version_is_not_saved(rf, employer):
    request = rf.post("/", {"name": "别的", "town": "", "address": ""})
    request.user = employer.responsible
    answer = Edit.as_view(template_name="400.html")(request, pk=employer.pk)
    assert answer.context_data["form"].errors["version"] == ["请重新打开这一页。"]
    employer.refresh_from_db()
    assert employer.name == "青岚镇社会事务局"


def test_edit_raises_the_version(save, employer):
    assert save(1, address="和风路20号").url == "/saved/"
    employer.refresh_from_db()
    assert (employer.version, employer.address) == (2, "和风路20号")


def test_edit_keeps_what_was_written_beside_the_form(save, employer):
    Employer.objects.filter(pk=employer.pk).update(last_contact_on="2026-10-09")
    save(1, address="和风路20号")
    employer.refresh_from_db()
    assert str(employer.last_contact_on) == "2026-10-09"


def test_second_editor_sees_both_values_and_who_saved(save, employer):
    save(1, address="和风路20号")
    answer = save(1, address="和风路30号", town="白鹭街道")
    page = packed(answer.content.decode())
    employer.refresh_from_db()
    assert answer.status_code == 409
    assert employer.address == "和风路20号"
    assert re.findall(r'name="(keep_\w+)" value="(\w+)"', page) == [
        ("keep_town", "theirs"),
        ("keep_town", "mine"),
        ("keep_address", "theirs"),
        ("keep_address", "mine"),
    ]
    assert '<input type="hidden" name="address" value="和风路30号">' in page
    assert '<input type="hidden" name="version" value="2">' in page
    assert "在10:00改了这一份" in page


def test_field_that_only_the_other_changed_is_theirs(save, employer):
    save(1, address="和风路20号")
    page = packed(save(1, town="白鹭街道").content.decode())
    assert '<input type="hidden" name="keep_address" value="theirs">' in page
    assert "没有改" in page


def test_chosen_values_are_saved(save, employer):
    save(1, address="和风路20号", is_confidential="on")
    save(
        2,
        resolving="1",
        address="和风路30号",
        town="白鹭街道",
        keep_address="theirs",
        keep_town="mine",
        keep_is_confidential="theirs",
    )
    employer.refresh_from_db()
    assert (employer.address, employer.town, employer.is_confidential) == ("和风路20号", "白鹭街道", True)


def test_third_save_while_choosing_asks_again(save, employer):
    save(1, address="和风路20号")
    save(2, address="和风路21号")
    answer = save(2, resolving="1", address="和风路30号", keep_address="mine")
    assert answer.status_code == 409


def test_same_form_sent_twice_asks_nothing(save, employer):
    save(1, address="和风路20号")
    assert save(1, address="和风路20号").status_code == 302


def test_record_that_went_out_of_sight_is_gone(rf, employer, monkeypatch):
    stranger = UserFactory()
    request = rf.post("/", {"name": "甲", "version": 1})
    request.user = stranger
    with pytest.raises(Http404):
        Edit.as_view()(request, pk=employer.pk)


@pytest.mark.django_db(transaction=True)
def test_two_parallel_saves_one_wins(save, employer):
    start, answers = Barrier(2), []

    def write(address):
        start.wait()
        try:
            answers.append((save(1, address=address).status_code, address))
        finally:
            connection.close()

    threads = [Thread(target=write, args=(address,)) for address in ("甲路1号", "乙路2号")]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    employer.refresh_from_db()
    assert sorted(status for status, _ in answers) == [302, 409]
    assert employer.address == dict(answers)[302]
    assert employer.version == 2


def test_several_values_of_one_key_travel_through_the_page():
    from accounts.editing import is_carried_over

    data = QueryDict("name=a&pick=1&pick=2&keep_name=mine&version=3&csrfmiddlewaretoken=x")
    assert [(name, data.getlist(name)) for name in data if is_carried_over(name)] == [
        ("name", ["a"]),
        ("pick", ["1", "2"]),
    ]
