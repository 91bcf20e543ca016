from django.apps import AppConfig
from django.urls import register_converter
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = _("账号与角色")

    def ready(self):
        from accounts import registrations  # noqa: F401  what accounts fill in registers
        from accounts.keys import KeyConverter
        from accounts.passwords import notices as telling  # noqa: F401  matters of two people, and what listens

        register_converter(KeyConverter, "key")
