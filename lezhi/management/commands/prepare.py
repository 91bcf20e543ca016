"""`prepare`: brings the database of `make run` up to date before the first request."""

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.core.management.base import BaseCommand


class Command(BaseCommand):
    help = (
        "Migrates the database, creates the cache table and, on a first start with DEBUG=1, loads the demo data. "
        "Existing data stays."
    )

    def handle(self, **options):
        call_command("migrate", interactive=False, verbosity=0)
        call_command("createcachetable", verbosity=0)
        if settings.DEBUG and not get_user_model().objects.exists():
            self.stdout.write("Loading the demo data (first start only) ...")
            call_command("populate", scale="demo")
