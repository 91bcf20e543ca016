"""How often one address may knock at the public door within ten minutes, and how much work it may make there.

Work is counted in bytes that were sent and in pixels that are to be decoded, because five forms may cost as much as
five thousand.

A knock is written down first and counted then, so that tries at the same moment cannot all find the door open. The
address is kept as a keyed hash that changes each day, and for two days at most (complaints.clocks.sweep.forget_knocks).
"""

import math
import secrets
from datetime import timedelta

from django.db.models import Count, Min, Sum
from django.utils.crypto import salted_hmac

from accounts.login.throttle import client_address
from complaints.models import Knock
from reminders import clock
from reminders.models import Parameter

WINDOW = timedelta(minutes=10)
FORM, CODE, MESSAGE, PICTURES = "form", "code", "message", "pictures"
LIMIT_PARAMETERS = {FORM: "portal_submissions", CODE: "portal_code_tries", MESSAGE: "portal_messages"}
MAX_REPEATS = 12  # how often, on average, one form may be sent again: slips, a step back, a nervous finger
SALT = "complaints.portal.limits"
WORK_NAME_LENGTH = 3  # places of the hash that name the work of an address: two of 4096 are seldom the same
ADDRESS_HASH_LENGTH, CONTENT_HASH_LENGTH = (
    40,
    24,
)  # places of the hash of the address, and of the hash of what was sent


def keyed_hash(text, places):
    return salted_hmac(SALT, text, algorithm="sha256").hexdigest()[:places]


def register_attempt(request, door, *, today, mark=""):
    """Writes down one try at `door` and says for how many seconds it stays shut; 0 lets in.

    Tries with the same `mark`, which are the same form sent again, count as one; their bytes count each time.
    """
    hand = address_hash(request, today)
    key = hand + keyed_hash(mark or secrets.token_hex(), CONTENT_HASH_LENGTH)
    mine = Knock.objects.create(hand=key, door=door, at=clock.now(), bytes=announced_bytes(request))
    recent = recent_attempts(hand, mine.at)
    counted = recent.filter(door=door).aggregate(
        forms=Count("hand", distinct=True), tries=Count("pk"), first=Min("at")
    )
    limit = Parameter.objects.value_on(LIMIT_PARAMETERS[door], today)
    if counted["tries"] > limit * MAX_REPEATS:
        mine.delete()  # the table stays small, however long somebody keeps knocking
    if counted["forms"] > limit or counted["tries"] > limit * MAX_REPEATS:
        return seconds_until_open(counted["first"], mine.at)
    return over_budget(
        mine, recent, "bytes", Parameter.objects.value_on("portal_window_megabytes", today) << 20
    )


def spend_pixels(request, pixels, *, today):
    """Writes down that `pixels` are to be decoded for this address; seconds to wait when that is too many, else 0."""
    if not pixels:
        return 0
    hand = address_hash(request, today)
    mine = Knock.objects.create(
        hand=hand + keyed_hash(secrets.token_hex(), CONTENT_HASH_LENGTH),
        door=PICTURES,
        at=clock.now(),
        pixels=pixels,
    )
    most = Parameter.objects.value_on("portal_window_megapixels", today) * 1_000_000
    return over_budget(mine, recent_attempts(hand, mine.at), "pixels", most)


def work_name(request, today):
    """The name of the work this address makes; a few thousand names in all, so that a file for each is not many."""
    return f"pictures-of-{address_hash(request, today)[:WORK_NAME_LENGTH]}"


def over_budget(mine, recent, what, most):
    """Seconds to wait when all of `recent` together is more than `most`, else 0.

    `mine`, for which no work is done then, is taken back.
    """
    counted = recent.filter(**{f"{what}__gt": 0}).aggregate(total=Sum(what), first=Min("at"))
    if (counted["total"] or 0) <= most:
        return 0
    mine.delete()
    return seconds_until_open(counted["first"], mine.at)


def address_hash(request, today):
    return keyed_hash(f"{today}:{client_address(request)}", ADDRESS_HASH_LENGTH)


def recent_attempts(hand, now):
    return Knock.objects.filter(hand__gt=hand, hand__lt=f"{hand}g", at__gt=now - WINDOW)


def seconds_until_open(first, now):
    return max(1, math.ceil((first + WINDOW - now).total_seconds()))


def announced_bytes(request):
    """The announced length; a body without one is refused before (lezhi.middleware.body_limit)."""
    announced = request.META.get("CONTENT_LENGTH") or ""
    return int(announced) if announced.isascii() and announced.isdigit() and len(announced) < 16 else 0
