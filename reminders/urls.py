from django.urls import path

from reminders.notice_views import NoticesView, NoticeView, ReadAllView, SendAgainView, UndeliveredView

urlpatterns = [
    path("notices/", NoticesView.as_view(), name="notices"),
    path("notices/<key:pk>/", NoticeView.as_view(), name="notice"),
    path("notices/read/", ReadAllView.as_view(), name="notices_read"),
    path("notices/undelivered/", UndeliveredView.as_view(), name="undelivered"),
    path("notices/undelivered/<key:pk>/", SendAgainView.as_view(), name="send_again"),
]
