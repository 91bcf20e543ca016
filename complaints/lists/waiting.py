"""Which open complaints wait for whom: the head takes in, decides and signs, the handler does what lies between."""

from django.db.models import Q

from complaints.models import Complaint, State

HEAD_ACTS = (State.WITH_HEAD, State.UNRESOLVED, State.SETTLED)
HANDLER_ACTS = (State.HANDLING, State.REPLIED, State.PLANNED, State.PASSED, State.ANSWERED)


def next_act_condition(user):
    """The condition that the next act of an open complaint is that of `user`."""
    as_head = Q(head=user.pk) & (Q(state__in=HEAD_ACTS) | Q(handler=None))
    return as_head | Q(handler=user.pk, state__in=HANDLER_ACTS)


def held_condition(user):
    """The condition that `user` heads or handles it."""
    return Q(head=user.pk) | Q(handler=user.pk)


def waiting_for(user):
    """The open complaints, within the sight of `user`, in which the next act is theirs."""
    return Complaint.objects.visible_to(user).open().filter(next_act_condition(user))


def held_by(user):
    """The open complaints, within the sight of `user`, that they head or handle."""
    return Complaint.objects.visible_to(user).open().filter(held_condition(user))
