"""Intake: people who must not receive a complaint, what a form reveals when it is submitted again, and limits."""

import pytest
from django.urls import reverse

from accounts.roles import Role
from complaints.access import access_list
from complaints.models import Attempt, Complaint
from complaints.portal import limits
from tests.complaints.portal import door
from tests.complaints.portal.door import FOLLOW, sent
from tests.factories.accounts import UserFactory
from tests.factories.complaints import take_step

NEW = reverse("complaints:new")
KEY = "6f9619ff-8b86-d011-b42d-00cf4fc964ff"


@pytest.mark.parametrize("words", ["周主任", "请不要让周主任和她先生知道"])
def test_head_named_as_excluded_never_receives_complaint(head, council, words):
    case, _code, _client = sent(kept_from=words)
    assert case.head == council
    assert access_list.roles_of(case, head) == set()
    assert not Complaint.objects.visible_to(head).exists()
    assert {row.words for row in case.not_told.filter(user=None)} == {words}


def test_head_both_accused_and_excluded_is_excluded_once(head, council):
    case, _code, _client = sent(kept_from="周主任", is_about_head="on")
    assert case.head == council
    assert [row.user for row in case.accused.all()] == [head]


@pytest.mark.parametrize("words", ["", "隔壁的周主管", "主任"])
def test_unrelated_words_exclude_no_user(head, council, words):
    case, _code, _client = sent(kept_from=words)
    assert case.head == head


def test_one_character_name_excludes_no_user(head, council):
    UserFactory(roles=[Role.DEPUTY], name="周")
    case, _code, _client = sent(kept_from="周末来的社工")
    assert not case.not_told.filter(user__isnull=False).exists()


def form_data():
    """Returns the form data of a complaint by telephone."""
    return {
        "intake_key": KEY,
        "kind": "complaint",
        "channel": "phone",
        "person_class": "client",
        "name": "陈小满",
        "subject": "conduct",
        "title": "探访没有按约定时间来",
        "statement": "说好每周六上午来。",
        "received_on": "2026-09-28",
    }


def test_form_sent_again_later_tells_the_registrar_nothing(client, head, council, registrar, at):
    """The registrar need not know who is in charge by then, and which dates are due."""
    client.force_login(registrar)
    assert client.post(NEW, form_data()).url == reverse("complaints:handed")
    assert client.post(NEW, form_data()).url == reverse("complaints:handed")
    take_step(Complaint.objects.get(), "pass_headship", head, user=council, text="休假")
    at("2026-09-28", 10, 11)
    client.force_login(registrar)
    answer = client.post(NEW, form_data())
    assert "已经用过" in answer.content.decode()
    assert "何理事" not in client.get(reverse("complaints:handed")).content.decode()


def test_repeated_attempts_do_not_fill_the_table(client, head, monkeypatch):
    monkeypatch.setattr(limits, "MAX_REPEATS", 2)
    for _time in range(40):
        answer = client.post(FOLLOW, {"code": "7MXD"})
    assert answer.status_code == 429
    assert Attempt.objects.count() == 20


def test_limit_is_lifted_after_repeated_attempts(client, head, at, monkeypatch):
    monkeypatch.setattr(limits, "MAX_REPEATS", 2)
    _case, code, _client = sent()
    for _time in range(30):
        client.post(FOLLOW, {"code": "7MXD"})
    assert client.post(FOLLOW, {"code": code}).status_code == 429
    at("2026-09-28", 10, 11)
    assert client.post(FOLLOW, {"code": code}).url == door.CASE
