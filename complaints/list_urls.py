"""URLs of the list and its export, of the figures made from it, and of the appointments."""

from django.urls import path

from complaints.appointments import views as charge_views
from complaints.lists import views as list_views
from complaints.reports import board_views, review_views

urlpatterns = [
    path("", list_views.ComplaintList.as_view(), name="list"),
    path("board/", board_views.Board.as_view(), name="board"),
    path("review/", review_views.Review.as_view(), name="review"),
    path("export/", list_views.Export.as_view(), name="export"),
    path("charge/", charge_views.AppointmentView.as_view(), name="charge"),
    path("charge/<key:pk>/word/", charge_views.ConfirmHandOverView.as_view(), name="charge_word"),
]
