"""What a user may do with a record that they see for some days only, or by a single decision (R381).

A *guest* sees a record only because it was shared with them, because they opened it in an emergency, or because a
request about it asks or asked them. A guest reads and logs contacts; all else is for those who work on the record.
Acts that change who sees it (hand over, department, confidentiality, voiding) are for those who see it in their own
right: by role, or as its responsible worker. A stand-in and a supervisor do the work, but not these acts.
The colleague whom a record is about reads it, and writes nothing in it.
"""

from accounts.access import ACCESS_SOURCES, seen_in_own_right, seen_without
from accounts.models import StandIn
from accounts.roles import Permission, kinds
from relations.models import Stakeholder

GUEST_SOURCES = ("share", "asked", "decided")
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
        return sees_in_own_right(user, stakeholder)
    return permission in GUEST_PERMISSIONS or not is_guest(user, stakeholder)


def may_change_entry(user, stakeholder, author):
    """Whether `user` may correct or withdraw a contact or file of a record visible to them; `author` (a pk) entered it.

    The author may, and those who may approve; these not as guests. Never the colleague whom the record is about.
    """
    is_theirs = author == user.pk or may_act(user, stakeholder, Permission.APPROVE)
    return is_theirs and may_act(user, stakeholder, Permission.LOG)


def is_about(user, stakeholder):
    """Whether this is the record about `user`, a colleague."""
    return stakeholder.account_id is not None and stakeholder.account_id == user.pk


def sees_in_own_right(user, stakeholder):
    """Whether `user` sees this visible record in their own right."""
    if not StandIn.objects.may_exist_for(user) and not a_source_may_open(
        user, stakeholder.kind, ACCESS_SOURCES
    ):
        return True
    return seen_in_own_right_by(Stakeholder.objects.filter(pk=stakeholder.pk), user).exists()


def seen_in_own_right_by(records, user):
    """Filters `records` (a queryset of stakeholders) to those that `user` sees in their own right."""
    return records.filter(seen_in_own_right(user), voided_at=None)


def is_guest(user, stakeholder):
    """Whether `user` sees this visible record only as a guest, or as the stand-in of one."""
    if not a_source_may_open(user, stakeholder.kind, GUEST_SOURCES):
        return False
    return not seen_not_as_guest_by(Stakeholder.objects.filter(pk=stakeholder.pk), user).exists()


def seen_not_as_guest_by(records, user):
    """Filters `records` (a queryset of stakeholders) to those that `user` sees otherwise than as a guest."""
    return records.filter(seen_without(user, GUEST_SOURCES), voided_at=None)


def a_source_may_open(user, kind, names):
    """Whether one of the access sources `names` may open a record of `kind` to `user`, in person or as a stand-in.

    Asks the database nothing.
    """
    of_kind = [name for name in kinds()[kind].access_sources if name in names and name in ACCESS_SOURCES]
    if any(user.may_use_access_source(name) for name in of_kind):
        return True
    return StandIn.objects.may_exist_for(user) and any(ACCESS_SOURCES[name].passes_on for name in of_kind)
