"""URLs of the pages that span several apps: search, dashboard, about."""

from django.urls import path

from lezhi import search_views
from lezhi.dashboard import duty_views
from lezhi.dashboard import views as dashboard_views
from relations.guide.views import AboutView

urlpatterns = [
    path("search/", search_views.Search.as_view(), name="search"),
    path("dashboard/", dashboard_views.Dashboard.as_view(), name="dashboard"),
    path("dashboard/export/", dashboard_views.DashboardExport.as_view(), name="dashboard_export"),
    path("dashboard/nudge/<key:pk>/", dashboard_views.NudgePerson.as_view(), name="dashboard_nudge"),
    path("dashboard/duties/", duty_views.DutyList.as_view(), name="duties"),
    path("dashboard/duties/export/", duty_views.DutyExport.as_view(), name="duties_export"),
    path("dashboard/contracts/", duty_views.EndingContracts.as_view(), name="ending_contracts"),
    path("about/", AboutView.as_view(), name="about"),
]
