"""E-mails about lockouts: the owner of a locked account is notified at most once a day.

Lockouts of names without an account are deleted.
"""

from datetime import timedelta

from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.login.throttle import normalized_login_name
from accounts.models import Lockout, SecurityLetter, User
from accounts.passwords import letters

LETTER_KIND = "lockout"
BATCH_SIZE = 100  # rows per run
RETENTION = timedelta(days=90)
LETTER_INTERVAL = timedelta(days=1)


def accounts_by_login_name(names):
    """Returns {normalized login name: active account}, in one query."""
    requested = set(names)
    users = User.objects.active().only("pk", "username", "name", "language", "email", "confirmed_email")
    return (
        {
            normalized_login_name(user.username): user
            for user in users
            if normalized_login_name(user.username) in requested
        }
        if requested
        else {}
    )


def notify_owners():
    """Queues e-mails to the owners of accounts locked since the last run. Returns how many were queued."""
    now = timezone.now()
    Lockout.objects.filter(at__lt=now - RETENTION).delete()
    lockouts = list(Lockout.objects.filter(handled_at=None).order_by("slot")[:BATCH_SIZE])
    owners = accounts_by_login_name(each.username for each in lockouts)
    Lockout.objects.filter(pk__in=[each.pk for each in lockouts if each.username not in owners]).delete()
    lately = set(
        SecurityLetter.objects.filter(
            user__in=owners.values(), about=LETTER_KIND, written_at__gt=now - LETTER_INTERVAL
        ).values_list("user", flat=True)
    )
    written = 0
    for noted in lockouts:
        owner = owners.get(noted.username)
        unhandled = Lockout.objects.filter(pk=noted.pk, handled_at=None)
        if owner and unhandled.update(handled_at=now) and owner.pk not in lately:
            lately.add(owner.pk)
            written += (
                letters.queue_letter(owner, LETTER_KIND, lambda noted=noted: lockout_sentence(noted))
                is not None
            )
    return written


def lockout_sentence(noted):
    """Returns when, how often and from how many addresses logins failed.

    The addresses themselves are left out: an address reveals where a person is.
    """
    return _(
        "%(at)s前后，有人用错的密码试着登录您的账号%(tries)d次，来自%(addresses)d个地址，账号为此停了15分钟。"
        "您登录过的浏览器不受影响。"
    ) % {
        "at": timezone.localtime(noted.at).strftime("%Y-%m-%d %H:%M"),
        "tries": noted.tries,
        "addresses": noted.addresses,
    }
