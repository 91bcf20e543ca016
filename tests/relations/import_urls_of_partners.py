"""URL configuration of the site with the pages of an import that only the tests declare."""

from django.urls import include, path

from lezhi.urls import (  # noqa: F401  the site finds its handlers here
    handler400,
    handler403,
    handler404,
    handler500,
    urlpatterns,
)
from relations.import_urls import import_urls
from tests.relations.partner_register import PARTNERS

urlpatterns = [path("partners/import/", include(import_urls(PARTNERS))), *urlpatterns]
