from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class RelationsConfig(AppConfig):
    name = "relations"
    verbose_name = _("关系")

    def ready(self):
        from relations import parameters, registrations  # noqa: F401  they register themselves
        from relations.cycle import revisits  # noqa: F401  they register themselves
        from relations.duties import opening  # noqa: F401  they register themselves
        from relations.duties import receivers as following  # noqa: F401  they register themselves
        from relations.parties import offboarding, sweep  # noqa: F401  they register themselves
        from relations.reminding import raising  # noqa: F401  they register themselves
