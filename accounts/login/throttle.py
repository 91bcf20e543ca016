"""Limits on failed logins: wrong passwords are counted by account and IP address, by account, and by IP address.

The account is the typed name, normalized, whether it exists or not; so the responses do not reveal which names exist.
A browser from which this account has logged in before (accounts.login.devices) has its own count: strangers neither
add to it nor lock it.
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
# Names under which attempts are counted that are at no typed name. All start with a space, which no normalized name
# does, so that no typed name can equal one of these.
DEVICE_PREFIX = " device:"  # the account and the number of its known browser follow
CODES_NAME = " code"  # wrong codes for a new password, and requested e-mails: counted by IP address only
LETTERS_NAME = " letter"


def normalized_login_name(username):
    """Returns the typed name as it is counted: the same for all spellings that reach one account.

    Cut to the length of the column.
    """
    return unicodedata.normalize("NFKC", username or "").strip().upper().lower()[:MAX_NAME_LENGTH]


def attempted_name(request, credentials=None):
    """Returns the normalized name of this attempt, from the credentials or the form."""
    typed = (credentials or {}).get("username")
    return normalized_login_name(typed if typed is not None else request.POST.get("username"))


def counted_name(request, credentials=None):
    """Callback of Axes: returns the name that counts this attempt, the typed one or that of a known browser."""
    name = attempted_name(request, credentials)
    if not devices.device_tokens(request):
        return name
    known = request.__dict__.setdefault("counted_names", {})
    if name not in known:
        known[name] = device_name(request, name) or name
    return known[name]


def device_name(request, name):
    """Returns the name for counting attempts of a browser known to the account `name`; None if it is unknown."""
    user = User.objects.active().with_login_name(name).first()
    token = user and devices.device_token_of(request, user)
    return f"{DEVICE_PREFIX}{devices.account_key(user)}:{token.number}" if token else None


def limits_for(request, credentials=None):
    """Returns the limit of each count, in the order of settings.LOGIN_LIMITS.

    A known browser has as many attempts as an account at one IP address, wherever it is; attempts by others at its
    address do not count against it.
    """
    limits = settings.LOGIN_LIMITS
    if not counted_name(request, credentials).startswith(DEVICE_PREFIX):
        return list(limits.values())
    own = limits["username and ip_address"]
    return [own, own, math.inf]


def client_address(request):
    """Returns the IP address of the client as text, or None when it is unknown.

    X-Forwarded-For is used only if it was written by proxies of ours (TRUSTED_PROXIES entries, counted from the
    right); entries further left, or without such a proxy, may be forged by the client. IPv6 addresses are counted by
    network (/64), because one subscriber owns all addresses of it.
    """
    peer = request.META.get("REMOTE_ADDR")
    claimed = [part.strip() for part in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")]
    trusted = settings.TRUSTED_PROXIES
    if trusted and len(claimed) >= trusted:
        return network_of(claimed[-trusted]) or network_of(peer)
    return network_of(peer)


def network_of(text):
    """Returns the IPv4 address or the /64 of the IPv6 address in `text`; None when it is neither."""
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
    """Axes handler with one limit per count (settings.LOGIN_LIMITS) instead of one for all."""

    def get_failures(self, request, credentials=None):
        """Returns the highest count, scaled so that AXES_FAILURE_LIMIT is reached when any of the limits is."""
        limits = limits_for(request, credentials)
        counts = [_attempt_count(attempts) for attempts in self.get_user_attempts(request, credentials)]
        whole = settings.AXES_FAILURE_LIMIT
        return max(int(count * whole // limit) for count, limit in zip(counts, limits, strict=True))

    def user_login_failed(self, sender, credentials, request=None, **kwargs):
        """Records a Lockout for the attempt that locks the account; the owner is notified of it later."""
        was_locked_out = getattr(request, "axes_locked_out", False)
        result = super().user_login_failed(sender, credentials, request, **kwargs)
        if request is not None and request.axes_locked_out and not was_locked_out:
            record_lockout(attempted_name(request, credentials), counted_name(request, credentials))
        return result

    def reset_user_attempts(self, request, credentials=None):
        """Deletes the user's failed attempts at this address after a login.

        Attempts at other accounts or from elsewhere stay.
        """
        name = get_client_username(request, credentials)
        own = AccessAttempt.objects.filter(username=name)
        if not name.startswith(DEVICE_PREFIX):
            own = own.filter(ip_address=request.axes_ip_address)
        return own.delete()[0]

    def minutes_left(self, request, credentials=None):
        """Returns the longest remaining lockout in whole minutes, at least 1."""
        latest = [
            attempts.aggregate(at=Max("attempt_time"))["at"]
            for attempts in self.exceeded_counts(request, credentials)
        ]
        seconds = max(((at + COOL_OFF - timezone.now()).total_seconds() for at in latest), default=0)
        return max(1, math.ceil(seconds / 60))

    def exceeded_counts(self, request, credentials=None):
        """Returns the querysets of attempts whose count has reached its limit."""
        counted = zip(
            self.get_user_attempts(request, credentials), limits_for(request, credentials), strict=True
        )
        return [attempts for attempts, limit in counted if _attempt_count(attempts) >= limit]


def _attempt_count(attempts):
    return attempts.aggregate(tries=Sum("failures_since_start"))["tries"] or 0


def lockout_response(request, response=None, credentials=None):
    """Returns the lockout page: 429, with the minutes to wait on the page and in Retry-After."""
    return too_many_attempts_response(request, LoginThrottleHandler().minutes_left(request, credentials))


def too_many_attempts_response(request, minutes):
    """Returns 429 with the minutes to wait, which no browser stores."""
    page = render(request, "accounts/locked.html", {"minutes": minutes}, status=429)
    page.headers["Retry-After"] = str(minutes * 60)
    page.headers["Cache-Control"] = "no-store"
    return page


def record_lockout(name, counted_as):
    """Stores how many attempts from how many addresses locked the account `name`.

    Does the same work for every name, so that the time does not reveal whether it exists.
    """
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
    """Returns the counted attempts at this account, those from its known browsers included."""
    devices_of = Q(username__startswith=f"{DEVICE_PREFIX}{devices.account_key(user)}:")
    return AccessAttempt.objects.filter(Q(username=normalized_login_name(user.username)) | devices_of)


def is_locked_out(user):
    """Whether failed attempts lock this account at some address or in a known browser."""
    tries = attempts_at(user).filter(attempt_time__gte=timezone.now() - COOL_OFF)
    by_address = tries.order_by().values("username", "ip_address").annotate(tries=Sum("failures_since_start"))
    counts = [(each["username"], each["tries"]) for each in by_address]
    at_one = max((count for _name, count in counts), default=0) >= settings.AXES_FAILURE_LIMIT
    from_strangers = sum(count for name, count in counts if not name.startswith(DEVICE_PREFIX))
    return at_one or from_strangers >= settings.LOGIN_LIMITS["username"]


def reset_attempts(user):
    """Deletes the failed attempts at this account."""
    attempts_at(user).delete()


def count_attempt_by_address(request, what):
    """Counts one attempt at `what` (CODES_NAME, LETTERS_NAME) from the IP address of the client."""
    counted = {"username": what, "ip_address": client_address(request), "user_agent": ""}
    now = timezone.now()
    fresh = AccessAttempt.objects.filter(**counted, attempt_time__gte=now - COOL_OFF)
    if not fresh.update(failures_since_start=F("failures_since_start") + 1):
        AccessAttempt.objects.filter(**counted).delete()
        attempt = AccessAttempt(**counted, failures_since_start=1, http_accept="", path_info="")
        AccessAttempt.objects.bulk_create([attempt], ignore_conflicts=True)


def minutes_blocked_by_address(request, what):
    """Returns for how many minutes `what` stays blocked at the client's IP address; 0 if it is not."""
    counted = AccessAttempt.objects.filter(
        username=what,
        ip_address=client_address(request),
        attempt_time__gte=timezone.now() - COOL_OFF,
        failures_since_start__gte=settings.TRIES_BY_ADDRESS,
    ).first()
    left = counted.attempt_time + COOL_OFF - timezone.now() if counted else timedelta()
    return math.ceil(left.total_seconds() / 60)
