"""URLs of the record form on paper: blank, filled, and the complaint file of a period."""

from django.urls import path

from complaints.paper import views as paper_views

urlpatterns = [
    path("paper/blank/", paper_views.Blank.as_view(), name="blank"),
    path("paper/blank/word/", paper_views.BlankWord.as_view(), name="blank_word"),
    path("paper/file/", paper_views.PeriodFileView.as_view(), name="file"),
    path("paper/file/word/", paper_views.PeriodFileWordView.as_view(), name="file_word"),
    path("<number:number>/paper/", paper_views.PaperView.as_view(), name="paper"),
    path("<number:number>/paper/word/", paper_views.PaperWordView.as_view(), name="paper_word"),
]
