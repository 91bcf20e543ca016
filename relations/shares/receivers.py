"""Signal receiver: a closed account loses its shares, so that none is there when it is opened again."""

from django.dispatch import receiver

from accounts.rights.account_changes import account_closed
from relations.shares.actions import end_shares_of


@receiver(account_closed)
def on_account_closed(user, by, today, **_signal):
    end_shares_of(user, by=by, today=today)
