"""Separates the public portal from the staff site: its own cookies, its own sessions, and only anonymous users.

The browser of a logged-in colleague sends the cookies of the staff site to every URL. They are removed from each
request to the public portal before anything reads it, and every cookie set by the portal gets its own name and path.
So no code of the portal can read, refresh or write a staff session, and no row, log line or error report of a portal
request can name the account.
"""

from http.cookies import Morsel

from django.conf import settings
from django.contrib.auth.middleware import AuthenticationMiddleware
from django.contrib.auth.models import AnonymousUser
from django.contrib.sessions.middleware import SessionMiddleware
from django.urls import NoReverseMatch, reverse

from complaints.portal.sessions import SessionStore

PREFIX = "portal_"  # of the names of the portal's cookies


def portal_path():
    """The root path of the public portal, e.g. "/portal/", with the prefix under which the site is mounted."""
    return reverse("portal:start")


def is_portal(request):
    """Whether the request is for the public portal: decided by the same decoded path that selects the view.

    False for a URL configuration without the portal.
    """
    try:
        return request.path.startswith(portal_path())
    except NoReverseMatch:
        return False


class PortalCookies:
    """Presents the cookie portal_x to the portal as x, and removes all others. Must come before any use of cookies."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        if not is_portal(request):
            return self.get_response(request)
        request.META["HTTP_COOKIE"] = portal_cookies(request.META.get("HTTP_COOKIE", ""))
        request.__dict__.pop("COOKIES", None)
        response = self.get_response(request)
        rename_cookies(response.cookies, portal_path())
        return response


def portal_cookies(header):
    """Returns the portal's part of a Cookie header, with the names without prefix."""
    pairs = [pair.strip() for pair in header.split(";")]
    return "; ".join(pair.removeprefix(PREFIX) for pair in pairs if pair.startswith(PREFIX))


def rename_cookies(cookies, path):
    """Gives every cookie of a response the prefix and the path of the public portal."""
    for name in list(cookies):
        inner, outer = cookies.pop(name), Morsel()
        outer.set(f"{PREFIX}{name}", inner.value, inner.coded_value)
        outer.update(inner)
        outer["path"] = path
        cookies[outer.key] = outer


class Sessions(SessionMiddleware):
    """Django's sessions for the staff site, those of complaints.portal.sessions for the public portal."""

    def process_request(self, request):
        if is_portal(request):
            request.session = SessionStore(request.COOKIES.get(settings.SESSION_COOKIE_NAME))
        else:
            super().process_request(request)


class Authentication(AuthenticationMiddleware):
    """Makes every user of the public portal anonymous, whatever the session contains."""

    def process_request(self, request):
        if is_portal(request):
            request.user = AnonymousUser()
        else:
            super().process_request(request)
