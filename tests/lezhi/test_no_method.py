"""The URL of a button, opened as a page, as after a change of language: an explanation, not a blank page."""

import pytest

from tests.factories.accounts import UserFactory

pytestmark = pytest.mark.django_db
WORDS = "这里只能从页面上的按钮进来"


@pytest.mark.parametrize("address", ["/logout/", "/notices/read/", "/sheets/1/refuse/"])
def test_button_opened_as_a_page_says_so(client, address):
    client.force_login(UserFactory(director=True))
    answer = client.get(address)
    assert (answer.status_code, answer.headers["Allow"].partition(",")[0]) == (405, "POST")
    assert WORDS in answer.content.decode()


def test_public_button_says_so_without_a_log_in(client):
    answer = client.get("/portal/leave/")
    assert (answer.status_code, WORDS in answer.content.decode()) == (405, True)


@pytest.mark.parametrize("method", ["put", "delete"])
def test_programs_get_no_page(client, method):
    """Control: only a browser gets the explanation."""
    client.force_login(UserFactory())
    answer = getattr(client, method)("/")
    assert (answer.status_code, answer.content) == (405, b"")
