"""Every way to log in: guessing is limited at each, no session is taken over, and no URL redirects off the site."""

import base64
import re
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from accounts.models import User
from accounts.roles import Role
from tests.attack.answers import asking
from tests.attack.declared import EXPECTED, NOBODY
from tests.attack.resolver import by_name
from tests.attack.test_sweep import problems_of_headers
from tests.attack.world import OWN
from tests.factories.accounts import PASSWORD, UserFactory

pytestmark = pytest.mark.django_db
SITE = by_name()
AT_MOST = 10  # attempts
LOGIN = "/login/"
# URLs that read a user name and a password, with the name of the password field.
WAYS = {
    "/login/": "password",
    "/admin/login/": "password",
    "/password/": "old_password",
    "/me/email/": "password",
}
NEW_ONES = {"/activate/"}  # reads only a new password, with a code of 150 bits (tests/attack/resets)
ELSEWHERE = [
    "https://evil.example/",
    "//evil.example/",
    "///evil.example/",
    "/\\evil.example/",
    "\\\\evil.example\\",
    "http:evil.example",
    "https:///evil.example/",
    "javascript:alert(1)",
    "data:text/html,x",
    "\t//evil.example/",
    " //evil.example/",
    "//testserver@evil.example/",
    "http://testserver.evil.example/",
    "ftp://testserver/",
]
LEADING = ("next", "back", "goal", "return", "return_to", "redirect", "url", "to", "continue")
SPREAD = {
    "another browser": lambda number: {"HTTP_USER_AGENT": f"browser {number}"},
    "forged X-Forwarded-For": lambda number: {"HTTP_X_FORWARDED_FOR": f"203.0.113.{number}"},
    "forged X-Real-IP": lambda number: {"HTTP_X_REAL_IP": f"203.0.113.{number}"},
    "forged Forwarded": lambda number: {"HTTP_FORWARDED": f"for=203.0.113.{number}"},
    "forged Client-IP": lambda number: {
        "HTTP_CLIENT_IP": f"203.0.113.{number}",
        "HTTP_TRUE_CLIENT_IP": "1.1.1.1",
    },
    "a next page": lambda number: {"QUERY_STRING": f"next=/{number}/"},
}


@pytest.fixture
def worker():
    return UserFactory(username="zhengyating")


def guess(client, url, number, **more):
    """Submits a wrong password; returns the response."""
    data = {
        "username": "zhengyating",
        WAYS[url]: f"guess {number}",
        "new_password1": "x",
        "new_password2": "x",
    }
    return client.post(url, data, follow=url == "/admin/login/", **more)


def test_every_password_form_is_listed():
    """A new login form has to be added to WAYS."""
    urls = set()
    for name, address in SITE.items():
        line = EXPECTED.get(name)
        if (line and line.post == NOBODY) or address.parameters:
            continue
        page = Client(raise_request_exception=False).get(address.url({}))
        fields = (
            set(re.findall(r'type="password"', page.content.decode())) if page.status_code == 200 else set()
        )
        urls |= {address.url({})} if fields else set()
    assert urls <= set(WAYS) | NEW_ONES


@pytest.mark.parametrize("spread", sorted(SPREAD))
@pytest.mark.parametrize("url", ["/login/", "/password/", "/me/email/"])
def test_password_guessing_is_limited_on_every_login(client, worker, url, spread):
    if url != LOGIN:
        User.objects.filter(pk=worker.pk).update(email="zheng@example.org")
        client.force_login(worker)
    for number in range(AT_MOST):
        answer = guess(client, url, number, **SPREAD[spread](number))
    assert answer.status_code == 429
    right = Client().post(LOGIN, {"username": worker.username, "password": PASSWORD})
    assert (right.status_code, right.wsgi_request.user.is_authenticated) == (429, False)


def test_admin_login_page_accepts_no_password(client, worker):
    """It redirects to the login page and never checks a password sent to it."""
    User.objects.filter(pk=worker.pk).update(roles=[Role.ADMINISTRATOR])
    answer = client.post(
        "/admin/login/", {"username": worker.username, "password": PASSWORD, "next": "/admin/"}
    )
    assert answer.headers["Location"].startswith(LOGIN)
    assert "_auth_user_id" not in client.session


def test_password_in_a_header_opens_nothing(worker):
    User.objects.filter(pk=worker.pk).update(roles=[Role.DIRECTOR])
    word = base64.b64encode(f"{worker.username}:{PASSWORD}".encode()).decode()
    for header in (f"Basic {word}", f"Bearer {PASSWORD}", f"Token {worker.pk}"):
        answer = Client(headers={"Authorization": header, "Remote-User": worker.username}).get("/employers/")
        assert answer.headers["Location"].startswith(LOGIN)


def test_session_from_before_the_log_in_is_not_the_session_after(client, worker):
    """A session key that an attacker planted in the browser is worthless after the login."""
    client.get("/admin/")
    session = client.session
    session["planted"] = True
    session.save()
    client.cookies[settings.SESSION_COOKIE_NAME] = planted = session.session_key
    client.post(LOGIN, {"username": worker.username, "password": PASSWORD})
    assert client.session.session_key != planted
    assert asking(planted).get("/me/").status_code == 302


def test_cookies_are_out_of_reach_of_scripts_and_other_sites(client, worker):
    client.post(LOGIN, {"username": worker.username, "password": PASSWORD})
    client.get("/me/")
    cookies = {name: (cookie["httponly"], cookie["samesite"]) for name, cookie in client.cookies.items()}
    assert cookies == dict.fromkeys(("sessionid", "csrftoken", "device"), (True, "Lax"))


@pytest.mark.parametrize("goal", ELSEWHERE)
@pytest.mark.parametrize("way", ["log-in", "language", "admin"])
def test_login_redirect_stays_on_the_site(client, worker, way, goal):
    data = {"username": worker.username, "password": PASSWORD, "language": "en", "next": goal}
    if way == "admin":
        answer = client.get("/admin/login/", {"next": goal})
        answer = client.post(answer.headers["Location"], data | {"next": ""})
    else:
        answer = client.post({"log-in": LOGIN, "language": "/language/"}[way], data)
    assert answer.status_code == 302
    assert answer.headers["Location"] == reverse("my_work")


def test_no_address_leads_off_the_site(world, without_drawing):
    """Every page and button, with every usual parameter for a redirect; a redirect stands in the headers."""
    found = []
    query = dict.fromkeys(LEADING, "https://evil.example/")
    for name, line in EXPECTED.items():
        world.belongs_to(world.people[Role.DIRECTOR])
        url = SITE[name].url(world.values(line.of, OWN)) + line.query.format(
            pk=world.families[OWN].employer.pk
        )
        client = asking(world.sessions[Role.DIRECTOR])
        headers = {"HTTP_REFERER": "https://evil.example/"}
        responses = [client.get(url, query, **headers)] if line.get != NOBODY else []
        if line.post != NOBODY and name != "logout":
            responses.append(client.post(url, query, **headers))
        for answer in responses:
            if answer.streaming:
                b"".join(answer.streaming_content)
            goals = [urlsplit(answer.get(header, "")) for header in ("Location", "HX-Redirect", "Refresh")]
            found += [f"{name}: {goal.geturl()}" for goal in goals if goal.scheme or goal.netloc]
    assert found == []


def test_locked_page_has_its_headers(client, worker):
    for number in range(AT_MOST):
        answer = guess(client, LOGIN, number)
    assert (answer.status_code, problems_of_headers("429", answer)) == (429, [])
