"""E-mails about passwords: sent at any hour, retried after growing pauses; failures are shown on the account page.

The clock of the database decides when a claim was made and when it is stale, as in reminders.deliveries.
"""

import logging
from datetime import timedelta

from django.conf import settings
from django.core.mail import EmailMessage
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from accounts.models import SecurityLetter
from accounts.passwords.codes import SEPARATOR

logger = logging.getLogger(__name__)

State = SecurityLetter.State
CLAIM_TIMEOUT = timedelta(minutes=15)  # by the clock of the database
RETRY_PAUSE = timedelta(minutes=2)  # doubled after each attempt: the last is made four hours after the first
MAX_ATTEMPTS = 8
BATCH_SIZE = 50
FAILURES_IN_A_ROW = 3  # then the mail server counts as down until the next run


def queue_letter(user, about, sentence, *, address=""):
    """Queues one e-mail in the language of the user; `sentence` is called to describe the event.

    It is sent to the confirmed address, else to the address of the account; it never contains a code. Returns the
    SecurityLetter, or None when there is no address.
    """
    to = address or user.confirmed_email or user.email
    if not to:
        return None
    with translation.override(user.language):
        text = _(
            "%(name)s，您好：\n\n%(sentence)s\n\n是您自己要的，就不用管这封信。"
            "不是您要的，请马上告诉总干事或理事会，并在乐知里改密码：\n%(site)s\n"
        ) % {"name": user.name, "sentence": sentence(), "site": settings.SITE_URL}
        subject = _("乐知：您的账号有变动")
    now = timezone.now()
    return SecurityLetter.objects.create(
        user=user, about=about, address=to, subject=subject, text=text, written_at=now, not_before=now
    )


def send_due():
    """Sends due e-mails. Returns how many were sent.

    Each e-mail is claimed first, so that two workers do not send it twice.
    """
    now = timezone.now()
    due = Q(state=State.PENDING, not_before__lte=now)
    waiting = SecurityLetter.objects.filter(due | stale_claim_condition())
    return send_until_server_fails(_send(letter, now) for letter in waiting[:BATCH_SIZE])


def stale_claim_condition():
    """The condition that a claim belongs to no running worker.

    It is too old, or in the future because the clock was corrected since.
    """
    is_old = Q(not_before__lte=Now() - CLAIM_TIMEOUT) | Q(not_before__gt=Now() + CLAIM_TIMEOUT)
    return Q(state=State.CLAIMED) & is_old


def send_until_server_fails(tries):
    """Sends until the mail server has refused FAILURES_IN_A_ROW e-mails. Returns how many were sent.

    Each of `tries` yields True when an e-mail was sent, False when it failed, None when there was none to send.
    """
    sent = failures = 0
    for is_sent in tries:
        sent += is_sent is True
        failures = 0 if is_sent else failures + (is_sent is False)
        if failures == FAILURES_IN_A_ROW:
            break
    return sent


def _send(letter, now):
    unclaimed = SecurityLetter.objects.filter(pk=letter.pk, state=letter.state, attempts=letter.attempts)
    if not unclaimed.update(state=State.CLAIMED, not_before=Now(), attempts=F("attempts") + 1):
        return None
    tried = letter.attempts + 1
    mine = SecurityLetter.objects.filter(pk=letter.pk, attempts=tried)
    try:
        EmailMessage(letter.subject, letter.text, to=[letter.address]).send()
    except Exception as problem:  # whatever the error, it must be retried and the failure shown
        logger.warning("An e-mail about an account could not be sent", exc_info=True)
        state = State.FAILED if tried >= MAX_ATTEMPTS else State.PENDING
        error = f"{type(problem).__name__}: {problem}"[:300]
        mine.update(state=state, error=error, not_before=now + RETRY_PAUSE * 2 ** (tried - 1))
        return False
    mine.update(state=State.SENT, error="")
    return True


def send_link(reset, halves):
    """Sends the e-mail with the code itself, now; it is not stored. Returns whether the mail server accepted it."""
    user = reset.user
    with translation.override(user.language):
        words = {
            "name": user.name,
            "link": f"{settings.SITE_URL}/activate/#{SEPARATOR.join(halves)}",
            "first": halves[0],
            "second": halves[1],
            "page": f"{settings.SITE_URL}/activate/",
            "hours": settings.RESET_HOURS[reset.way],
        }
        subject = _("乐知：设一个新密码")
        text = (
            _(
                "%(name)s，您好：\n\n打开下面的链接，设一个新密码：\n%(link)s\n\n"
                "链接打不开，就打开 %(page)s ，输入两段码：\n%(first)s\n%(second)s\n\n"
                "%(hours)d小时内有效，只能用一次，请不要转给别人。不是您要的，不用管它，原来的密码照旧；"
                "要是您没有请人重设，请告诉总干事或理事会。\n"
            )
            % words
        )
    try:
        EmailMessage(subject, text, to=[user.confirmed_email]).send()
    except Exception as problem:  # shown to the user who started it, who may use a slip instead
        logger.warning("A link for a new password was not sent: %s", type(problem).__name__)
        return False
    return True
