"""Restricts a development start to requests from this machine, whatever address the server is bound to."""

from django.conf import settings
from django.core.exceptions import MiddlewareNotUsed
from django.http import HttpResponseForbidden

from lezhi.safe_start import is_local

PROXY_HEADERS = (
    "HTTP_FORWARDED",
    "HTTP_VIA",
    "HTTP_X_FORWARDED_FOR",
    "HTTP_X_FORWARDED_HOST",
    "HTTP_X_FORWARDED_PORT",
    "HTTP_X_FORWARDED_PROTO",
    "HTTP_X_FORWARDED_SERVER",
    "HTTP_X_REAL_IP",
    "HTTP_X_CLIENT_IP",
    "HTTP_X_CLUSTER_CLIENT_IP",
    "HTTP_CF_CONNECTING_IP",
    "HTTP_TRUE_CLIENT_IP",
    "HTTP_FASTLY_CLIENT_IP",
    "HTTP_X_ORIGINAL_FORWARDED_FOR",
)  # any of these headers marks a request as proxied, even with an empty value
REFUSAL = (
    "This is a development start (DEBUG=1): it answers the machine it runs on and nobody else. "
    "For real use set DEBUG=0; to show it to your network set DEBUG_ON_NETWORK=1.\n"
)


class LoopbackOnly:
    """Returns 403 to other machines and to proxied requests. Must be the first middleware."""

    def __init__(self, get_response):
        if not settings.DEBUG or settings.DEBUG_ON_NETWORK:
            raise MiddlewareNotUsed
        self.get_response = get_response

    def __call__(self, request):
        if is_from_here(request.META):
            return self.get_response(request)
        return HttpResponseForbidden(REFUSAL, content_type="text/plain")


def is_from_here(meta):
    """Whether the request comes from this machine and not through a proxy, whose client is unknown."""
    return is_local(meta.get("REMOTE_ADDR", "")) and not any(header in meta for header in PROXY_HEADERS)
