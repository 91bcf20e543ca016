"""Sends e-mails: claimed by a conditional UPDATE, one e-mail per recipient, retried, and never lost silently.

A worker that dies while sending leaves its claim behind; after CLAIM_TIMEOUT another one takes over. At worst an e-mail
arrives twice; none is lost. The age of a claim is measured by the clock of the database, because the clocks of the
workers' machines may differ.
"""

import logging
from collections import Counter
from datetime import timedelta
from uuid import uuid4

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext

from accounts.models import StandIn, User
from reminders.calendar.workdays import current_calendar
from reminders.clock import SHANGHAI
from reminders.letter import write_letter
from reminders.models import Delivery, Parameter, Reminder
from reminders.steps import prepare_letters

logger = logging.getLogger(__name__)

CLAIM_TIMEOUT = timedelta(minutes=15)  # by the clock of the database
# For so long the unsent e-mail of a closed reminder is kept, in case the reminder is reopened.
REOPENING_PERIOD = timedelta(days=31)
FIRST_PAUSE = timedelta(minutes=5)
MAX_PAUSE = timedelta(hours=6)
FAILURES_IN_A_ROW = 3  # then the mail server is considered unreachable until the next beat

State = Delivery.State


def deliver(now):
    """Sends waiting e-mails if `now` is in working hours. Returns {delivered, undelivered}: numbers of e-mails.

    A failed e-mail waits longer after each attempt; after `delivery_attempts` it is marked as failed and shown.
    """
    local = now.astimezone(SHANGHAI)
    numbers = Parameter.objects.values_on(local.date())
    counts = Counter(delivered=0, undelivered=0)
    if not is_working_time(local, numbers):
        return counts
    prepare_letters(local.date(), numbers)
    drop_obsolete(now)
    release_claims_on_closed()
    give_up_abandoned(now, numbers["delivery_attempts"])
    failures = 0
    for reader in readers_waiting(now):
        sent = send_to(reader, now, numbers["delivery_attempts"])
        counts.update({"delivered": sent is True, "undelivered": sent is False})
        failures = 0 if sent else failures + (sent is False)
        if failures == FAILURES_IN_A_ROW:
            break
    return counts


def is_working_time(local, numbers):
    """Whether e-mails may be sent at `local` (a moment in Shanghai): on working days, in working hours."""
    return (
        current_calendar().is_working_day(local.date())
        and numbers["work_starts"] <= local.hour < numbers["work_ends"]
    )


def claimable(now):
    """E-mail rows that may be claimed: of open reminders, due or with a stale claim of a dead worker.

    Without a join, because a claim is an UPDATE that must check every row again after a concurrent claim has committed.
    """
    return unsent_deliveries(now).filter(reminder__in=Reminder.objects.open())


def unsent_deliveries(now):
    due = Q(state=State.PENDING) & (Q(not_before=None) | Q(not_before__lte=now))
    return Delivery.objects.filter(due | stale_claim_condition(), channel=Delivery.Channel.EMAIL)


def stale_claim_condition():
    """The condition that a claim is too old to belong to a running worker.

    A claim that far in the future was written before the clock was corrected, and counts as stale too.
    """
    is_old = Q(claimed_at__lte=Now() - CLAIM_TIMEOUT) | Q(claimed_at__gt=Now() + CLAIM_TIMEOUT)
    return Q(state=State.CLAIMED) & is_old


def drop_obsolete(now):
    """Drops unsent e-mails of reminders closed long ago or retired, and those without an entitled recipient.

    Entitled are active recipients of the reminder, and those who stand in for them today if it is not personal.
    """
    settled = Q(reminder__closed_at__lte=now - REOPENING_PERIOD) | Q(reminder__retired_at__isnull=False)
    gone = Q(recipient__is_active=False) | Q(recipient__wants_email=False) | Q(recipient__email="")
    standing_in = StandIn.objects.active_on(now.astimezone(SHANGHAI).date()).filter(
        stand_in=OuterRef("recipient"), absent=OuterRef("reminder__recipient")
    )
    of_others = ~Q(recipient=F("reminder__recipient"))
    closed_to = of_others & (Q(reminder__is_personal=True) | ~Exists(standing_in))
    needless = unsent_deliveries(now).filter(settled | gone | closed_to).values("pk")
    Delivery.objects.filter(pk__in=needless).update(state=State.DROPPED, claimed_by="")


def release_claims_on_closed():
    """Releases stale claims on e-mails of closed reminders, so that these can be sent if the reminder is reopened."""
    closed = Reminder.objects.filter(closed_at__isnull=False)
    stale = Delivery.objects.filter(
        stale_claim_condition(), channel=Delivery.Channel.EMAIL, reminder__in=closed
    )
    stale.update(state=State.PENDING, claimed_by="")


def give_up_abandoned(now, attempts):
    """Marks e-mails as failed whose worker died in each of `attempts` attempts."""
    hopeless = claimable(now).filter(state=State.CLAIMED, attempts__gte=attempts)
    hopeless.update(state=State.FAILED, claimed_by="", error=gettext("发送时中断"))


def readers_waiting(now):
    readers = claimable(now).order_by().values("recipient").distinct()
    return User.objects.filter(pk__in=readers).order_by("pk")


def send_to(reader, now, attempts):
    """Sends one e-mail with everything waiting for `reader`. Returns True if sent, False on failure, None if none."""
    claim = str(uuid4())
    if not claim_waiting(reader, claim, now):
        return None
    claimed = Delivery.objects.filter(claimed_by=claim)
    reader.request_day = now.astimezone(SHANGHAI).date()
    rows = split_readable(claimed, reader)
    if not rows:
        return None
    try:
        write_letter(reader, [row.reminder for row in rows], now).send()
    except Exception as problem:  # for any error the rows must be released and the failure recorded
        logger.warning("The e-mail to user %s failed", reader.pk, exc_info=True)
        schedule_retry(claimed, problem, now, attempts)
        return False
    # Rows reassigned or closed while being sent have been sent all the same, and are not sent again.
    claimed.update(state=State.SENT, sent_at=timezone.now(), error="", claimed_by="")
    return True


@transaction.atomic
def claim_waiting(reader, claim, now):
    """Claims everything waiting for `reader`. Locks the reader first, so that workers cannot deadlock on rows."""
    User.objects.select_for_update(no_key=True).get(pk=reader.pk)
    return (
        claimable(now)
        .filter(recipient=reader)
        .update(state=State.CLAIMED, claimed_by=claim, claimed_at=Now(), attempts=F("attempts") + 1)
    )


def split_readable(claimed, reader):
    """The claimed rows to send, with their reminders.

    Rows whose reminder was closed since the claim, or may no longer be read by `reader`, are released.
    """
    readable = Reminder.objects.visible_to(reader).open()
    still_open = claimed.filter(state=State.CLAIMED, reminder__in=readable).select_related("reminder")
    rows = list(still_open.order_by("reminder__due_on", "pk"))
    others = claimed.exclude(pk__in=[row.pk for row in rows])
    others.filter(state=State.CLAIMED).update(state=State.PENDING, claimed_by="")
    others.update(claimed_by="")
    return rows


def schedule_retry(claimed, problem, now, attempts):
    """Releases the rows of a failed e-mail: to be retried later, or marked as failed after `attempts` attempts."""
    error = f"{type(problem).__name__}: {problem}"[:300]
    claimed.exclude(state=State.CLAIMED).update(claimed_by="")  # rows dropped in the meantime stay dropped
    claimed.filter(attempts__gte=attempts).update(state=State.FAILED, claimed_by="", error=error)
    for tried in set(claimed.values_list("attempts", flat=True)):
        pause = min(FIRST_PAUSE * 2 ** (tried - 1), MAX_PAUSE)
        claimed.filter(attempts=tried).update(
            not_before=now + pause, state=State.PENDING, claimed_by="", error=error
        )


def send_again(deliveries):
    """Puts failed rows (a queryset) back in the queue with all attempts. Returns their number."""
    return deliveries.filter(state=State.FAILED).update(
        state=State.PENDING, attempts=0, not_before=None, error=""
    )
