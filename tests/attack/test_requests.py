"""Requests that no browser on our pages sends: without CSRF token, from another site, far too large."""

import socket
import time

import pytest
from django.test import Client

from accounts.roles import Role
from lezhi.middleware import body_limit
from tests.attack.answers import undone
from tests.attack.declared import EXPECTED, NOBODY
from tests.attack.resolver import by_name
from tests.attack.world import OWN
from tests.factories.accounts import UserFactory

SITE = {name: address for name, address in by_name().items() if name in EXPECTED}
POSTED = sorted(name for name in SITE if EXPECTED[name].post != NOBODY)
PATIENCE = 30  # seconds


def post_without_token(world, name, **headers):
    """Posts to the page `name` without a CSRF token; returns the response."""
    role = (
        Role.ADMINISTRATOR
        if EXPECTED[name].of == "account" or name.startswith("accounts:")
        else Role.DIRECTOR
    )
    world.belongs_to(world.people[role])
    line = EXPECTED[name]
    url = SITE[name].url(world.values(line.of, OWN)) + line.query.format(pk=world.families[OWN].employer.pk)
    client = Client(enforce_csrf_checks=True, raise_request_exception=False)
    client.cookies["sessionid"] = world.sessions[role]
    with undone():
        return client.post(url, {"content": "x"}, **headers)


@pytest.mark.django_db
@pytest.mark.parametrize("name", POSTED)
def test_post_without_a_token_is_refused(world, name):
    response = post_without_token(world, name)
    assert (response.status_code, response.templates[0].name) == (403, "csrf.html")


@pytest.mark.django_db
@pytest.mark.parametrize("headers", [{"HTTP_ORIGIN": "https://evil.example"}, {"HTTP_ORIGIN": "null"}])
def test_post_from_another_site_is_offered_no_second_try(world, headers):
    response = post_without_token(world, "employers:void", **headers)
    assert response.status_code == 403
    assert b'method="post"' not in response.content.partition(b"<main")[2]


@pytest.mark.parametrize("path", ["/login/", "/employers/import/", "/interactions/1/files/"])
def test_half_a_gigabyte_is_refused_before_it_is_sent(live_server, path):
    """A real server responds while the body has not been sent yet."""
    UserFactory()
    host, port = live_server.url.removeprefix("http://").split(":")
    started = time.monotonic()
    with socket.create_connection((host, int(port)), timeout=PATIENCE) as line:
        head = f"POST {path} HTTP/1.1\r\nHost: {host}\r\nContent-Length: {500 * 1024 * 1024}\r\n\r\n"
        line.sendall(head.encode() + b"--x\r\n")
        answer = b""
        while part := line.recv(65536):
            answer += part
            if b"</html>" in answer:
                break
    assert time.monotonic() - started < PATIENCE
    assert answer.startswith(b"HTTP/1.1 413")
    assert f"{body_limit.MAX_BYTES // 1024 // 1024}".encode() in answer
