"""Which open complaints wait for whom: the head takes in, decides and signs, the handler does what lies between."""

from django.db.models import Q

from complaints.models import Complaint, State

HEAD_ACTS = (State.WITH_HEAD, State.UNRESOLVED, State.SETTLED)
HANDLER_ACTS = (State.HANDLING, State.REPLIED, State.PLANNED, State.PASSED, State.ANSWERED)


def waiting_for(user):
    """The open complaints, within the sight of `user`, in which the next act is theirs."""
    as_head = Q(head=user.pk) & (Q(state__in=HEAD_ACTS) | Q(handler=None))
    as_handler = Q(handler=user.pk, state__in=HANDLER_ACTS)
    return Complaint.objects.visible_to(user).open().filter(as_head | as_handler)


def held_by(user):
    """The open complaints, within the sight of `user`, that they head or handle."""
    return Complaint.objects.visible_to(user).open().filter(Q(head=user.pk) | Q(handler=user.pk))
