"""The page of one complaint and every act on it."""

from django.urls import path
from django.views.generic import TemplateView

urlpatterns = [path("<number:number>/", TemplateView.as_view(), name="case")]
