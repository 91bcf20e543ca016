"""What all pages of the public portal have in common."""

import re

import pytest
from django.test import Client

from tests.complaints.portal.door import CASE, FOLLOW, FORM, RECEIPT, following, sent

pytestmark = pytest.mark.usefixtures("head")
CHINESE = re.compile(r"[\u4e00-\u9fff]+")
OURS = {"简体中文"}


def answers(language):
    """Returns {name: response} of every page of the portal in this language."""
    _case, code, sender = sent(title="Title", statement="Statement")
    _other, hidden, _sender = sent(is_personnel="on", anyway="1", title="Title", statement="Statement")
    inside, silent, outside = following(code), following(hidden), Client()
    for client in (sender, inside, silent, outside):
        client.cookies["portal_django_language"] = language
    return {
        "start": outside.get("/portal/"),
        "form": outside.get(FORM),
        "form with slips": outside.post(FORM, {}),
        "form asked again": outside.post(FORM, asked_again()),
        "receipt": sender.get(RECEIPT),
        "follow": outside.get(FOLLOW),
        "wrong code": outside.post(FOLLOW, {"code": "x"}),
        "case": inside.get(CASE),
        "message with slips": inside.post(CASE, {}),
        "not processed": silent.get(CASE),
        "name with slips": silent.post("/portal/case/name/", {}),
        "run out": outside.post(CASE, {"text": "x"}),
        "shut": [outside.post(FOLLOW, {"code": "x"}) for _try in range(11)][-1],
    }


def asked_again():
    """Returns the form data that is submitted only after a confirmation."""
    fields = {"kind": "complaint", "person_class": "staff", "subject": "other", "is_personnel": "on"}
    return fields | {"title": "Title", "statement": "Statement"}


def test_no_page_has_a_script_a_style_or_anything_from_elsewhere():
    for name, answer in answers("zh-hans").items():
        text = answer.content.decode().lower()
        found = [
            bad for bad in ("<script", "style=", "<style", " onclick", "javascript:", "//cdn") if bad in text
        ]
        assert (name, found) == (name, [])


def test_no_page_is_kept_and_none_tells_where_one_came_from():
    for name, answer in answers("zh-hans").items():
        headers = (answer["Cache-Control"], answer["Referrer-Policy"])
        assert (name, headers) == (name, ("no-store", "same-origin"))


def test_no_page_sets_another_cookie_than_session_and_form():
    for name, answer in answers("zh-hans").items():
        assert (name, set(answer.cookies) - {"portal_sessionid", "portal_csrftoken"}) == (name, set())


def test_every_page_is_there_in_english():
    for name, answer in answers("en").items():
        text = answer.content.decode()
        assert 'lang="en"' in text
        assert (name, set(CHINESE.findall(text)) - OURS) == (name, set())


@pytest.mark.parametrize(
    "address", ["/portal/x/", "/portal/case/1/", "/portal/receipt/abc/", "/portal/form/1"]
)
def test_other_addresses_are_not_there(client, address):
    assert client.get(address).status_code == 404


@pytest.mark.parametrize("address", ["/portal/leave/", "/portal/case/name/"])
def test_acts_are_not_done_by_a_link(client, address):
    assert client.get(address).status_code == 405


@pytest.mark.parametrize("address", [FORM, FOLLOW, CASE, "/portal/leave/", "/portal/case/name/"])
def test_form_of_another_site_is_refused_without_asking_to_log_in(address):
    answer = Client(enforce_csrf_checks=True).post(address, {"text": "写了很久"})
    assert answer.status_code == 403
    assert ("写了很久" in answer.content.decode(), "登录" in answer.content.decode()) == (True, False)
