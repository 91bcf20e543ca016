"""What a browser may view for some minutes: its new receipt, and the complaint whose code was entered.

The session holds the seed of a receipt or the primary key of a complaint, never a code and never a token, and is
readable with the browser's cookie only (complaints.portal.sessions). How long a receipt may be shown is stored apart
from it, so that a form submitted again from the history of a shared browser shows no code, although leaving has deleted
the session.
"""

from datetime import UTC, datetime, timedelta

from django.utils.crypto import salted_hmac

from complaints.models import Complaint, ShownReceipt
from complaints.portal import codes
from complaints.portal.sessions import EXPIRY_KEY, SessionStore
from reminders import clock
from reminders.models import Parameter

RECEIPT, CASE, HANDED = "receipt", "case", "handed"
MAX_REMEMBERED = 50
RECEIPT_RETENTION = timedelta(days=1)  # for a receipt not viewed yet: the response was lost on the way
SALT = "complaints.portal.short_tokens"


def store(request, name, value, today):
    """Stores `value` in the session under `name` for portal_minutes from now."""
    until = expiry_timestamp(today)
    request.session[name] = [value, until]
    request.session[EXPIRY_KEY] = max(until, request.session.get(EXPIRY_KEY, 0))


def expiry_timestamp(today):
    """The timestamp portal_minutes from now."""
    return clock.now().timestamp() + Parameter.objects.value_on("portal_minutes", today) * 60


def open_case(request, case, today):
    """Stores the complaint whose code was entered, in a new session, so that a planted session key gives no access."""
    end_session(request)
    store(request, CASE, case.pk, today)


def allow_receipt(request, case, seed, today):
    """Whether the receipt of `case` may be shown in this browser; if so, the session stores its seed.

    No longer once its minutes have passed or the visitor has left, in any browser: then the code is required.
    """
    if is_expired(seed) or case.entered_at < clock.now() - RECEIPT_RETENTION:
        return False
    handed = request.session.get(HANDED, [])
    request.session.cycle_key()
    request.session[HANDED] = [*(each for each in handed if each != seed), seed][-MAX_REMEMBERED:]
    store(request, RECEIPT, seed, today)
    return True


def receipt_of(request, today):
    """The seed of the receipt that may be shown in this browser now, or None.

    Its minutes count from the first view and are never extended.
    """
    seed = stored_value(request, RECEIPT)
    if seed is None:
        return None
    until = datetime.fromtimestamp(expiry_timestamp(today), tz=UTC)
    ShownReceipt.objects.get_or_create(mark=receipt_hash(seed), defaults={"until": until})
    return None if is_expired(seed) else seed


def receipt_hash(seed):
    return salted_hmac(SALT, seed, algorithm="sha256").hexdigest()


def is_expired(seed):
    return ShownReceipt.objects.filter(mark=receipt_hash(seed), until__lte=clock.now()).exists()


def stored_value(request, name):
    """The value stored in the session under `name`, or None; an expired value is deleted."""
    value, until = request.session.get(name, (None, 0))
    if value is not None and until <= clock.now().timestamp():
        del request.session[name]
        return None
    return value


def end_session(request):
    """Deletes the session, in table and browser, and expires all receipts shown in it."""
    over = [
        ShownReceipt(mark=receipt_hash(seed), until=clock.now()) for seed in request.session.get(HANDED, [])
    ]
    ShownReceipt.objects.bulk_create(
        over, update_conflicts=True, unique_fields=["mark"], update_fields=["until"]
    )
    request.session.flush()


def delete_expired():
    """Deletes expired sessions, and entries of receipts that are too old to be shown by now."""
    SessionStore.clear_expired()
    ShownReceipt.objects.filter(until__lte=clock.now() - RECEIPT_RETENTION).delete()


def sent_with(seed):
    """The complaint submitted with the token of this seed, or None."""
    return Complaint.objects.filter(intake_key=codes.key_of(seed)).first()


def case_of(request):
    """The complaint whose code was entered in this browser within the last minutes, or None."""
    pk = stored_value(request, CASE)
    return Complaint.objects.filter(pk=pk).first() if pk else None
