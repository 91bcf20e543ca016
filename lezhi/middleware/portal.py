"""The public door shares nothing with the staff site: its own cookies, its own sessions, and nobody is logged in.

A browser in which a colleague is logged in sends the cookies of the staff site to every address. Here they are taken
out of each request to the public door before anything reads it, and every cookie that the public door sets gets a name
and a path of its own. So no code behind this, whatever it does, can read, refresh or write what belongs to the other
side, and no row, log line or error report of a request to the public door can name the account.
"""

from http.cookies import Morsel

from django.conf import settings
from django.contrib.auth.middleware import AuthenticationMiddleware
from django.contrib.auth.models import AnonymousUser
from django.contrib.sessions.middleware import SessionMiddleware
from django.urls import NoReverseMatch, reverse

from complaints.portal.sessions import SessionStore

PREFIX = "portal_"  # of each cookie that belongs to the public door


def portal_path():
    """Where the public door begins, e.g. "/portal/"; with the prefix under which the site is mounted."""
    return reverse("portal:start")


def is_portal(request):
    """Whether the request is for the public door: decided by the same decoded path that chooses the view.

    Where no address leads to the public door, no request does.
    """
    try:
        return request.path.startswith(portal_path())
    except NoReverseMatch:
        return False


class PortalCookies:
    """Inside the public door the cookie portal_x is called x, and no other is there. Comes before all readers."""

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
    """Of a Cookie header what belongs to the public door, under the names that are used inside."""
    pairs = [pair.strip() for pair in header.split(";")]
    return "; ".join(pair.removeprefix(PREFIX) for pair in pairs if pair.startswith(PREFIX))


def rename_cookies(cookies, path):
    """Gives every cookie of an answer the name and the path of the public door."""
    for name in list(cookies):
        inner, outer = cookies.pop(name), Morsel()
        outer.set(f"{PREFIX}{name}", inner.value, inner.coded_value)
        outer.update(inner)
        outer["path"] = path
        cookies[outer.key] = outer


class Sessions(SessionMiddleware):
    """Django's sessions for the staff site, those of complaints.portal.sessions for the public door."""

    def process_request(self, request):
        if is_portal(request):
            request.session = SessionStore(request.COOKIES.get(settings.SESSION_COOKIE_NAME))
        else:
            super().process_request(request)


class Authentication(AuthenticationMiddleware):
    """Nobody is logged in at the public door, whatever its session says."""

    def process_request(self, request):
        if is_portal(request):
            request.user = AnonymousUser()
        else:
            super().process_request(request)
