"""Every page in several roles: no crash, the headers of every response, and no data that the role may not see."""

import io
import re
import zipfile

import pytest
from csp.constants import NONE, SELF
from django.conf import settings

from accounts.roles import Role
from tests.attack.answers import Answer, ask, kind_of
from tests.attack.declared import EXPECTED, NOBODY
from tests.attack.resolver import by_name
from tests.attack.world import CAUTION, FAR, HIDDEN, MARKS, OWN
from tests.plugins.where import deep

pytestmark = pytest.mark.django_db
SITE = {name: address for name, address in by_name().items() if name in EXPECTED}
READ = sorted(name for name in SITE if EXPECTED[name].get != NOBODY)
# For each role the marks it must never read. The family `own` belongs to a colleague of the same department.
UNSEEN = {
    Role.RESIDENT: [MARKS[OWN], MARKS[FAR], MARKS[HIDDEN], CAUTION],
    Role.DEPARTMENT_STAFF: [MARKS[FAR], MARKS[HIDDEN], CAUTION],
    Role.SUPERVISOR: [MARKS[FAR], MARKS[HIDDEN]],
    Role.FINANCE: [MARKS[HIDDEN], CAUTION],
    Role.ADMINISTRATOR: [MARKS[HIDDEN], CAUTION],
    Role.VOLUNTEER: [*MARKS.values(), CAUTION],
}


def text_of(response):
    """Returns everything readable in a response: the page, or the texts inside a Word or Excel file."""
    content = response.whole if response.streaming else response.content
    if not content.startswith(b"PK"):
        return content.decode("utf-8", "replace")
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        return "\n".join(package.read(part).decode("utf-8", "replace") for part in package.namelist())


def url_of(world, name, kin=OWN):
    """Returns the URL of a page for the record of family `kin`."""
    line = EXPECTED[name]
    return SITE[name].url(world.values(line.of, kin)) + line.query.format(pk=world.families[kin].employer.pk)


def belongs_to_a_colleague(world):
    """Gives the records of the family `own` to a colleague of the department."""
    world.belongs_to(world.colleague)


def answers(world, role):
    """Yields (name, response) of every page for `role`, for records of all three families."""
    belongs_to_a_colleague(world)
    for name in READ:
        for kin in (OWN, FAR, HIDDEN) if EXPECTED[name].of else (OWN,):
            yield f"{name} {kin}", ask(world.sessions[role], "get", url_of(world, name, kin))


def policy_of(response):
    """Returns {directive: [sources]} of the content security policy of a response."""
    parts = response.get("Content-Security-Policy", "").split(";")
    return {words[0]: words[1:] for part in parts if (words := part.split())}


def problems_of_headers(name, response):
    """Returns the missing or wrong headers of one response."""
    policy = policy_of(response)
    checks = {
        "content policy": policy.get("default-src") == [SELF] and policy.get("object-src") == [NONE],
        "no unsafe source": "unsafe" not in response.get("Content-Security-Policy", "unsafe"),
        "no foreign source": not re.search(r"https?:|\*", response.get("Content-Security-Policy", "")),
        "frame-ancestors": policy.get("frame-ancestors") == [NONE],
        "nosniff": response.get("X-Content-Type-Options") == "nosniff",
        "X-Frame-Options": response.get("X-Frame-Options") == "DENY",
        "Referrer-Policy": response.get("Referrer-Policy") == "same-origin",
        "Cache-Control": "no-store" in response.get("Cache-Control", ""),
    }
    return [f"{name}: {what}" for what, is_there in checks.items() if not is_there]


@pytest.mark.usefixtures("errors_drawn_once")
@pytest.mark.parametrize(
    "role",
    [
        deep(role) if role in (Role.DEPARTMENT_STAFF, Role.SUPERVISOR, Role.FINANCE) else role
        for role in UNSEEN
    ],
)
def test_pages_show_nothing_from_out_of_sight(world, role):
    found = []
    for name, response in answers(world, role):
        if kind_of(response) == Answer.CRASH:
            found.append(f"{name}: {response.status_code}")
        text = text_of(response)
        found += [f"{name}: {mark}" for mark in UNSEEN[role] if mark in text]
    assert found == []


def test_markers_appear_on_pages_of_users_who_may_see_them(world):
    """Control: a user who may see everything finds every mark in the same pages, which end with the last mark."""
    missing = {*MARKS.values(), CAUTION}
    for _name, response in answers(world, Role.DIRECTOR):
        text = text_of(response)
        missing = {mark for mark in missing if mark not in text}
        if not missing:
            break
    assert missing == set()


@pytest.mark.parametrize("role", [None, Role.DIRECTOR])
def test_every_answer_has_its_headers(world, role, undrawn, is_deep):
    """No template writes a header, and no view writes one for a method."""
    undrawn()
    found = []
    for name in SITE:
        for method in ("get", "post") if role is None or is_deep else ("get",):
            found += problems_of_headers(name, ask(world.sessions[role], method, url_of(world, name)))
    assert found == []


@pytest.mark.parametrize(
    "url", ["/nowhere/", "/admin/", "/admin/nowhere/", "/employers/0/", "/static/nowhere.css"]
)
def test_error_pages_have_their_headers(world, url):
    for role in (None, Role.ADMINISTRATOR, Role.VOLUNTEER):
        assert problems_of_headers("error", ask(world.sessions[role], "get", url)) == []


def test_missing_headers_are_found(rf):
    from django.http import HttpResponse

    assert len(problems_of_headers("me", HttpResponse(""))) == 7


def test_forged_host_is_refused(world):
    for host in (
        "evil.example",
        "testserver.evil.example",
        "evil.example:80",
        "testserver@evil.example",
        "a b",
    ):
        response = ask(None, "get", "/login/", HTTP_HOST=host)
        assert response.status_code == 400, host
        assert "evil" not in response.content.decode()


def test_forwarded_host_is_not_believed(world):
    response = ask(None, "get", "/", HTTP_X_FORWARDED_HOST="evil.example", HTTP_X_FORWARDED_PROTO="https")
    assert response["Location"].startswith("/login/")
    slip = url_of(world, "accounts:reset")
    page = ask(world.sessions[Role.ADMINISTRATOR], "post", slip, HTTP_X_FORWARDED_HOST="evil.example")
    assert f"{settings.SITE_URL}/activate/" in page.content.decode()
    assert "evil" not in page.content.decode()
    assert settings.USE_X_FORWARDED_HOST is False
