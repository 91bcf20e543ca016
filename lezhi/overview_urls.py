"""Pages that look across the rooms: search, dashboard, about."""

from django.urls import path

from relations.guide_views import AboutView

urlpatterns = [path("about/", AboutView.as_view(), name="about")]
