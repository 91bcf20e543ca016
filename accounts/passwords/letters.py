"""Letters about somebody's password: at any hour, retried with longer pauses, and shown when they have failed.

A claim is made and found to be stale by the clock of the database, as in reminders.deliveries.
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

logger = logging.getLogger(__name__)

State = SecurityLetter.State
CLAIM_TIMEOUT = timedelta(minutes=15)  # by the clock of the database
RETRY_PAUSE = timedelta(
    minutes=2
)  # doubled after each try: the last of ATTEMPTS is made some four hours after the first
MAX_ATTEMPTS = 8
BATCH_SIZE = 50
FAILURES_IN_A_ROW = 3  # after so many the mail server is taken to be away, and the next beat tries again


def queue_letter(user, about, sentence, *, address=""):
    """Puts one letter in the queue, in the person's language. `sentence` is called to say what has happened.

    It goes to the address the person has confirmed, else to the one of the account; it never holds a code.
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
    """Sends what waits. Returns how many went out; each letter is claimed first, so two workers send none twice."""
    now = timezone.now()
    due = Q(state=State.PENDING, not_before__lte=now)
    waiting = SecurityLetter.objects.filter(due | stale_claim_condition())
    return send_until_server_fails(_send(letter, now) for letter in waiting[:BATCH_SIZE])


def stale_claim_condition():
    """The condition that a claim is no living worker's: too old, or written by a clock that was put right since."""
    is_old = Q(not_before__lte=Now() - CLAIM_TIMEOUT) | Q(not_before__gt=Now() + CLAIM_TIMEOUT)
    return Q(state=State.CLAIMED) & is_old


def send_until_server_fails(tries):
    """Goes on until the mail server has refused FAILURES_IN_A_ROW letters. Returns how many went out.

    Each of `tries` gives True when a letter was sent, False when it failed, None when there was none to send.
    """
    sent = failures = 0
    for is_sent in tries:
        sent += is_sent is True
        failures = 0 if is_sent else failures + (is_sent is False)
        if failures == FAILURES_IN_A_ROW:
            break
    return sent


def _send(letter, now):
    seen = SecurityLetter.objects.filter(pk=letter.pk, state=letter.state, attempts=letter.attempts)
    if not seen.update(state=State.CLAIMED, not_before=Now(), attempts=F("attempts") + 1):
        return None
    tried = letter.attempts + 1
    mine = SecurityLetter.objects.filter(pk=letter.pk, attempts=tried)
    try:
        EmailMessage(letter.subject, letter.text, to=[letter.address]).send()
    except Exception as problem:  # whatever it was, the letter must be tried again and the failure seen
        logger.warning("A letter about an account failed", exc_info=True)
        state = State.FAILED if tried >= MAX_ATTEMPTS else State.PENDING
        error = f"{type(problem).__name__}: {problem}"[:300]
        mine.update(state=state, error=error, not_before=now + RETRY_PAUSE * 2 ** (tried - 1))
        return False
    mine.update(state=State.SENT, error="")
    return True


def send_link(reset, halves):
    """The letter with the code itself, sent now and kept nowhere. Returns whether the mail server took it."""
    user = reset.user
    with translation.override(user.language):
        told = {
            "name": user.name,
            "link": f"{settings.SITE_URL}/activate/#{'.'.join(halves)}",
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
            % told
        )
    try:
        EmailMessage(subject, text, to=[user.confirmed_email]).send()
    except Exception as problem:  # the one who started it is told, and may choose the slip
        logger.warning("A link for a new password was not sent: %s", type(problem).__name__)
        return False
    return True
