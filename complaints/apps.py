from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ComplaintsConfig(AppConfig):
    name = "complaints"
    verbose_name = _("意见与投诉")

    def ready(self):
        from accounts import refusals
        from complaints import appointment, hooks, parameters, receivers, sweep  # noqa: F401  they register

        refusals.SECRET.add("complaints")
        refusals.UNKEPT.add("portal")
