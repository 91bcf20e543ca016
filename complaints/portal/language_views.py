"""The language of the public portal: chosen here, stored here, and separate from that of an account."""

from urllib.parse import urlsplit

from django.urls import reverse

from accounts.login.views import SetLanguage
from complaints.portal.pages import PortalPage


class Language(PortalPage, SetLanguage):
    """Stores the language in a cookie of the public portal and redirects to one of its pages."""

    def get_next_url(self):
        url, start = super().get_next_url(), reverse("portal:start")
        return url if urlsplit(url).path.startswith(start) else start
