"""URLs of the site and of schools."""

from django.urls import include, path

from lezhi import urls
from relations.import_urls import import_urls
from tests.schools.kind import SCHOOL

urlpatterns = [
    path("schools/import/", include(import_urls(SCHOOL.imports))),
    path("schools/", include("tests.schools.urls")),
    *urls.urlpatterns,
]
handler400, handler403 = urls.handler400, urls.handler403
handler404, handler500 = urls.handler404, urls.handler500
