"""Every kind of response has its headers: content security policy, no sniffing, no framing, no caching."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.urls import path

from accounts.roles import Role
from lezhi.middleware import body_limit
from tests.attack.answers import ask, asking
from tests.attack.resolver import by_name
from tests.attack.test_sweep import problems_of_headers
from tests.attack.world import FAR, OWN, PNG

pytestmark = pytest.mark.django_db
SITE = by_name()
STATIC = ("/static/lezhi/app.js", "/static/lezhi/components.css")


def broken(request):
    """A view that fails."""
    raise RuntimeError("a fault of ours")


urlpatterns = [
    path("broken/", broken, name="broken"),
    path(
        "bare/",
        lambda request: HttpResponse("x", headers={"Content-Security-Policy": "script-src 'unsafe-inline'"}),
    ),
]
handler500 = "lezhi.errors.server_error"


def answers(world):
    """Yields (kind, response) for every kind of response that the site can give."""
    session, values = world.sessions[Role.DIRECTOR], world.values
    client = asking(session)
    huge = {
        "CONTENT_LENGTH": str(body_limit.MAX_BYTES + 1),
        "content_type": "multipart/form-data; boundary=x",
    }
    contact = SITE["interactions:detail"].url(values("interaction", OWN))
    record = SITE["employers:edit"].url(values("employer", OWN))
    yield "302 log-in", ask(None, "get", "/employers/")
    yield "302", ask(session, "get", "/login/")
    yield "301", ask(session, "get", "/employers")
    yield "400", ask(session, "get", "/search/?q=%00")
    yield "400 host", ask(session, "get", "/employers/", HTTP_HOST="evil.example")
    yield "403", ask(world.sessions[Role.VOLUNTEER], "get", "/employers/")
    yield "403 token", csrf_refusal(session, record)
    yield (
        "404",
        ask(world.sessions[Role.RESIDENT], "get", SITE["employers:detail"].url(values("employer", FAR))),
    )
    yield "404 nowhere", ask(None, "get", "/nowhere/")
    yield "405", ask(session, "put", contact)
    yield "409", client.post(record, {"version": "999"})
    yield "413", client.post("/log/", b"", **huge)
    yield "422", client.post("/employers/import/", {"file": SimpleUploadedFile("a.txt", PNG)})
    yield "file", ask(session, "get", SITE["attachment"].url(values("attachment", OWN)))
    yield "workbook", ask(session, "get", "/employers/export/")
    yield "json", ask(session, "get", "/log/drafts/")
    yield "health", ask(None, "get", "/healthz")
    yield "options", ask(session, "options", contact)


def csrf_refusal(session, url):
    """Returns the response to a POST without a CSRF token."""
    client = asking(session, enforce_csrf_checks=True)
    return client.post(url, {"name": "x"})


def test_every_kind_of_answer_has_its_headers(world):
    world.belongs_to(world.people[Role.DIRECTOR])
    found, seen = [], {}
    for kind, answer in answers(world):
        found += problems_of_headers(kind, answer)
        seen[kind] = answer.status_code
    assert found == []
    wrong = {kind: status for kind, status in seen.items() if kind[:3].isdigit() and int(kind[:3]) != status}
    assert wrong in ({}, {"409": 200})  # an edit without its fields is refused before versions are compared


def test_answer_to_a_fault_of_ours_has_its_headers(world, settings):
    settings.ROOT_URLCONF = __name__
    answer = ask(None, "get", "/broken/")
    assert (answer.status_code, problems_of_headers("500", answer)) == (500, [])
    assert "RuntimeError" not in answer.content.decode()
    assert "fault of ours" not in answer.content.decode()


@pytest.mark.parametrize("address", STATIC)
def test_static_files_are_not_sniffed_and_not_framed(client, address):
    answer = client.get(address)
    assert b"".join(answer.streaming_content)
    headers = {name: answer.get(name) for name in ("X-Content-Type-Options", "Referrer-Policy")}
    assert answer.status_code == 200
    assert headers == {"X-Content-Type-Options": "nosniff", "Referrer-Policy": "same-origin"}
    assert not answer.cookies
    assert "unsafe" not in answer["Content-Security-Policy"]


def test_permissive_content_security_policy_is_detected(world, settings):
    """The control."""
    settings.ROOT_URLCONF = __name__
    assert "bare: no unsafe source" in problems_of_headers("bare", ask(None, "get", "/bare/"))
