"""How often one address may knock at the public door within ten minutes.

A knock is written down first and counted then, so that tries at the same moment cannot all find the door open. The
address is kept as a keyed hash that changes each day, and for two days at most (complaints.sweep.forget_knocks).
"""

import math
import secrets
from datetime import timedelta

from django.db.models import Count, Min
from django.utils.crypto import salted_hmac

from accounts.door import client_address
from complaints.models import Knock
from reminders import clock
from reminders.models import Parameter

WINDOW = timedelta(minutes=10)
FORM, CODE, MESSAGE = "form", "code", "message"
NUMBERS = {FORM: "portal_submissions", CODE: "portal_code_tries", MESSAGE: "portal_messages"}
REPEATS = 12  # how often, on average, one form may be sent again: slips, a step back, a nervous finger
SALT = "complaints.portal.limits"
HAND, MARK = 40, 24  # places of the hash of the address, and of the hash of what was sent


def hashed(text, places):
    return salted_hmac(SALT, text, algorithm="sha256").hexdigest()[:places]


def knock(request, door, *, today, mark=""):
    """Writes down one try at `door` and says for how many seconds it stays shut; 0 lets in.

    Tries with the same `mark`, which are the same form sent again, count as one.
    """
    now = clock.now()
    hand = hashed(f"{today}:{client_address(request)}", HAND)
    mine = Knock.objects.create(hand=hand + hashed(mark or secrets.token_hex(), MARK), door=door, at=now)
    recent = Knock.objects.filter(hand__gt=hand, hand__lt=f"{hand}g", door=door, at__gt=now - WINDOW)
    counted = recent.aggregate(forms=Count("hand", distinct=True), tries=Count("pk"), first=Min("at"))
    limit = Parameter.objects.value_on(NUMBERS[door], today)
    if counted["forms"] <= limit and counted["tries"] <= limit * REPEATS:
        return 0
    if counted["tries"] > limit * REPEATS:
        mine.delete()  # the table stays small, however long somebody keeps knocking
    return max(1, math.ceil((counted["first"] + WINDOW - now).total_seconds()))
