"""Gives a role from the server, when no user is left who could confirm it on a page."""

from django.core.management.base import BaseCommand, CommandError

from accounts.models import User
from accounts.rights import grant_from_server
from accounts.roles import Role


class Command(BaseCommand):
    help = (
        "Gives ROLE to the account LOGIN without confirmation by a second user, for a centre in which nobody is left "
        "who could confirm. This is recorded in the history of the account, and everybody concerned is notified."
    )

    def add_arguments(self, parser):
        parser.add_argument("login")
        parser.add_argument("role", choices=Role.values)
        parser.add_argument(
            "--reason", required=True, help="the reason; it is shown to everybody who is notified"
        )

    def handle(self, login, role, reason, **options):
        user = User.objects.active().with_login_name(login).first()
        if user is None:
            raise CommandError(f"There is no active account {login!r}.")
        if not reason.strip():
            raise CommandError("--reason must not be empty.")
        sheet = grant_from_server(user, role, reason=reason)
        if sheet is None:
            raise CommandError(f"{user.username} already has the role {role}.")
        self.stdout.write(f"{user.username} now has the role {role} (request {sheet.pk}).")
