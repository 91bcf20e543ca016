"""Import of a register: choose a file, check it, write it."""

from django.urls import path

from employers import import_views as views

app_name = "imports"
urlpatterns = [
    path("", views.StartView.as_view(), name="start"),
    path("template.xlsx", views.TemplateFileView.as_view(), name="template"),
    path("<key:pk>/", views.CheckView.as_view(), name="check"),
    path("<key:pk>/progress/", views.ProgressView.as_view(), name="progress"),
    path("<key:pk>/commit/", views.CommitView.as_view(), name="commit"),
    path("<key:pk>/cancel/", views.CancelView.as_view(), name="cancel"),
    path("<key:pk>/marked.xlsx", views.MarkedView.as_view(), name="marked"),
]
