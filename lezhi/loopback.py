"""A development start answers this machine only, whatever address the server was bound to."""

from django.conf import settings
from django.core.exceptions import MiddlewareNotUsed
from django.http import HttpResponseForbidden

from lezhi.safe_start import is_local

FORWARDED = ("HTTP_X_FORWARDED_FOR", "HTTP_X_REAL_IP")  # addresses
PROXIED = ("HTTP_FORWARDED", "HTTP_VIA", "HTTP_X_FORWARDED_HOST", "HTTP_X_FORWARDED_PROTO")
REFUSAL = (
    "This is a development start (DEBUG=1): it answers the machine it runs on and nobody else. "
    "For real use set DEBUG=0; to show it to your network set DEBUG_ON_NETWORK=1.\n"
)


class LoopbackOnly:
    """Comes before everything else. Answers 403 to other machines, and to what a proxy brings from them."""

    def __init__(self, get_response):
        if not settings.DEBUG or settings.DEBUG_ON_NETWORK:
            raise MiddlewareNotUsed
        self.get_response = get_response

    def __call__(self, request):
        if is_from_here(request.META):
            return self.get_response(request)
        return HttpResponseForbidden(REFUSAL, content_type="text/plain")


def is_from_here(meta):
    """Whether the peer is this machine, and so is everybody whom a proxy on it speaks for."""
    named = [address.strip() for header in FORWARDED for address in meta.get(header, "").split(",")]
    named = [address for address in named if address]
    if any(meta.get(header) for header in PROXIED) and not named:
        return False
    return all(is_local(address) for address in (meta.get("REMOTE_ADDR", ""), *named))
