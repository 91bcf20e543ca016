"""URLs of the public portal (R123-R124)."""

from django.urls import path

from complaints.portal import follow_views, language_views, paper_views, views

app_name = "portal"
urlpatterns = [
    path("", views.Start.as_view(), name="start"),
    path("form/", views.Submit.as_view(), name="form"),
    path("paper/", paper_views.Paper.as_view(), name="paper"),
    path("paper/word/", paper_views.PaperWord.as_view(), name="paper_word"),
    path("receipt/", views.Receipt.as_view(), name="receipt"),
    path("follow/", follow_views.Follow.as_view(), name="follow"),
    path("case/", follow_views.Case.as_view(), name="case"),
    path("case/name/", follow_views.Identify.as_view(), name="identify"),
    path("language/", language_views.Language.as_view(), name="language"),
    path("leave/", follow_views.EndSession.as_view(), name="leave"),
]
