"""URLs of the holiday pages, below rules/."""

from django.urls import path

from reminders.calendar.views import DayView, DeadlineView, PasteView, YearView

urlpatterns = [
    path("holidays/", YearView.as_view(), name="holidays"),
    path("holidays/<int:year>/", YearView.as_view(), name="holidays_year"),
    path("holidays/paste/", PasteView.as_view(), name="holiday_paste"),
    path("holidays/day/", DayView.as_view(), name="holiday_day"),
    path("deadline/", DeadlineView.as_view(), name="deadline"),
]
