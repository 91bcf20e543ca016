"""The URLs of the site, by app."""

from django.contrib import admin
from django.urls import include, path

from lezhi.health import healthz

urlpatterns = [
    path("", include("relations.work_urls")),
    path("", include("accounts.urls")),
    path("", include("reminders.urls")),
    path("rules/", include("reminders.calendar_urls")),
    path("rules/", include("relations.rule_urls")),
    path("relations/", include("relations.urls")),
    path("employers/import/", include("employers.import_urls")),
    path("employers/", include("employers.urls")),
    path("complaints/", include("complaints.urls")),
    path("portal/", include("complaints.portal.urls")),
    path("", include("lezhi.overview_urls")),
    path("healthz", healthz, name="healthz"),
    path("admin/", admin.site.urls),
]

handler400 = "lezhi.errors.bad_request"
handler403 = "lezhi.errors.forbidden"
handler404 = "lezhi.errors.not_found"
handler500 = "lezhi.errors.server_error"
