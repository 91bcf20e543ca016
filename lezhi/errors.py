"""Pages for what went wrong. None says more than it must, and nothing that was typed is lost."""

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
    """Visible, but this act is not open to the person; some refusals bring a sentence of their own."""
    return render(request, "403.html", {"sentence": getattr(exception, "sentence", "")}, status=403)


def not_found(request, exception=None):
    """Absent or not to be seen: the same words, the same length, whatever the address."""
    return render(request, "404.html", status=404)


def server_error(request):
    """Needs no database, no session and no context."""
    return HttpResponseServerError(loader.get_template("500.html").render())


def csrf_failure(request, reason=""):
    """A form whose token is stale: shows what was typed, ready to be sent again with a fresh token.

    Only a form of our own is offered again: a request that another site caused is shown without a button. Passwords
    are never repeated. Answers 403.
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
    """Whether the page asks for no log-in at all."""
    return request.resolver_match is not None and request.resolver_match.namespace == "portal"


def is_same_origin(request):
    """Whether the browser says that a page of this site sent the request."""
    origin = request.headers.get("Origin") or request.headers.get("Referer", "")
    return bool(origin) and urlsplit(origin).netloc == request.get_host()


def login_address(request):
    """The log-in page, leading back to where the form was."""
    try:
        return f"{reverse(settings.LOGIN_URL)}?{urlencode({'next': request.get_full_path()})}"
    except NoReverseMatch:
        return settings.LOGIN_URL
