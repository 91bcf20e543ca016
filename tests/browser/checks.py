"""Checks of a page that every browser test makes in addition to its own: no error may pass unnoticed."""

import re

from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.test import Client

# Messages of htmx when a page is left during a request. A request that fails otherwise is reported separately.
LEFT = ("htmx:sendAbort", "htmx:afterRequest")


class Watch:
    """Records everything that goes wrong in the pages of one browser context.

    Errors in the console (such as violations of the content security policy), uncaught exceptions, failed requests,
    responses from 400 up, and requests to other sites.
    """

    def __init__(self, context, site):
        self.site = site
        self.problems = []
        self.expected = []
        context.on("console", self.on_console)
        context.on("weberror", lambda error: self.problems.append(f"exception: {error.error}"))
        context.on("request", self.on_request)
        context.on("requestfailed", self.on_failure)
        context.on("response", self.on_response)

    def on_console(self, message):
        if message.type in ("error", "warning") and not message.text.startswith(LEFT):
            self.problems.append(f"console {message.type}: {message.text} ({message.location.get('url')})")

    def on_request(self, request):
        if not request.url.startswith((self.site, "data:", "blob:", "about:")):
            self.problems.append(f"request leaves the site: {request.url}")

    def on_failure(self, request):
        if request.failure != "net::ERR_ABORTED":  # the page was left while it was still loading
            self.problems.append(f"failed: {request.url} {request.failure}")

    def on_response(self, response):
        if response.status >= 400:
            self.problems.append(f"{response.status}: {response.url}")

    def expect(self, pattern):
        """Declares a problem that this test causes on purpose, by a regular expression searched in its line."""
        self.expected.append(re.compile(pattern))

    def unexpected(self):
        """Returns the problems that no declared pattern matches."""
        return [line for line in self.problems if not any(pattern.search(line) for pattern in self.expected)]


def login(page, user):
    """Gives the context of the page a session of this user, without the login form."""
    client = Client()
    client.force_login(user)
    session = client.cookies[settings.SESSION_COOKIE_NAME].value
    site = page.context.site
    page.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": site}])


def assert_no_axe_violations(page):
    """Fails with rule, help and HTML of everything axe-core reports for the page in its present state."""
    violations = Axe().run(page).response["violations"]
    lines = [
        f"{rule['id']} ({rule['impact']}): {rule['help']}: {node['html'][:160]}"
        for rule in violations
        for node in rule["nodes"]
    ]
    assert not lines, f"{page.url}\n" + "\n".join(lines)
