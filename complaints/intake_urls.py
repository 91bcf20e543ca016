"""Taking in, for every member of staff."""

from django.urls import path

from complaints.intake import views as intake_views

urlpatterns = [
    path("new/", intake_views.Intake.as_view(), name="new"),
    path("new/done/", intake_views.Handed.as_view(), name="handed"),
]
