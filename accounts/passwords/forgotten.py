"""Links that people ask for on the log-in page: answered by the worker, so that the page tells nothing by its time."""

from datetime import timedelta

from django.core.exceptions import ValidationError
from django.utils import timezone

from accounts.login.lockouts import accounts_called
from accounts.models import AccountEvent, ForgottenRequest, PasswordReset
from accounts.passwords import letters, resets
from accounts.passwords.event_log import record

AT_MOST = 50
TOO_LATE = timedelta(hours=4)
A_DAY = timedelta(days=1)
LETTERS_A_DAY = 3  # for one account; a stranger who knows the name cannot fill the mailbox


def answer_requests():
    """Sends a link to those who asked and have confirmed their address. Returns how many letters went out.

    When the mail server is away, those who have not been answered wait for the next beat, for TOO_LATE at most.
    """
    now = timezone.now()
    ForgottenRequest.objects.filter(at__lt=now - TOO_LATE).delete()
    asked = list(ForgottenRequest.objects.order_by("pk")[:AT_MOST])
    owners = accounts_called(each.username for each in asked)
    return letters.until_mail_is_away(answer(request, owners, now) for request in asked)


def answer(request, owners, now):
    """Takes the request out. Returns whether the letter was sent, None when there was none to send."""
    taken, _rows = ForgottenRequest.objects.filter(pk=request.pk).delete()
    owner = owners.pop(request.username, None)
    if taken and owner and owner.has_confirmed_email and may_have_one(owner, now):
        return send(owner)
    return None


def may_have_one(owner, now):
    """Not while a colleague's reset is under way, and not too often."""
    mine = PasswordReset.objects.filter(user=owner)
    if mine.live().exclude(started_by=None).exists():
        return False
    return mine.filter(started_by=None, started_at__gt=now - A_DAY).count() < LETTERS_A_DAY


def send(owner):
    try:
        reset, halves = resets.start(owner, by=None, way=PasswordReset.Way.LETTER)
    except ValidationError:
        return None
    is_sent = letters.send_link(reset, halves)
    kind = AccountEvent.Kind.SENT if is_sent else AccountEvent.Kind.NOT_SENT
    record(reset.user, kind, reset=reset)
    return is_sent
