"""URLs of the floors."""

from django.urls import path

from benchmarks.floor import views
from lezhi.health import healthz

urlpatterns = [
    path("plain/", views.Plain.as_view(), name="plain"),
    path("rich/", views.Rich.as_view(), name="rich"),
    path("detail/<int:pk>/", views.Detail.as_view(), name="detail"),
    path("post/<int:pk>/", views.Post.as_view(), name="post"),
    path("search/", views.Search.as_view(), name="search"),
    path("healthz", healthz, name="healthz"),
]
