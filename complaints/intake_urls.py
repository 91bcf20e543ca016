"""URLs of the intake, open to every member of staff."""

from django.urls import path

from complaints.intake import views as intake_views

urlpatterns = [
    path("new/", intake_views.IntakeView.as_view(), name="new"),
    path("new/done/", intake_views.HandedOverView.as_view(), name="handed"),
]
