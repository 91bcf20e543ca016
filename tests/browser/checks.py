"""What a browser test asks of a page besides what it shows: nothing may go wrong unseen."""

import re

from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.test import Client

# What htmx says when its page is left while it still waits. A request that fails otherwise is noted as such besides.
LEFT = ("htmx:sendAbort", "htmx:afterRequest")


class Watch:
    """Notes everything that goes wrong in the pages of one browser context.

    Errors in the console (violations of the content security policy among them), uncaught exceptions, failed requests,
    answers from 400 up and requests that leave the site.
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
        if request.failure != "net::ERR_ABORTED":  # a page that was left while something still loaded
            self.problems.append(f"failed: {request.url} {request.failure}")

    def on_response(self, response):
        if response.status >= 400:
            self.problems.append(f"{response.status}: {response.url}")

    def expect(self, pattern):
        """Declare a problem this test causes on purpose, by a regular expression searched in its line."""
        self.expected.append(re.compile(pattern))

    def unexpected(self):
        return [line for line in self.problems if not any(pattern.search(line) for pattern in self.expected)]


def login(page, user):
    """Give the page's context a session of this user, without the log-in form."""
    client = Client()
    client.force_login(user)
    session = client.cookies[settings.SESSION_COOKIE_NAME].value
    site = page.context.site
    page.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": site}])


def assert_no_axe_violations(page):
    """Fail with rule, help and place of everything axe-core finds on the page as it is now."""
    violations = Axe().run(page).response["violations"]
    lines = [
        f"{rule['id']} ({rule['impact']}): {rule['help']}: {node['html'][:160]}"
        for rule in violations
        for node in rule["nodes"]
    ]
    assert not lines, f"{page.url}\n" + "\n".join(lines)
