"""Replaces Django's admin site by the project's own."""

from django.contrib.admin.apps import AdminConfig


class LezhiAdminConfig(AdminConfig):
    default_site = "accounts.admin_site.LezhiAdminSite"
