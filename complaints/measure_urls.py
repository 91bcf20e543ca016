"""URLs of improvement measures: the list, one measure, completing and checking it, and a new one for a complaint."""

from django.urls import path

from complaints.measures import views as measure_views

urlpatterns = [
    path("measures/", measure_views.MeasuresView.as_view(), name="measures"),
    path("measures/<key:pk>/", measure_views.MeasureView.as_view(), name="measure"),
    path("measures/<key:pk>/done/", measure_views.DoneView.as_view(), name="measure_done"),
    path("measures/<key:pk>/check/", measure_views.CheckView.as_view(), name="measure_check"),
    path("<number:number>/measures/new/", measure_views.NewMeasureView.as_view(), name="measure_new"),
]
