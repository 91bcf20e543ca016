"""Reset links requested on the login page.

The worker sends them, so that the response time of the page does not reveal whether the account exists.
"""

from datetime import timedelta

from django.core.exceptions import ValidationError
from django.utils import timezone

from accounts.login.lockouts import accounts_by_login_name
from accounts.models import AccountEvent, ForgottenRequest, PasswordReset
from accounts.passwords import letters, resets
from accounts.passwords.event_log import record_event

BATCH_SIZE = 50
EXPIRES_AFTER = timedelta(hours=4)
LETTER_WINDOW = timedelta(days=1)
LETTERS_A_DAY = 3  # per account, so that a stranger who knows the name cannot flood the mailbox


def answer_requests():
    """Sends a link to users who requested one and have confirmed their address. Returns how many e-mails were sent.

    While the mail server is down, unanswered requests wait for the next run, at most EXPIRES_AFTER.
    """
    now = timezone.now()
    ForgottenRequest.objects.filter(at__lt=now - EXPIRES_AFTER).delete()
    requests = list(ForgottenRequest.objects.order_by("pk")[:BATCH_SIZE])
    owners = accounts_by_login_name(each.username for each in requests)
    return letters.send_until_server_fails(answer_request(request, owners, now) for request in requests)


def answer_request(request, owners, now):
    """Deletes the request. Returns whether the e-mail was sent, or None when there was none to send."""
    taken, _rows = ForgottenRequest.objects.filter(pk=request.pk).delete()
    owner = owners.pop(request.username, None)
    if taken and owner and owner.has_confirmed_email and may_get_letter(owner, now):
        return send_reset_link(owner)
    return None


def may_get_letter(owner, now):
    """Whether `owner` may get a link now: not while a colleague's reset is open, and at most LETTERS_A_DAY."""
    resets_of_owner = PasswordReset.objects.filter(user=owner)
    if resets_of_owner.live().exclude(started_by=None).exists():
        return False
    return resets_of_owner.filter(started_by=None, started_at__gt=now - LETTER_WINDOW).count() < LETTERS_A_DAY


def send_reset_link(owner):
    try:
        reset, halves = resets.start_reset(owner, by=None, way=PasswordReset.Way.LETTER)
    except ValidationError:
        return None
    is_sent = letters.send_link(reset, halves)
    kind = AccountEvent.Kind.SENT if is_sent else AccountEvent.Kind.NOT_SENT
    record_event(reset.user, kind, reset=reset)
    return is_sent
