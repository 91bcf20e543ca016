"""URLs of employers: information sheets, possible duplicates, and the pages of every kind of stakeholder."""

from django.urls import path

from employers import duplicate_views, paper_views
from employers.kind import EMPLOYER
from relations.parties.urls import patterns_of, route

app_name = "employers"

urlpatterns = [
    path("sheets/", paper_views.Sheets.as_view(), name="sheets"),
    path("duplicates/", duplicate_views.Duplicates.as_view(), name="duplicates"),
    path("duplicates/<key:pk>/settle/", duplicate_views.SettleDuplicate.as_view(), name="duplicate_settle"),
    route(EMPLOYER, "<key:pk>/paper/sheet/", paper_views.InformationSheetPage, "sheet"),
    route(EMPLOYER, "<key:pk>/paper/sheet/word/", paper_views.SheetWord, "sheet_word"),
    *patterns_of(EMPLOYER),
]
