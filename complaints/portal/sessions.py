"""Sessions of the public portal, in a table of their own that reveals neither the visitor, nor the complaint, nor when.

The browser holds a random key; the table holds its hash, so a copy of the table opens nothing. The data of the session
are encrypted with that key and the SECRET_KEY: without the browser they cannot be read. The only time in a row is
rounded up to the half hour, so that it cannot be compared with the times of another table. A row is deleted when the
visitor leaves, and at the latest three quarters of an hour after the session has expired.

Why not a signed cookie alone: a copy of it could be sent again after the visitor has left.
"""

import base64
import hashlib
import secrets
from datetime import UTC, datetime, timedelta

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.base import CreateError, SessionBase, UpdateError
from django.db import IntegrityError, transaction
from django.utils.crypto import salted_hmac

from complaints.models import PortalSession
from reminders import clock

SALT = "complaints.portal.sessions"
EXPIRY_KEY = "ends"  # timestamp of the moment the session expires
ROUNDING = timedelta(minutes=30)
NONCE_BYTES = 16


def key_hash(key):
    """The hash under which the table stores the key of the browser."""
    return salted_hmac(f"{SALT}.key", key, algorithm="sha256").hexdigest()


def seal(text, key):
    """Encrypts `text` with `key`; a new nonce each time, so that the same text is never encrypted the same way."""
    nonce, data = secrets.token_bytes(NONCE_BYTES), text.encode()
    return base64.b64encode(nonce + combine_with_key_stream(data, key, nonce)).decode()


def unseal(sealed, key):
    """Decrypts `sealed`; a wrong key gives some other text, whose signature Django then refuses."""
    data = base64.b64decode(sealed)
    return combine_with_key_stream(data[NONCE_BYTES:], key, data[:NONCE_BYTES]).decode(errors="replace")


def combine_with_key_stream(data, key, nonce):
    """Combines (XOR) `data` with a key stream derived from key, nonce and SECRET_KEY."""
    start = salted_hmac(f"{SALT}.seal", key, algorithm="sha256").digest()
    stream = hashlib.shake_256(start + nonce).digest(len(data))
    return bytes(one ^ other for one, other in zip(data, stream, strict=True))


def rounded_up(timestamp):
    """The next full half hour at or after `timestamp`, as a datetime."""
    step = ROUNDING.total_seconds()
    return datetime.fromtimestamp(-(-timestamp // step) * step, tz=UTC)


class SessionStore(SessionBase):
    """Behaves like Django's own session stores; the cookie ends when the browser is closed."""

    def get_expire_at_browser_close(self):
        return True

    def exists(self, session_key):
        return PortalSession.objects.filter(pk=key_hash(session_key)).exists()

    def load(self):
        """The data stored under the key; {} when it is unknown or has expired.

        The key is discarded then, so that a key planted in the browser is never adopted.
        """
        row = (
            PortalSession.objects.filter(pk=key_hash(self.session_key)).first() if self.session_key else None
        )
        held = self.decode(unseal(row.sealed, self.session_key)) if row else {}
        if held.get(EXPIRY_KEY, 0) > clock.now().timestamp():
            return held
        if row:
            row.delete()
        self._session_key = None
        return {}

    def create(self):
        self._session_key = self._get_new_session_key()
        self.save(must_create=True)
        self.modified = True

    def save(self, must_create=False):
        """Stores the session. Raises UpdateError when its row was deleted in the meantime.

        So a slow request does not restore a session that has ended.
        """
        if self.session_key is None:
            return self.create()
        held = self._get_session(no_load=must_create)
        if SESSION_KEY in held:
            raise ValueError("Nobody is logged in at the public door.")
        row = {
            "sealed": seal(self.encode(held), self.session_key),
            "until": rounded_up(held.get(EXPIRY_KEY, clock.now().timestamp())),
        }
        return self.insert(row) if must_create else self.update_row(row)

    def insert(self, row):
        try:
            with transaction.atomic():
                PortalSession.objects.create(pk=key_hash(self.session_key), **row)
        except IntegrityError as taken:
            raise CreateError from taken

    def update_row(self, row):
        if not PortalSession.objects.filter(pk=key_hash(self.session_key)).update(**row):
            raise UpdateError

    def delete(self, session_key=None):
        key = session_key or self.session_key
        if key:
            PortalSession.objects.filter(pk=key_hash(key)).delete()

    @classmethod
    def clear_expired(cls):
        PortalSession.objects.filter(until__lte=clock.now()).delete()
