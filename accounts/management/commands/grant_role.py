"""Gives a role from the server, when no user is left who could confirm it on a page."""

from django.core.management.base import BaseCommand, CommandError

from accounts.models import User
from accounts.rights import grant_from_server
from accounts.roles import Role


class Command(BaseCommand):
    help = (
        "Give ROLE to the account LOGIN without a second name, for a centre in which nobody is left to confirm. "
        "It stands in the history of the account, and everybody concerned is told."
    )

    def add_arguments(self, parser):
        parser.add_argument("login")
        parser.add_argument("role", choices=Role.values)
        parser.add_argument("--reason", required=True, help="why; it is shown to everybody who is told")

    def handle(self, login, role, reason, **options):
        user = User.objects.active().with_login_name(login).first()
        if user is None:
            raise CommandError(f"There is no open account called {login}.")
        if not reason.strip():
            raise CommandError("Say why with --reason.")
        sheet = grant_from_server(user, role, reason=reason)
        if sheet is None:
            raise CommandError(f"{user.username} has the role {role} already.")
        self.stdout.write(f"{user.username} has the role {role} now (sheet {sheet.pk}).")
