"""URL patterns of the list of a kind of stakeholder."""

from django.urls import path

from relations.lists import views


def list_urls(spec):
    """Returns the URL patterns of the list described by `spec` (a ListSpec), for the namespace of the kind."""
    pages = [
        ("", views.StakeholderList, "list"),
        ("hand-over/", views.HandOverSelected, "hand_over"),
        ("remind/", views.RemindSelectedWorkers, "nudge"),
        ("export/", views.Export, "export"),
        ("views/keep/", views.CreateListSavedView, "keep_view"),
        ("views/<key:pk>/drop/", views.DeleteListSavedView, "drop_view"),
    ]
    return [path(address, view.as_view(spec=spec), name=name) for address, view, name in pages]
