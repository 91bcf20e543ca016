"""A shared phone or computer: the next person must not see what the previous one sent."""

import pytest
from django.test import Client

from complaints.portal import codes, short_tokens
from tests.complaints.portal import door
from tests.complaints.portal.door import CASE, FOLLOW, FORM, RECEIPT, send, sent, typed

pytestmark = pytest.mark.usefixtures("head")


@pytest.fixture
def left_over(client):
    """The form data of a sent form that is still in the history of the browser `client`."""
    form_data = typed(token=codes.new_token())
    assert client.post(FORM, form_data).url == RECEIPT
    assert door.code_on(client)
    return form_data


def shows_no_code(client, form_data):
    """Returns whether submitting the form again leads to no receipt."""
    return client.post(FORM, form_data).url == FOLLOW and client.get(RECEIPT).url == FOLLOW


def test_form_from_the_history_shows_no_code_after_leaving(client, left_over):
    client.post("/portal/leave/")
    assert shows_no_code(client, left_over)


def test_form_from_the_history_shows_no_code_after_the_minutes(client, left_over, at):
    at("2026-09-28", 10, 19)
    assert client.post(FORM, left_over).url == RECEIPT
    at("2026-09-28", 10, 20)
    assert client.get(RECEIPT).url == FOLLOW
    assert shows_no_code(client, left_over)


def test_form_from_the_history_shows_no_code_after_another_was_sent(client, left_over, at):
    at("2026-09-28", 10, 20)
    assert send(client).url == RECEIPT
    assert client.post(FORM, left_over).url == FOLLOW


def test_what_was_asked_about_once_more_shows_no_code_either(client):
    """The history also has the form as first submitted, before the confirmation was asked for."""
    token = codes.new_token()
    form_data = typed(token=token, is_personnel="on")
    assert client.post(FORM, form_data).status_code == 200
    assert client.post(FORM, form_data | {"anyway": "1"}).url == RECEIPT
    client.post("/portal/leave/")
    assert shows_no_code(client, form_data)


def test_lost_answer_is_found_again_for_a_day(client, at):
    form_data = typed(token=codes.new_token())
    assert client.post(FORM, form_data).url == RECEIPT
    at("2026-09-29", 9, 59)
    assert Client().post(FORM, form_data).url == RECEIPT
    at("2026-09-29", 10, 1)
    assert Client().post(FORM, form_data).url == FOLLOW


@pytest.mark.parametrize("how", ["minutes", "leaving"])
def test_receipt_that_was_looked_at_is_shown_in_no_other_browser(client, left_over, at, how):
    """A receipt that has ended in one browser has ended in every browser that has the form in its history."""
    other = Client()
    assert other.post(FORM, left_over).url == RECEIPT
    assert other.get(RECEIPT).status_code == 200
    if how == "leaving":
        client.post("/portal/leave/")
    else:
        at("2026-09-28", 10, 20)
    assert other.get(RECEIPT).url == FOLLOW
    assert Client().post(FORM, left_over).url == FOLLOW


@pytest.mark.parametrize("how", ["code", "form"])
def test_key_laid_into_a_browser_beforehand_opens_nothing(how):
    """Session fixation: a browser with the previous session key sees neither case nor receipt."""
    _case, code, _client = sent()
    victim, before = Client(), Client()
    send(victim)
    before.cookies[door.COOKIE] = victim.cookies[door.COOKIE].value
    if how == "code":
        assert victim.post(FOLLOW, {"code": code}).url == CASE
        assert victim.get(CASE).status_code == 200
    else:
        assert send(victim).url == RECEIPT
        assert victim.get(RECEIPT).status_code == 200
    assert before.get(CASE).url == FOLLOW
    assert before.get(RECEIPT).url == FOLLOW


def test_session_remembers_some_receipts_only(client, monkeypatch, today):
    monkeypatch.setattr(short_tokens, "MAX_REMEMBERED", 2)
    shown = set()
    for _form in range(3):
        send(client)
        shown.add(door.code_on(client))
    assert len(shown) == 3
    assert len(door.held_by(client)[short_tokens.HANDED]) == 2
