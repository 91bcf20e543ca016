"""Whom a notice about the system itself is for."""

from django.db.models import Q

from accounts.models import User
from accounts.roles import GRANTS


def those_who_may(permission):
    """Active people whose roles open `permission`; a queryset of User."""
    holders = [role for role, grant in GRANTS.items() if permission in grant.permissions]
    return User.objects.active().filter(has_any(holders))


def has_any(roles):
    """The condition that a user holds at least one of `roles`."""
    condition = Q(pk__in=[])
    for role in roles:
        condition |= Q(roles__contains=f",{role.value},")
    return condition
