"""How often somebody may knock: wrong passwords are counted by account and address, by account and by address.

The account is what was typed, folded, whether it exists or not; so nothing tells the two apart.
"""

import ipaddress
import math
import unicodedata
from datetime import timedelta

from axes.handlers.database import AxesDatabaseHandler
from axes.helpers import get_client_username
from axes.models import AccessAttempt
from django.conf import settings
from django.db.models import Max, Sum
from django.shortcuts import render
from django.utils import timezone

LONGEST_NAME = AccessAttempt._meta.get_field("username").max_length
COOL_OFF = timedelta(hours=settings.AXES_COOLOFF_TIME)


def folded(username):
    """The typed name as it is counted: all spellings that reach one account are one; no longer than the table holds."""
    return unicodedata.normalize("NFKC", username or "").strip().upper().lower()[:LONGEST_NAME]


def counted_name(request, credentials=None):
    """Axes' question under which name to count this try."""
    typed = (credentials or {}).get("username")
    return folded(typed if typed is not None else request.POST.get("username"))


def client_address(request):
    """The address that knocks, as text, or None when the server does not know it.

    X-Forwarded-For counts only as far as proxies of ours have written it (TRUSTED_PROXIES, counted from the right):
    what stands further left, or arrives without a proxy of ours, is the caller's own claim. Of an IPv6 address the
    network counts (/64), because one subscriber owns all addresses of it.
    """
    seen_by_us = request.META.get("REMOTE_ADDR")
    claimed = [part.strip() for part in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")]
    trusted = settings.TRUSTED_PROXIES
    if trusted and len(claimed) >= trusted:
        return network_of(claimed[-trusted]) or network_of(seen_by_us)
    return network_of(seen_by_us)


def network_of(text):
    """The IPv4 address, or the /64 of the IPv6 address; None when `text` is neither."""
    try:
        address = ipaddress.ip_address((text or "").partition("%")[0])
    except ValueError:
        return None
    if address.version == 4:
        return str(address)
    if address.ipv4_mapped:
        return str(address.ipv4_mapped)
    return str(ipaddress.ip_network((address, 64), strict=False).network_address)


class DoorHandler(AxesDatabaseHandler):
    """Axes with a limit for each way of counting (settings.LOGIN_LIMITS) instead of one for all."""

    def get_failures(self, request, credentials=None):
        """The fullest count, in units of AXES_FAILURE_LIMIT: it is reached when any of the limits is."""
        limits = settings.LOGIN_LIMITS.values()
        counts = [_tries(attempts) for attempts in self.get_user_attempts(request, credentials)]
        whole = settings.AXES_FAILURE_LIMIT
        return max(count * whole // limit for count, limit in zip(counts, limits, strict=True))

    def reset_user_attempts(self, request, credentials=None):
        """A log-in forgives one's own slips at this address, never the tries at other accounts or from elsewhere."""
        own = AccessAttempt.objects.filter(
            username=get_client_username(request, credentials), ip_address=request.axes_ip_address
        )
        return own.delete()[0]

    def minutes_left(self, request, credentials=None):
        """How long the door stays shut at most, in whole minutes, at least 1."""
        latest = [
            attempts.aggregate(at=Max("attempt_time"))["at"] for attempts in self.shut(request, credentials)
        ]
        seconds = max(((at + COOL_OFF - timezone.now()).total_seconds() for at in latest), default=0)
        return max(1, math.ceil(seconds / 60))

    def shut(self, request, credentials=None):
        """The counts that have reached their limit."""
        counted = zip(
            self.get_user_attempts(request, credentials), settings.LOGIN_LIMITS.values(), strict=True
        )
        return [attempts for attempts, limit in counted if _tries(attempts) >= limit]


def _tries(attempts):
    return attempts.aggregate(tries=Sum("failures_since_start"))["tries"] or 0


def locked(request, response=None, credentials=None):
    """The page for who has knocked too often; 429, with the minutes to wait in words and in Retry-After."""
    minutes = DoorHandler().minutes_left(request, credentials)
    answer = render(request, "accounts/locked.html", {"minutes": minutes}, status=429)
    answer.headers["Retry-After"] = str(minutes * 60)
    answer.headers["Cache-Control"] = "no-store"
    return answer


def is_shut_for(user):
    """Whether wrong tries keep this account shut at any address."""
    tries = AccessAttempt.objects.filter(
        username=folded(user.username), attempt_time__gte=timezone.now() - COOL_OFF
    )
    by_address = tries.order_by().values("ip_address").annotate(tries=Sum("failures_since_start"))
    counts = list(by_address.values_list("tries", flat=True))
    at_one = max(counts, default=0) >= settings.AXES_FAILURE_LIMIT
    return at_one or sum(counts) >= settings.LOGIN_LIMITS["username"]


def release(user):
    """Forget the wrong tries at this account."""
    AccessAttempt.objects.filter(username=folded(user.username)).delete()
