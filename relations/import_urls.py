"""URL patterns of the import of a register: choose a file, check it, write it."""

from django.urls import path

from relations.imports import views


def import_urls(spec):
    """Returns (patterns, namespace) for `path(..., include())`, for the kind of the ImportSpec `spec`."""
    patterns = [
        path("", views.StartView.as_view(spec=spec), name="start"),
        path("template.xlsx", views.TemplateFileView.as_view(spec=spec), name="template"),
        path("<key:pk>/", views.CheckView.as_view(spec=spec), name="check"),
        path("<key:pk>/progress/", views.ProgressView.as_view(spec=spec), name="progress"),
        path("<key:pk>/commit/", views.CommitView.as_view(spec=spec), name="commit"),
        path("<key:pk>/cancel/", views.CancelView.as_view(spec=spec), name="cancel"),
        path("<key:pk>/marked.xlsx", views.AnnotatedCopyView.as_view(spec=spec), name="annotated_copy"),
    ]
    return patterns, spec.namespace
