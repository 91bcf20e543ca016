"""Rate limits of the public portal: attempts of an IP address within ten minutes, and the work they cause.

Work is measured in bytes sent and in pixels to be decoded, because five forms may cost as much as five thousand.

An attempt is stored first and counted afterwards, so that simultaneous attempts cannot all pass. The IP address is
stored as a keyed hash that changes daily, for two days at most (complaints.clocks.sweep.correct_open_complaints).
"""

import math
import secrets
from datetime import timedelta

from django.db.models import Count, Min, Sum
from django.utils.crypto import salted_hmac

from accounts.login.throttle import client_address
from complaints.models import Attempt
from reminders import clock
from reminders.models import Parameter

WINDOW = timedelta(minutes=10)
FORM, CODE, MESSAGE, PICTURES = "form", "code", "message", "pictures"
LIMIT_PARAMETERS = {FORM: "portal_submissions", CODE: "portal_code_tries", MESSAGE: "portal_messages"}
MAX_REPEATS = 12  # how often, on average, a form may be submitted again: errors, back button, double clicks
SALT = "complaints.portal.limits"
WORK_NAME_LENGTH = 3  # characters of the hash in the slot name of an address: 4096 names, rarely shared
# Characters of the hash of the IP address, and of the hash of the content sent.
ADDRESS_HASH_LENGTH, CONTENT_HASH_LENGTH = 40, 24


def keyed_hash(text, places):
    return salted_hmac(SALT, text, algorithm="sha256").hexdigest()[:places]


def register_attempt(request, door, *, today, mark=""):
    """Stores an attempt at `door` and returns for how many seconds it is locked; 0 when it is allowed.

    Attempts with the same `mark`, the same form submitted again, count as one; their bytes count each time.
    """
    address = address_hash(request, today)
    key = address + keyed_hash(mark or secrets.token_hex(), CONTENT_HASH_LENGTH)
    attempt = Attempt.objects.create(
        sender_hash=key, door=door, at=clock.now(), bytes=announced_bytes(request)
    )
    recent = recent_attempts(address, attempt.at)
    counted = recent.filter(door=door).aggregate(
        forms=Count("sender_hash", distinct=True), tries=Count("pk"), first=Min("at")
    )
    limit = Parameter.objects.value_on(LIMIT_PARAMETERS[door], today)
    if counted["tries"] > limit * MAX_REPEATS:
        attempt.delete()  # the table stays small however many attempts are made
    if counted["forms"] > limit or counted["tries"] > limit * MAX_REPEATS:
        return seconds_until_open(counted["first"], attempt.at)
    return over_budget(
        attempt, recent, "bytes", Parameter.objects.value_on("portal_window_megabytes", today) << 20
    )


def record_pixels(request, pixels, *, today):
    """Stores that `pixels` are to be decoded for this IP address. Returns the seconds to wait, 0 when allowed."""
    if not pixels:
        return 0
    address = address_hash(request, today)
    attempt = Attempt.objects.create(
        sender_hash=address + keyed_hash(secrets.token_hex(), CONTENT_HASH_LENGTH),
        door=PICTURES,
        at=clock.now(),
        pixels=pixels,
    )
    most = Parameter.objects.value_on("portal_window_megapixels", today) * 1_000_000
    return over_budget(attempt, recent_attempts(address, attempt.at), "pixels", most)


def work_name(request, today):
    """The name of the slot of this IP address; there are only 4096 names, because each makes a file."""
    return f"pictures-of-{address_hash(request, today)[:WORK_NAME_LENGTH]}"


def over_budget(mine, recent, what, most):
    """Seconds to wait when the sum of `recent` exceeds `most`, else 0.

    `mine` is deleted then, because no work is done for it.
    """
    counted = recent.filter(**{f"{what}__gt": 0}).aggregate(total=Sum(what), first=Min("at"))
    if (counted["total"] or 0) <= most:
        return 0
    mine.delete()
    return seconds_until_open(counted["first"], mine.at)


def address_hash(request, today):
    return keyed_hash(f"{today}:{client_address(request)}", ADDRESS_HASH_LENGTH)


def recent_attempts(sender_hash, now):
    return Attempt.objects.filter(
        sender_hash__gt=sender_hash, sender_hash__lt=f"{sender_hash}g", at__gt=now - WINDOW
    )


def seconds_until_open(first, now):
    return max(1, math.ceil((first + WINDOW - now).total_seconds()))


def announced_bytes(request):
    """The Content-Length of the request; a body without one was refused before (lezhi.middleware.body_limit)."""
    announced = request.META.get("CONTENT_LENGTH") or ""
    return int(announced) if announced.isascii() and announced.isdigit() and len(announced) < 16 else 0
