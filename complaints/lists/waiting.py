"""Whose turn it is in an open complaint: the head takes it up, decides and signs, the handler does the rest."""

from django.db.models import Q

from complaints.models import Complaint, State

HEAD_ACTS = (State.WITH_HEAD, State.UNRESOLVED, State.SETTLED)
HANDLER_ACTS = (State.HANDLING, State.REPLIED, State.PLANNED, State.PASSED, State.ANSWERED)


def next_act_condition(user):
    """The condition (Q) that the next act of an open complaint has to be done by `user`."""
    as_head = Q(head=user.pk) & (Q(state__in=HEAD_ACTS) | Q(handler=None))
    return as_head | Q(handler=user.pk, state__in=HANDLER_ACTS)


def held_condition(user):
    """The condition (Q) that `user` heads or handles a complaint."""
    return Q(head=user.pk) | Q(handler=user.pk)


def waiting_for(user):
    """The open complaints visible to `user` whose next act they have to do."""
    return Complaint.objects.visible_to(user).open().filter(next_act_condition(user))


def held_by(user):
    """The open complaints visible to `user` that they head or handle."""
    return Complaint.objects.visible_to(user).open().filter(held_condition(user))
