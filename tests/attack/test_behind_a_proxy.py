"""A development server behind a proxy on the same machine: requests with any proxy header are refused."""

import pytest
from django.core.exceptions import MiddlewareNotUsed
from django.http import HttpResponse
from django.test import RequestFactory

from lezhi.middleware.loopback import LoopbackOnly

HEADERS = [
    "X-Forwarded-For",
    "X-Forwarded-Host",
    "X-Forwarded-Proto",
    "Forwarded",
    "Via",
    "X-Real-IP",
    "X-Client-IP",
    "CF-Connecting-IP",
    "True-Client-IP",
]


def status(**headers):
    """Returns the status of a request from the loopback interface with these headers."""
    site = LoopbackOnly(lambda request: HttpResponse())
    return site(RequestFactory().get("/", REMOTE_ADDR="127.0.0.1", headers=headers)).status_code


@pytest.mark.parametrize("value", ["203.0.113.5", "127.0.0.1", ""])
@pytest.mark.parametrize("header", HEADERS)
def test_proxy_header_is_refused_in_development(settings, header, value):
    settings.DEBUG, settings.DEBUG_ON_NETWORK = True, False
    assert status(**{header: value}) == 403


@pytest.mark.parametrize("header", ["Accept-Language", "User-Agent", "Origin", "X-Requested-With"])
def test_other_headers_do_not(settings, header):
    settings.DEBUG, settings.DEBUG_ON_NETWORK = True, False
    assert status(**{header: "127.0.0.1"}) == 200


def test_network_that_was_allowed_is_not_asked(settings):
    settings.DEBUG, settings.DEBUG_ON_NETWORK = True, True
    with pytest.raises(MiddlewareNotUsed):
        LoopbackOnly(lambda request: HttpResponse())
