"""The error pages. They reveal no more than necessary, and typed text is not lost."""

from urllib.parse import urlencode, urlsplit

from django.conf import settings
from django.http import HttpResponseServerError
from django.shortcuts import render
from django.template import loader
from django.urls import NoReverseMatch, reverse

NOT_TYPED_FIELDS = ("csrfmiddlewaretoken",)


def bad_request(request, exception=None):
    return render(request, "400.html", status=400)


def forbidden(request, exception=None):
    """403: the user may view the record but not do this; some exceptions carry a `sentence` that is shown."""
    return render(request, "403.html", {"sentence": getattr(exception, "sentence", "")}, status=403)


def not_found(request, exception=None):
    """404: absent or not visible. Always the same text of the same length, so that the two cannot be told apart."""
    return render(request, "404.html", status=404)


def server_error(request):
    """500, rendered without database, session and context."""
    return HttpResponseServerError(loader.get_template("500.html").render())


def csrf_failure(request, reason=""):
    """403: a form with a stale CSRF token. Shows the typed values, to be submitted again with a fresh token.

    A request from another site is shown without a button to submit it. Passwords are never shown again.
    """
    fields = [
        (name, value)
        for name, values in request.POST.lists()
        for value in values
        if name not in NOT_TYPED_FIELDS
    ]
    secret = any("password" in name for name, _value in fields)
    context = {
        "fields": fields,
        "typed": [] if secret else [(name, value) for name, value in fields if value.strip()],
        "may_resend": not secret and not request.FILES and is_same_origin(request),
        "has_files": bool(request.FILES),
        "expired": not secret and not request.user.is_authenticated and not is_public(request),
        "secret": secret,
        "address": request.get_full_path(),
        "login_url": login_address(request),
    }
    return render(request, "csrf.html", context, status=403)


def is_public(request):
    """Whether the page belongs to the public portal, which requires no login."""
    return request.resolver_match is not None and request.resolver_match.namespace == "portal"


def is_same_origin(request):
    """Whether the request comes from a page of this site, according to the Origin or Referer header."""
    origin = request.headers.get("Origin") or request.headers.get("Referer", "")
    return bool(origin) and urlsplit(origin).netloc == request.get_host()


def login_address(request):
    """The URL of the login page, with the page of the form as `next`."""
    try:
        return f"{reverse(settings.LOGIN_URL)}?{urlencode({'next': request.get_full_path()})}"
    except NoReverseMatch:
        return settings.LOGIN_URL
