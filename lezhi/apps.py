"""The composition root: it imports every app, and no app imports it."""

from django.apps import AppConfig


class LezhiConfig(AppConfig):
    name = "lezhi"
    verbose_name = "乐知"

    def ready(self):
        from lezhi import registrations  # noqa: F401
