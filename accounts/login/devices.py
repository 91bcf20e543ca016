"""Device cookies: browsers from which a user has logged in, so that attempts from elsewhere do not lock them out.

One cookie contains up to MAX_TOKENS tokens, one for each account that has logged in here (a shared computer has
several). A token is a random number, the day it was made, and a keyed hash over both, the account, its password and
its epoch. It does not name the account, opens nothing by itself, and is void after a new password, after the account
is closed and after all sessions are ended. See OWASP, "Slow Down Online Guessing Attacks with Device Cookies".
"""

import secrets
from dataclasses import dataclass

from django.conf import settings
from django.utils import timezone
from django.utils.crypto import constant_time_compare, salted_hmac

COOKIE = "device"
SALT = "accounts.login.devices"
VALID_DAYS = 180  # a browser without a login for half a year is unknown again
MAX_TOKENS = 6
NUMBER_BYTES = 16
HASH_LENGTH = 43
MAX_COOKIE_LENGTH = MAX_TOKENS * 100


@dataclass(frozen=True)
class DeviceToken:
    """The token of one account in one browser; `made_on` is a day number (date.toordinal)."""

    number: str
    made_on: int
    hash: str

    def __str__(self):
        return f"{self.number}.{self.made_on}.{self.hash}"

    @classmethod
    def parse(cls, text):
        """Returns the DeviceToken in `text`, or None."""
        number, _, rest = text.partition(".")
        made_on, _, hashed = rest.partition(".")
        if not (number and hashed and made_on.isascii() and made_on.isdigit() and len(made_on) < 8):
            return None
        return cls(number, int(made_on), hashed)

    def is_valid_for(self, user):
        """Whether it was made for this account with its present password and epoch, at most VALID_DAYS ago."""
        fresh = 0 <= _today() - self.made_on <= VALID_DAYS
        return fresh and constant_time_compare(self.hash, _hash(user, self.number, self.made_on))


def _today():
    return timezone.localdate().toordinal()


def _hash(user, number, made_on):
    bound = f"{user.pk}|{number}|{made_on}|{user.password}|{user.session_epoch}|{user.is_active}"
    return salted_hmac(SALT, bound, algorithm="sha256").hexdigest()[:HASH_LENGTH]


def account_key(user):
    """Returns a hash of the account for the name of a counter, so that the name does not reveal the account."""
    return salted_hmac(f"{SALT}.account", str(user.pk), algorithm="sha256").hexdigest()[:16]


def device_tokens(request):
    """Returns all well-formed tokens of the browser, at most MAX_TOKENS."""
    text = request.COOKIES.get(COOKIE, "")
    if len(text) > MAX_COOKIE_LENGTH:
        return []
    return [token for part in text.split("~")[:MAX_TOKENS] if (token := DeviceToken.parse(part))]


def device_token_of(request, user):
    """Returns the valid token of `user` in this browser, or None."""
    return next((token for token in device_tokens(request) if token.is_valid_for(user)), None)


def set_device_cookie(request, answer, user):
    """Sets a new token for `user` in the browser; the oldest of the other tokens is dropped when there are too many."""
    number = secrets.token_urlsafe(NUMBER_BYTES)
    fresh = DeviceToken(number, _today(), _hash(user, number, _today()))
    others = [token for token in device_tokens(request) if not token.is_valid_for(user)]
    answer.set_cookie(
        COOKIE,
        "~".join(str(token) for token in [fresh, *others][:MAX_TOKENS]),
        max_age=VALID_DAYS * 24 * 3600,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
