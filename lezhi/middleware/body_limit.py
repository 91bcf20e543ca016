"""A request that is far too large is refused before a byte of it is read; from somebody unknown, one that is large."""

from django.shortcuts import render

from lezhi.middleware.portal import is_portal

MEGABYTE = 1024 * 1024
MAX_BYTES = 128 * MEGABYTE  # five files of the largest size that may be set, and the form around them
MAX_PORTAL_BYTES = (
    32 * MEGABYTE
)  # the largest total that may be set at the public door, and the form around it
MAX_ANONYMOUS_BYTES = (
    1 * MEGABYTE
)  # what somebody who is not logged in may send elsewhere: a name and a password


class BodyLimit:
    """Answers 413 by the announced length; forms within it judge each file by themselves and lose nothing.

    A body in pieces, without an announced length, is refused (411): no form would read it. Stands before everything
    that looks at a session.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        if "HTTP_TRANSFER_ENCODING" in request.META:
            return render(request, "413.html", {"is_without_length": True}, status=411)
        most = MAX_PORTAL_BYTES if is_portal(request) else MAX_BYTES
        if announced(request) > most:
            return refused(request, most)
        return self.get_response(request)


class AnonymousBodyLimit:
    """The same for whoever is not logged in, which is known behind the session only; the public door has its own."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        if (
            announced(request) > MAX_ANONYMOUS_BYTES
            and not is_portal(request)
            and not request.user.is_authenticated
        ):
            return refused(request, MAX_ANONYMOUS_BYTES, is_unknown=True)
        return self.get_response(request)


def refused(request, most, **words):
    return render(request, "413.html", {"most": most // MEGABYTE} | words, status=413)


def announced(request):
    try:
        return int(request.META.get("CONTENT_LENGTH") or 0)
    except ValueError:
        return 0
