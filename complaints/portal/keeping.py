"""What a browser may see for some minutes: the receipt it was just given, the case whose code it has told.

The session holds the seed of a receipt or the key of a complaint, never a code and never a token. It also remembers
until when each receipt may be shown here, so that a form sent again from the history of a shared browser shows no code.
"""

from datetime import timedelta

from complaints.models import Complaint
from complaints.portal import codes
from reminders import clock
from reminders.models import Parameter

RECEIPT, CASE, SHOWN = "portal_receipt", "portal_case", "portal_shown"
REMEMBERED = 50
SHOWN_AGAIN = timedelta(days=1)  # in a browser that never got it: the answer was lost on the way


def keep(request, name, value, today):
    """Keeps `value` under `name` for portal_minutes from now."""
    request.session[name] = [value, ends(today)]


def ends(today):
    """The moment portal_minutes from now, as a timestamp."""
    return clock.now().timestamp() + Parameter.objects.value_on("portal_minutes", today) * 60


def open_case(request, case, today):
    """Keeps the case whose code was told, under a fresh session key: who laid a key into this browser sees nothing."""
    forget(request)
    request.session.cycle_key()
    keep(request, CASE, case.pk, today)


def hand_receipt(request, case, seed, today):
    """Whether the receipt of `case` may be shown here; its minutes count from the first time and are never lengthened.

    No more once they have run out or the person has left: then the code is asked for.
    """
    shown = request.session.get(SHOWN, {})
    until = shown.get(seed) or ends(today)
    if (
        shown.get(seed) == 0
        or until <= clock.now().timestamp()
        or case.entered_at < clock.now() - SHOWN_AGAIN
    ):
        return False
    request.session.cycle_key()
    request.session[SHOWN] = dict(list((shown | {seed: until}).items())[-REMEMBERED:])
    request.session[RECEIPT] = [seed, until]
    return True


def kept(request, name):
    """What is kept under `name`, or None; what has run out is forgotten."""
    value, until = request.session.get(name, (None, 0))
    if value is not None and until <= clock.now().timestamp():
        del request.session[name]
        return None
    return value


def forget(request):
    """What was kept is gone, and no receipt is shown here again."""
    for name in (RECEIPT, CASE):
        request.session.pop(name, None)
    if SHOWN in request.session:
        request.session[SHOWN] = dict.fromkeys(request.session[SHOWN], 0)


def sent_with(seed):
    """The complaint that was sent with the token of this seed, or None."""
    return Complaint.objects.filter(intake_key=codes.key_of(seed)).first()


def case_of(request):
    """The complaint whose code this browser has told within the last minutes, or None."""
    pk = kept(request, CASE)
    return Complaint.objects.filter(pk=pk).first() if pk else None
