"""The language of the public door: chosen here, kept here, and apart from that of an account."""

from urllib.parse import urlsplit

from django.urls import reverse

from accounts.login.views import SetLanguage
from complaints.portal.pages import PortalPage


class Language(PortalPage, SetLanguage):
    """Keeps the language in a cookie of the public door and leads back to one of its pages."""

    def get_next_url(self):
        asked, start = super().get_next_url(), reverse("portal:start")
        return asked if urlsplit(asked).path.startswith(start) else start
