"""Links that people ask for on the log-in page: answered by the worker, so that the page tells nothing by its time."""

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
LETTERS_A_DAY = 3  # for one account; a stranger who knows the name cannot fill the mailbox


def answer_requests():
    """Sends a link to those who asked and have confirmed their address. Returns how many letters went out.

    When the mail server is away, those who have not been answered wait for the next beat, for EXPIRES_AFTER at most.
    """
    now = timezone.now()
    ForgottenRequest.objects.filter(at__lt=now - EXPIRES_AFTER).delete()
    asked = list(ForgottenRequest.objects.order_by("pk")[:BATCH_SIZE])
    owners = accounts_by_login_name(each.username for each in asked)
    return letters.send_until_server_fails(answer_request(request, owners, now) for request in asked)


def answer_request(request, owners, now):
    """Takes the request out. Returns whether the letter was sent, None when there was none to send."""
    taken, _rows = ForgottenRequest.objects.filter(pk=request.pk).delete()
    owner = owners.pop(request.username, None)
    if taken and owner and owner.has_confirmed_email and may_get_letter(owner, now):
        return send_reset_link(owner)
    return None


def may_get_letter(owner, now):
    """Not while a colleague's reset is under way, and not too often."""
    mine = PasswordReset.objects.filter(user=owner)
    if mine.live().exclude(started_by=None).exists():
        return False
    return mine.filter(started_by=None, started_at__gt=now - LETTER_WINDOW).count() < LETTERS_A_DAY


def send_reset_link(owner):
    try:
        reset, halves = resets.start_reset(owner, by=None, way=PasswordReset.Way.LETTER)
    except ValidationError:
        return None
    is_sent = letters.send_link(reset, halves)
    kind = AccountEvent.Kind.SENT if is_sent else AccountEvent.Kind.NOT_SENT
    record_event(reset.user, kind, reset=reset)
    return is_sent
