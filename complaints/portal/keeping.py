"""What a browser may see for some minutes: the receipt it was just given, the case whose code it has told.

The session holds the seed of a receipt or the key of a complaint, never a code and never a token.
"""

from complaints.models import Complaint
from complaints.portal import codes
from reminders import clock
from reminders.models import Parameter

RECEIPT, CASE = "portal_receipt", "portal_case"


def keep(request, name, value, today):
    """Keeps `value` under `name` for portal_minutes from now."""
    minutes = Parameter.objects.value_on("portal_minutes", today)
    request.session[name] = [value, clock.now().timestamp() + minutes * 60]


def kept(request, name):
    """What is kept under `name`, or None; what has run out is forgotten."""
    value, until = request.session.get(name, (None, 0))
    if value is not None and until <= clock.now().timestamp():
        del request.session[name]
        return None
    return value


def forget(request):
    for name in (RECEIPT, CASE):
        request.session.pop(name, None)


def sent_with(seed):
    """The complaint that was sent with the token of this seed, or None."""
    return Complaint.objects.filter(intake_key=codes.key_of(seed)).first()


def case_of(request):
    """The complaint whose code this browser has told within the last minutes, or None."""
    pk = kept(request, CASE)
    return Complaint.objects.filter(pk=pk).first() if pk else None
