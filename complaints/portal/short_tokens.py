"""What a browser may see for some minutes: the receipt it was just given, the case whose code it has told.

The session holds the seed of a receipt or the key of a complaint, never a code and never a token, and is readable with
the browser's cookie only (complaints.portal.sessions). Until when a receipt may be shown is kept beside it, so that a
form sent again from the history of a shared browser shows no code, though leaving has removed the session.
"""

from datetime import UTC, datetime, timedelta

from django.utils.crypto import salted_hmac

from complaints.models import Complaint, ShownReceipt
from complaints.portal import codes
from complaints.portal.sessions import ENDS, SessionStore
from reminders import clock
from reminders.models import Parameter

RECEIPT, CASE, HANDED = "receipt", "case", "handed"
REMEMBERED = 50
SHOWN_AGAIN = timedelta(days=1)  # while nobody has looked at it: the answer was lost on the way
SALT = "complaints.portal.short_tokens"


def keep(request, name, value, today):
    """Keeps `value` under `name` for portal_minutes from now."""
    until = ends(today)
    request.session[name] = [value, until]
    request.session[ENDS] = max(until, request.session.get(ENDS, 0))


def ends(today):
    """The moment portal_minutes from now, as a timestamp."""
    return clock.now().timestamp() + Parameter.objects.value_on("portal_minutes", today) * 60


def open_case(request, case, today):
    """Keeps the case whose code was told, under a fresh session key: who laid a key into this browser sees nothing."""
    forget(request)
    keep(request, CASE, case.pk, today)


def hand_receipt(request, case, seed, today):
    """Whether the receipt of `case` may be shown here.

    No more once its minutes have run out or the person has left, in whichever browser: then the code is asked for.
    """
    if is_over(seed) or case.entered_at < clock.now() - SHOWN_AGAIN:
        return False
    handed = request.session.get(HANDED, [])
    request.session.cycle_key()
    request.session[HANDED] = [*(each for each in handed if each != seed), seed][-REMEMBERED:]
    keep(request, RECEIPT, seed, today)
    return True


def receipt_of(request, today):
    """The seed of the receipt that may be shown here now, or None.

    Its minutes count from the first look and are never lengthened.
    """
    seed = kept(request, RECEIPT)
    if seed is None:
        return None
    until = datetime.fromtimestamp(ends(today), tz=UTC)
    ShownReceipt.objects.get_or_create(mark=mark_of(seed), defaults={"until": until})
    return None if is_over(seed) else seed


def mark_of(seed):
    return salted_hmac(SALT, seed, algorithm="sha256").hexdigest()


def is_over(seed):
    return ShownReceipt.objects.filter(mark=mark_of(seed), until__lte=clock.now()).exists()


def kept(request, name):
    """What is kept under `name`, or None; what has run out is forgotten."""
    value, until = request.session.get(name, (None, 0))
    if value is not None and until <= clock.now().timestamp():
        del request.session[name]
        return None
    return value


def forget(request):
    """The session is gone, from table and browser, and no receipt that was handed out here is shown again."""
    over = [ShownReceipt(mark=mark_of(seed), until=clock.now()) for seed in request.session.get(HANDED, [])]
    ShownReceipt.objects.bulk_create(
        over, update_conflicts=True, unique_fields=["mark"], update_fields=["until"]
    )
    request.session.flush()


def clear():
    """Removes sessions that have run out, and marks of receipts that are too old to be shown by now."""
    SessionStore.clear_expired()
    ShownReceipt.objects.filter(until__lte=clock.now() - SHOWN_AGAIN).delete()


def sent_with(seed):
    """The complaint that was sent with the token of this seed, or None."""
    return Complaint.objects.filter(intake_key=codes.key_of(seed)).first()


def case_of(request):
    """The complaint whose code this browser has told within the last minutes, or None."""
    pk = kept(request, CASE)
    return Complaint.objects.filter(pk=pk).first() if pk else None
