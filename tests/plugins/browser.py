"""Fixtures with headless Chromium and a live server: `page` (desktop, 1440 x 900), `phone` (390 x 844).

Tests that use one of them are marked `browser`. A test fails at its end after a console error, a violation of the
content security policy, a failed request or a request to another site; `watch.expect("404")` allows an expected one.
"""

import pytest
from playwright.sync_api import expect

from tests.browser.checks import Watch
from tests.plugins.services import need

CHROMIUM = [
    "--no-sandbox",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
DESK = {"viewport": {"width": 1440, "height": 900}}
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
PATIENCE = 30_000  # timeout in milliseconds; only a failing test takes so long
expect.set_options(timeout=PATIENCE)


def pytest_collection_modifyitems(items):
    for item in items:
        if "open_context" in getattr(item, "fixturenames", ()):
            item.add_marker("browser")


# Fixtures of pytest-playwright, configured with the browser and the site.


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args):
    return browser_type_launch_args | {"executable_path": need("chromium"), "args": CHROMIUM}


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args, live_server):
    language = {"locale": "zh-CN", "timezone_id": "Asia/Shanghai"}
    return browser_context_args | language | {"base_url": live_server.url}


@pytest.fixture
def open_context(new_context, live_server):
    """open_context(**options) opens a browser context whose errors are recorded and fail the test."""
    watches = []

    def open_one(**options):
        context = new_context(**options)
        context.set_default_timeout(PATIENCE)
        context.site = live_server.url
        context.watch = Watch(context, live_server.url)
        watches.append(context.watch)
        return context

    yield open_one
    problems = [line for watch in watches for line in watch.unexpected()]
    assert not problems, "\n".join(problems)


@pytest.fixture
def context(open_context):
    return open_context(**DESK)


@pytest.fixture
def phone(open_context):
    """A page with the viewport and touch screen of a phone."""
    return open_context(**PHONE).new_page()


@pytest.fixture
def watch(context):
    """The errors of `page` so far; see tests/browser/checks.py."""
    return context.watch
