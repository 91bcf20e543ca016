"""Django's `changepassword`, recorded in the event log.

The user who types the password knows it, so the owner is notified and has to change it.
"""

import getpass

from django.contrib.auth.management.commands import changepassword
from django.db import transaction

from accounts.locking import lock_user
from accounts.models import AccountEvent, User
from accounts.passwords.event_log import record_event


class Command(changepassword.Command):
    help = "Changes a password on the server. The user is notified and has to choose another one at the next login."

    def handle(self, *args, **options):
        result = super().handle(*args, **options)
        username = options["username"] or getpass.getuser()
        self.print_result(User.objects.get(username=username))
        return result

    @transaction.atomic
    def print_result(self, user):
        user = lock_user(user)
        user.must_change_password = True
        user.session_epoch += 1
        user.save(update_fields=["must_change_password", "session_epoch"])
        record_event(user, AccountEvent.Kind.COMMAND)
