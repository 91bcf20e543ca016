"""Prints a code for a new password on the server: for the first accounts, and when no other user can help."""

from django.core.management.base import BaseCommand, CommandError

from accounts.models import PasswordReset, User
from accounts.passwords import resets
from accounts.passwords.views import activation_url


class Command(BaseCommand):
    help = (
        "Prints a code with which the user can set a password once, within the hour. "
        "This is recorded, and the user is notified."
    )

    def add_arguments(self, parser):
        parser.add_argument("login", help="the login name")

    def handle(self, *, login, **options):
        user = User.objects.active().with_login_name(login).first()
        if user is None:
            raise CommandError(f"There is no active account {login!r}.")
        _reset, halves = resets.start_reset(user, by=None, way=PasswordReset.Way.SERVER)
        self.stdout.write("\n".join([activation_url(), *halves]))
