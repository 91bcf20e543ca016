"""Puts the admin site of the house in the place of Django's own."""

from django.contrib.admin.apps import AdminConfig


class LezhiAdminConfig(AdminConfig):
    default_site = "accounts.admin_site.LezhiAdminSite"
