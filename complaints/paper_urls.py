"""The record form on paper, blank, filled, and the complaint file of a period."""

from django.urls import path

from complaints.paper import views as paper_views

urlpatterns = [
    path("paper/blank/", paper_views.Blank.as_view(), name="blank"),
    path("paper/blank/word/", paper_views.BlankWord.as_view(), name="blank_word"),
    path("paper/file/", paper_views.File.as_view(), name="file"),
    path("paper/file/word/", paper_views.FileWord.as_view(), name="file_word"),
    path("<number:number>/paper/", paper_views.Paper.as_view(), name="paper"),
    path("<number:number>/paper/word/", paper_views.PaperWord.as_view(), name="paper_word"),
]
