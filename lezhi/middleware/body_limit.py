"""Refuses large requests before their body is read; the limit is lower for anonymous users."""

from django.shortcuts import render

from lezhi.middleware.portal import is_portal

MEGABYTE = 1024 * 1024
# Five files of the largest size that can be set, and the rest of the form.
MAX_BYTES = 128 * MEGABYTE
# The largest total that can be set for the public portal, and the rest of the form.
MAX_PORTAL_BYTES = 32 * MEGABYTE
# For anonymous users outside the portal, who only submit a name and a password.
MAX_ANONYMOUS_BYTES = 1 * MEGABYTE


class BodyLimit:
    """Returns 413 when Content-Length exceeds the limit. Below it, forms check each file and keep the typed values.

    A chunked body (without Content-Length) is refused with 411, because no form would read it. Must come before the
    session middleware.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        if "HTTP_TRANSFER_ENCODING" in request.META:
            return render(request, "413.html", {"is_without_length": True}, status=411)
        most = MAX_PORTAL_BYTES if is_portal(request) else MAX_BYTES
        if announced_length(request) > most:
            return refusal_response(request, most)
        return self.get_response(request)


class AnonymousBodyLimit:
    """The lower limit for anonymous users; must come after authentication. The public portal has its own limit."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        if (
            announced_length(request) > MAX_ANONYMOUS_BYTES
            and not is_portal(request)
            and not request.user.is_authenticated
        ):
            return refusal_response(request, MAX_ANONYMOUS_BYTES, is_unknown=True)
        return self.get_response(request)


def refusal_response(request, most, **words):
    return render(request, "413.html", {"most": most // MEGABYTE} | words, status=413)


def announced_length(request):
    try:
        return int(request.META.get("CONTENT_LENGTH") or 0)
    except ValueError:
        return 0
