"""How often somebody may knock: wrong passwords are counted by account and address, by account and by address.

The account is what was typed, folded, whether it exists or not; so nothing tells the two apart. A browser that this
account has logged in from before (accounts.login.devices) has a count of its own: strangers neither fill nor shut it.
"""

import ipaddress
import math
import unicodedata
from datetime import timedelta

from axes.handlers.database import AxesDatabaseHandler
from axes.helpers import get_client_username
from axes.models import AccessAttempt
from django.conf import settings
from django.db.models import Count, F, Max, Q, Sum
from django.shortcuts import render
from django.utils import timezone

from accounts.login import devices
from accounts.models import Lockout, User

MAX_NAME_LENGTH = AccessAttempt._meta.get_field("username").max_length
COOL_OFF = settings.AXES_COOLOFF_TIME
DEVICE_SUFFIX = (
    " device:"  # begins with a space, as no folded name does: nobody can type the count of a device
)
CODES_SUFFIX = " code"  # wrong codes for a new password, and letters asked for, each by address alone
LETTERS_SUFFIX = " letter"


def normalized_login_name(username):
    """The typed name as it is counted: all spellings that reach one account are one; no longer than the table holds."""
    return unicodedata.normalize("NFKC", username or "").strip().upper().lower()[:MAX_NAME_LENGTH]


def attempted_name(request, credentials=None):
    """The folded name of this try, whoever tries."""
    typed = (credentials or {}).get("username")
    return normalized_login_name(typed if typed is not None else request.POST.get("username"))


def counted_name(request, credentials=None):
    """Axes' question under which name to count this try: the typed one, or that of the known browser."""
    name = attempted_name(request, credentials)
    if not devices.device_tokens(request):
        return name
    known = request.__dict__.setdefault("counted_names", {})
    if name not in known:
        known[name] = device_name(request, name) or name
    return known[name]


def device_name(request, name):
    """The name under which tries from this browser at the account `name` are counted, or None for a stranger."""
    user = User.objects.active().with_login_name(name).first()
    mark = user and devices.device_token_of(request, user)
    return f"{DEVICE_SUFFIX}{devices.account_key(user)}:{mark.number}" if mark else None


def limits_for(request, credentials=None):
    """The limit of each way of counting, in the order of settings.LOGIN_LIMITS.

    A known browser has as many tries as an account at one address, wherever it is; what others do at its address
    does not count against it.
    """
    limits = settings.LOGIN_LIMITS
    if not counted_name(request, credentials).startswith(DEVICE_SUFFIX):
        return list(limits.values())
    own = limits["username and ip_address"]
    return [own, own, math.inf]


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


class LoginThrottleHandler(AxesDatabaseHandler):
    """Axes with a limit for each way of counting (settings.LOGIN_LIMITS) instead of one for all."""

    def get_failures(self, request, credentials=None):
        """The fullest count, in units of AXES_FAILURE_LIMIT: it is reached when any of the limits is."""
        limits = limits_for(request, credentials)
        counts = [_attempt_count(attempts) for attempts in self.get_user_attempts(request, credentials)]
        whole = settings.AXES_FAILURE_LIMIT
        return max(int(count * whole // limit) for count, limit in zip(counts, limits, strict=True))

    def user_login_failed(self, sender, credentials, request=None, **kwargs):
        """The try that shuts the account leaves a Lockout, of which the person is told."""
        was_shut = getattr(request, "axes_locked_out", False)
        answer = super().user_login_failed(sender, credentials, request, **kwargs)
        if request is not None and request.axes_locked_out and not was_shut:
            record_lockout(attempted_name(request, credentials), counted_name(request, credentials))
        return answer

    def reset_user_attempts(self, request, credentials=None):
        """A log-in forgives one's own slips at this address, never the tries at other accounts or from elsewhere."""
        name = get_client_username(request, credentials)
        own = AccessAttempt.objects.filter(username=name)
        if not name.startswith(DEVICE_SUFFIX):
            own = own.filter(ip_address=request.axes_ip_address)
        return own.delete()[0]

    def minutes_left(self, request, credentials=None):
        """How long the door stays shut at most, in whole minutes, at least 1."""
        latest = [
            attempts.aggregate(at=Max("attempt_time"))["at"]
            for attempts in self.exceeded_counts(request, credentials)
        ]
        seconds = max(((at + COOL_OFF - timezone.now()).total_seconds() for at in latest), default=0)
        return max(1, math.ceil(seconds / 60))

    def exceeded_counts(self, request, credentials=None):
        """The counts that have reached their limit."""
        counted = zip(
            self.get_user_attempts(request, credentials), limits_for(request, credentials), strict=True
        )
        return [attempts for attempts, limit in counted if _attempt_count(attempts) >= limit]


def _attempt_count(attempts):
    return attempts.aggregate(tries=Sum("failures_since_start"))["tries"] or 0


def lockout_response(request, response=None, credentials=None):
    """The page for who has knocked too often; 429, with the minutes to wait in words and in Retry-After."""
    minutes = LoginThrottleHandler().minutes_left(request, credentials)
    answer = render(request, "accounts/locked.html", {"minutes": minutes}, status=429)
    answer.headers["Retry-After"] = str(minutes * 60)
    answer.headers["Cache-Control"] = "no-store"
    return answer


def record_lockout(name, counted_as):
    """Keeps how many tries from how many addresses have shut the account `name`: the same work for any name."""
    now = timezone.now()
    tried = AccessAttempt.objects.filter(username__in={name, counted_as}, attempt_time__gte=now - COOL_OFF)
    counted = tried.aggregate(tries=Sum("failures_since_start"), addresses=Count("ip_address", distinct=True))
    if counted["tries"]:
        slot = int(now.timestamp() // COOL_OFF.total_seconds())
        noted = Lockout(username=name, slot=slot, at=now, **counted)
        Lockout.objects.bulk_create(
            [noted],
            update_conflicts=True,
            unique_fields=["username", "slot"],
            update_fields=["at", "tries", "addresses"],
        )


def attempts_at(user):
    """The counted tries at this account, those from its known browsers too."""
    devices_of = Q(username__startswith=f"{DEVICE_SUFFIX}{devices.account_key(user)}:")
    return AccessAttempt.objects.filter(Q(username=normalized_login_name(user.username)) | devices_of)


def is_locked_out(user):
    """Whether wrong tries keep this account shut, at some address or in a browser it knows."""
    tries = attempts_at(user).filter(attempt_time__gte=timezone.now() - COOL_OFF)
    by_address = tries.order_by().values("username", "ip_address").annotate(tries=Sum("failures_since_start"))
    counts = [(each["username"], each["tries"]) for each in by_address]
    at_one = max((count for _name, count in counts), default=0) >= settings.AXES_FAILURE_LIMIT
    from_strangers = sum(count for name, count in counts if not name.startswith(DEVICE_SUFFIX))
    return at_one or from_strangers >= settings.LOGIN_LIMITS["username"]


def reset_attempts(user):
    """Forget the wrong tries at this account."""
    attempts_at(user).delete()


def count_attempt_by_address(request, what):
    """Counts one try at `what` (CODES, LETTERS) from the address that asks."""
    counted = {"username": what, "ip_address": client_address(request), "user_agent": ""}
    now = timezone.now()
    fresh = AccessAttempt.objects.filter(**counted, attempt_time__gte=now - COOL_OFF)
    if not fresh.update(failures_since_start=F("failures_since_start") + 1):
        AccessAttempt.objects.filter(**counted).delete()
        attempt = AccessAttempt(**counted, failures_since_start=1, http_accept="", path_info="")
        AccessAttempt.objects.bulk_create([attempt], ignore_conflicts=True)


def minutes_blocked_by_address(request, what):
    """For how many minutes `what` stays shut at the address that asks; 0 while it may try."""
    counted = AccessAttempt.objects.filter(
        username=what,
        ip_address=client_address(request),
        attempt_time__gte=timezone.now() - COOL_OFF,
        failures_since_start__gte=settings.TRIES_BY_ADDRESS,
    ).first()
    left = counted.attempt_time + COOL_OFF - timezone.now() if counted else timedelta()
    return math.ceil(left.total_seconds() / 60)
