"""The base of all pages of the public portal: not cached, with the ways to contact the centre in the footer."""

import math

import segno
from django.conf import settings
from django.shortcuts import render
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.safestring import mark_safe
from django.views.decorators.debug import sensitive_post_parameters
from django.views.generic.base import ContextMixin

from complaints.public_texts import texts
from reminders import clock

NO_STORE_HEADERS = {"Cache-Control": "no-store", "Referrer-Policy": "same-origin"}


def site_url(url_name):
    """The absolute URL of a page, with the domain that people type."""
    return settings.SITE_URL + reverse(url_name)


def qr_code_svg(url_name):
    """The QR code of the URL of a page, as SVG; never with a receipt code in it."""
    drawing = segno.make(site_url(url_name), error="m", micro=False)
    inline = drawing.svg_inline(svgclass="qr", lineclass=None, border=2, omitsize=True)
    return mark_safe(inline)  # noqa: S308  made by segno from our own URL


@method_decorator(sensitive_post_parameters(), name="dispatch")
class PortalPage(ContextMixin):
    """A page without login; must come before the view class in the list of bases."""

    def dispatch(self, request, *args, **kwargs):
        self.today = clock.today()
        return with_no_store_headers(super().dispatch(request, *args, **kwargs))

    def get_context_data(self, **kwargs):
        if "ways" not in kwargs:
            kwargs["ways"] = texts.contact_ways()
        return super().get_context_data(**kwargs) | {"today": self.today}

    def too_many_attempts(self, seconds, template="portal/shut.html", **context):
        """The response 429 with the minutes to wait."""
        minutes = math.ceil(seconds / 60)
        shown = self.get_context_data(**context, minutes=minutes)
        response = render(self.request, template, shown, status=429)
        response.headers["Retry-After"] = str(seconds)
        return response


def with_no_store_headers(answer):
    for header, value in NO_STORE_HEADERS.items():
        answer.headers[header] = value
    return answer
