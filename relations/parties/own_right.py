"""What a user may do with a record that they see for some days only, or by a single decision (R381).

A *guest* sees a record only because it was shared with them, because they opened it in an emergency, or because a
request about it asks or asked them. A guest reads and logs contacts; all else is for those who work on the record.
Acts that change who sees it (hand over, department, confidentiality, voiding) are for those who see it in their own
right: by role, or as its responsible worker. A stand-in and a supervisor do the work, but not these acts.
The colleague whom a record is about reads it, and writes nothing in it.
"""

from accounts.access import ACCESS_SOURCES, seen_in_own_right, seen_without
from accounts.models import StandIn
from accounts.roles import Permission
from relations.models import Stakeholder

GUEST_SOURCES = ("share", "approval", "signature")
READING_PERMISSIONS = frozenset({Permission.VIEW, Permission.EXPORT})
GUEST_PERMISSIONS = READING_PERMISSIONS | {Permission.LOG}
OWN_RIGHT_PERMISSIONS = frozenset({Permission.HAND_OVER})


def may_act(user, stakeholder, permission):
    """Whether `user` may do what the general `permission` allows with a record that is visible to them."""
    if not stakeholder.may(user, permission):
        return False
    if is_about(user, stakeholder) and permission not in READING_PERMISSIONS:
        return False
    if permission in OWN_RIGHT_PERMISSIONS:
        return holds(user, stakeholder)
    return permission in GUEST_PERMISSIONS or not is_guest(user, stakeholder)


def is_about(user, stakeholder):
    """Whether this is the record about `user`, a colleague."""
    return stakeholder.account_id is not None and stakeholder.account_id == user.pk


def holds(user, stakeholder):
    """Whether `user` sees this visible record in their own right."""
    if not may_see_more(user, ACCESS_SOURCES):
        return True
    return held(Stakeholder.objects.filter(pk=stakeholder.pk), user).exists()


def held(records, user):
    """Filters `records` (a queryset of stakeholders) to those that `user` sees in their own right."""
    return records.filter(seen_in_own_right(user), voided_at=None)


def is_guest(user, stakeholder):
    """Whether `user` sees this visible record only as a guest."""
    if not may_see_more(user, GUEST_SOURCES):
        return False
    return not worked_on(Stakeholder.objects.filter(pk=stakeholder.pk), user).exists()


def worked_on(records, user):
    """Filters `records` (a queryset of stakeholders) to those that `user` sees otherwise than as a guest."""
    return records.filter(seen_without(user, GUEST_SOURCES), voided_at=None)


def may_see_more(user, names):
    """Whether one of these access sources, or standing in for a colleague, may open anything to `user` today.

    Asks the database nothing.
    """
    return StandIn.objects.may_be_held_by(user) or any(user.may_use_access_source(name) for name in names)
