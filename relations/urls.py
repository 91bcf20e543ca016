app_name = "relations"

from django.urls import path  # noqa: F401

urlpatterns = []
