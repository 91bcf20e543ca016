"""Improvement measures."""

from django.urls import path
from django.views.generic import TemplateView

urlpatterns = [path("measures/<key:pk>/", TemplateView.as_view(), name="measure")]
