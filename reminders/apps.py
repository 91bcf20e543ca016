from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class RemindersConfig(AppConfig):
    name = "reminders"
    verbose_name = _("提醒与日历")

    def ready(self):
        from reminders import (  # noqa: F401  daily steps and signals
            account_notices,
            information,
            refusal_step,
            registrations,
            standing_in,
        )
        from reminders.calendar import watch as calendar_watch  # noqa: F401  daily steps and signals
