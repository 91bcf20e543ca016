"""The browsers a person has logged in from: known by a cookie, so that wrong tries from elsewhere do not shut them out.

One cookie holds up to MOST marks, one for each account that has logged in here (a shared computer has several). A mark
is a random number, the day it was made, and a keyed hash over both, the account, its password and its epoch. It names
nobody, opens nothing by itself, belongs to one account, and is void with a new password, with the closing of the
account and when all sessions are ended. See OWASP, "Slow Down Online Guessing Attacks with Device Cookies".
"""

import secrets
from dataclasses import dataclass

from django.conf import settings
from django.utils import timezone
from django.utils.crypto import constant_time_compare, salted_hmac

COOKIE = "device"
SALT = "accounts.login.devices"
VALID_DAYS = 180  # a browser that has not logged in for half a year is a stranger again
MAX_TOKENS = 6
NUMBER_BYTES = 16
HASH_LENGTH = 43
MAX_COOKIE_LENGTH = MAX_TOKENS * 100


@dataclass(frozen=True)
class DeviceToken:
    """One account's mark in one browser; `made_on` counts days."""

    number: str
    made_on: int
    hash: str

    def __str__(self):
        return f"{self.number}.{self.made_on}.{self.hash}"

    @classmethod
    def parse(cls, text):
        """The Mark that `text` writes, or None."""
        number, _, rest = text.partition(".")
        made_on, _, hashed = rest.partition(".")
        if not (number and hashed and made_on.isascii() and made_on.isdigit() and len(made_on) < 8):
            return None
        return cls(number, int(made_on), hashed)

    def is_valid_for(self, user):
        """Whether it was made for this account as it is now, not too long ago."""
        fresh = 0 <= _today() - self.made_on <= VALID_DAYS
        return fresh and constant_time_compare(self.hash, _hash(user, self.number, self.made_on))


def _today():
    return timezone.localdate().toordinal()


def _hash(user, number, made_on):
    bound = f"{user.pk}|{number}|{made_on}|{user.password}|{user.session_epoch}|{user.is_active}"
    return salted_hmac(SALT, bound, algorithm="sha256").hexdigest()[:HASH_LENGTH]


def account_key(user):
    """The account in the name of a counter, without saying which it is."""
    return salted_hmac(f"{SALT}.account", str(user.pk), algorithm="sha256").hexdigest()[:16]


def device_tokens(request):
    """All well-formed marks of the browser, at most MOST."""
    text = request.COOKIES.get(COOKIE, "")
    if len(text) > MAX_COOKIE_LENGTH:
        return []
    return [mark for part in text.split("~")[:MAX_TOKENS] if (mark := DeviceToken.parse(part))]


def device_token_of(request, user):
    """The valid mark of `user` in this browser, or None."""
    return next((mark for mark in device_tokens(request) if mark.is_valid_for(user)), None)


def set_device_cookie(request, answer, user):
    """Gives the browser a fresh mark for `user`; the oldest of others goes when there are too many."""
    number = secrets.token_urlsafe(NUMBER_BYTES)
    fresh = DeviceToken(number, _today(), _hash(user, number, _today()))
    others = [mark for mark in device_tokens(request) if not mark.is_valid_for(user)]
    answer.set_cookie(
        COOKIE,
        "~".join(str(mark) for mark in [fresh, *others][:MAX_TOKENS]),
        max_age=VALID_DAYS * 24 * 3600,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
