from django.apps import AppConfig


class SchoolsConfig(AppConfig):
    name = "tests.schools"

    def ready(self):
        from tests.schools import registrations  # noqa: F401
