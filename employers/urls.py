"""用人单位: its list, its information sheet and possible duplicates; the rest is what every kind has."""

from django.urls import path

from employers import duplicate_views, list_views, paper_views
from employers.kind import EMPLOYER
from relations.parties.urls import patterns_of, route

app_name = "employers"

urlpatterns = [
    path("", list_views.EmployerList.as_view(), name="list"),
    path("hand-over/", list_views.HandOver.as_view(), name="hand_over"),
    path("remind/", list_views.Nudge.as_view(), name="nudge"),
    path("export/", list_views.Export.as_view(), name="export"),
    path("sheets/", paper_views.Sheets.as_view(), name="sheets"),
    path("views/keep/", list_views.KeepView.as_view(), name="keep_view"),
    path("views/<key:pk>/drop/", list_views.DropView.as_view(), name="drop_view"),
    path("duplicates/", duplicate_views.Duplicates.as_view(), name="duplicates"),
    path("duplicates/<key:pk>/settle/", duplicate_views.SettleDuplicate.as_view(), name="duplicate_settle"),
    route(EMPLOYER, "<key:pk>/paper/sheet/", paper_views.Sheet, "sheet"),
    route(EMPLOYER, "<key:pk>/paper/sheet/word/", paper_views.SheetWord, "sheet_word"),
    *patterns_of(EMPLOYER),
]
