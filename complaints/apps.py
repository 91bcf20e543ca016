from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ComplaintsConfig(AppConfig):
    name = "complaints"
    verbose_name = _("意见与投诉")

    def ready(self):
        from accounts.refusals import recording as refusals
        from complaints import (
            parameters,  # noqa: F401  they register
            registrations,  # noqa: F401  they register
        )
        from complaints.clocks import (
            receivers,  # noqa: F401  they register
            sweep,  # noqa: F401  they register
        )

        refusals.SECRET.add("complaints")
        refusals.UNKEPT.add("portal")
