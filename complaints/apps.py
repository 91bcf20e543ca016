from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ComplaintsConfig(AppConfig):
    name = "complaints"
    verbose_name = _("意见与投诉")

    def ready(self):
        from complaints import registrations  # noqa: F401
