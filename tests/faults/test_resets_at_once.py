"""Password resets at the same moment over HTTP: a code is used once and its second half printed once."""

import contextlib
import re
from collections import Counter
from functools import partial

import pytest

from tests.faults.visitor import TOKEN, Visitor, at_once

MANY = 12
HALF = re.compile(r'slip-code">([0-9A-Z-]+)<')


class Passer(Visitor):
    """A visitor who is not logged in."""

    def __init__(self, site):
        self.site, self.cookies = site, f"csrftoken={TOKEN}"


@pytest.fixture(scope="module")
def site(make_site, tmp_path_factory):
    """One site for all tests of this file; each test resets another account."""
    with contextlib.closing(make_site(tmp_path_factory.mktemp("site"))) as made:
        made.start_web()
        yield made


def started(site, login):
    """Starts a reset; returns (first half of the slip, URL that prints the second, key of the reset)."""
    pk = Visitor(site, login).pk
    page = Visitor(site, "administrator").post(f"/accounts/{pk}/reset/")
    reset = site.number(f"SELECT MAX(id) FROM accounts_passwordreset WHERE user_id = {pk}")
    return HALF.search(page.text)[1], f"/slips/{reset}/", reset


def statuses(answers):
    """Counts the responses by status."""
    return Counter(answer.status for answer in answers)


def test_second_half_is_printed_once(site):
    _first, address, reset = started(site, "worker00")
    printing = [Visitor(site, login).post for login in ("director", "council", "head0")]
    answers = at_once([partial(post, address) for post in printing * 4])
    assert [bool(HALF.search(answer.text)) for answer in answers].count(True) == 1
    assert (
        site.number(
            f"SELECT COUNT(*) FROM accounts_accountevent WHERE kind = 'printed' AND reset_id = {reset}"
        )
        == 1
    )


def test_code_sets_one_password(site):
    first, address, reset = started(site, "worker01")
    second = HALF.search(Visitor(site, "director").post(address).text)[1]

    def use(number):
        word = f"another-river-{number}"
        return Passer(site).post(
            "/activate/", first=first, second=second, new_password1=word, new_password2=word
        )

    assert statuses(at_once([partial(use, number) for number in range(MANY)]))[302] == 1
    assert (
        site.number(f"SELECT COUNT(*) FROM accounts_accountevent WHERE kind = 'used' AND reset_id = {reset}")
        == 1
    )


def test_two_who_start_at_once_leave_one_open(site):
    pk = Visitor(site, "worker02").pk
    post = Visitor(site, "administrator").post
    answers = at_once([partial(post, f"/accounts/{pk}/reset/")] * MANY)
    assert statuses(answers) == {200: MANY}
    open_ones = f"user_id = {pk} AND used_at IS NULL AND cancelled_at IS NULL"
    assert site.number(f"SELECT COUNT(*) FROM accounts_passwordreset WHERE {open_ones}") == 1


def test_wrong_passwords_at_once_shut_the_account(site):
    """However many attempts run together, they get no more than the limit and the threads of the server allow."""
    attempt = partial(Passer(site).post, "/login/", username="worker03", password="wrong")
    for _round in range(3):
        answers = at_once([attempt] * MANY)
    assert statuses(answers) == {429: MANY}
