"""The guards of the browser tests: each is shown to fire."""

from types import SimpleNamespace

import pytest
from django.http import HttpResponse
from django.urls import path

from tests.browser.checks import Watch, assert_no_axe_violations

GOOD = (
    "<!doctype html><html lang='zh'><title>t</title><link rel='icon' href='data:,'>"
    "<main><h1>乐知</h1>{}</main></html>"
)


def show(body):
    """Returns a view of a valid page with this body."""
    return lambda request: HttpResponse(GOOD.format(body))


urlpatterns = [
    path("good", show("")),
    path("inline", show("<script>document.title = 'changed'</script>")),
    path("style", show("<p style='color: red'>red</p>")),
    path("picture", show("<img src='http://127.0.0.2:9/picture.png' alt='far away'>")),
    path("label", show("<input type='text'>")),
]


@pytest.fixture(autouse=True)
def _own_pages(settings):
    settings.ROOT_URLCONF = __name__


def problems_of(page, watch, address):
    """Opens a page and returns the problems recorded so far, as text; they no longer fail the test."""
    page.goto(address, wait_until="networkidle")
    watch.expect("")
    return "\n".join(watch.problems)


def test_good_page_passes(page, watch):
    page.goto("/good")
    assert_no_axe_violations(page)
    assert watch.unexpected() == []


@pytest.mark.parametrize(
    ("address", "problem"),
    [
        ("/inline", "Content Security Policy"),
        ("/style", "Content Security Policy"),
        ("/picture", "request leaves the site: http://127.0.0.2:9/picture.png"),
        ("/absent", "404"),
    ],
)
def test_problem_is_noticed(page, watch, address, problem):
    assert problem in problems_of(page, watch, address)


def test_inline_script_does_not_run(page, watch):
    problems_of(page, watch, "/inline")
    assert page.title() == "t"


def test_missing_label_is_an_axe_violation(page):
    page.goto("/label")
    with pytest.raises(AssertionError, match="label"):
        assert_no_axe_violations(page)


def test_phone_is_narrow(phone):
    phone.goto("/good")
    assert phone.evaluate("window.innerWidth") <= 980


@pytest.mark.parametrize(
    ("text", "is_noted"),
    [
        ("htmx:sendAbort, [object HTMLDivElement]", False),
        ("htmx:sendError, [object HTMLDivElement]", True),
        ("htmx:targetError", True),
    ],
)
def test_page_that_is_left_while_something_loads_is_no_problem(text, is_noted):
    watch = Watch(SimpleNamespace(on=lambda *event: None), "http://localhost")
    watch.on_console(SimpleNamespace(type="error", text=text, location={}))
    assert bool(watch.problems) is is_noted
