"""Pages that look across the rooms: search, dashboard, about."""

from django.urls import path  # noqa: F401

urlpatterns = []
