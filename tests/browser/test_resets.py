"""A link for a new password in Chromium: the code is filled in and removed from the URL, and the form is accepted."""

import pytest
from django.urls import reverse

from accounts.models import PasswordReset, User
from accounts.passwords import resets
from tests.browser.checks import assert_no_axe_violations
from tests.factories.accounts import UserFactory

pytestmark = pytest.mark.django_db(transaction=True)
NEW = "another-river-77"


def test_link_sets_a_password_and_leaves_no_code_behind(page):
    person = UserFactory(email="own@example.org", confirmed_email="own@example.org")
    administrator = UserFactory(administrator=True)
    _reset, halves = resets.start_reset(person, by=administrator, way=PasswordReset.Way.LETTER)
    requests = []
    page.on("request", lambda request: requests.append(f"{request.url} {request.headers.get('referer', '')}"))
    page.goto(f"/activate/#{'.'.join(halves)}")
    page.wait_for_function("!location.hash")
    assert page.locator("[name=second]").input_value() == halves[1]
    assert_no_axe_violations(page)
    for name in ("new_password1", "new_password2"):
        page.fill(f"[name={name}]", NEW)
    page.click("form[data-codes] button[type=submit]")
    page.wait_for_url(f"**{reverse('login')}")
    page.go_back()
    assert halves[0] not in page.url
    sent = [
        line
        for line in requests
        if halves[0] in line.partition("#")[0] or halves[0] in line.partition(" ")[2]
    ]
    assert sent == []
    assert User.objects.get(pk=person.pk).check_password(NEW)
