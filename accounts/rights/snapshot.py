"""The rights of an account as stored in an approval request, which changes of them are immediate, and their texts."""

from django.utils.translation import gettext as _

from accounts.models import Department, User
from accounts.roles import Role, sensitive_roles


def subject_of(user):
    return f"user:{user.pk}"


def rights_of(user):
    """Returns roles, department and whether the account is active, as stored in a request."""
    roles = [Role(role).value for role in user.roles]
    return {"roles": roles, "department": user.department_id, "active": user.is_active}


def split_immediate(was, wanted):
    """Returns the part of a change of rights (from `was` to `wanted`) that takes effect at once.

    The rest has to be confirmed. A harmless role that is exchanged for a role to be confirmed stays until then.
    """
    staying = [role for role in was["roles"] if role in wanted["roles"]]
    added = [role for role in wanted["roles"] if role not in was["roles"]]
    waiting = added if sensitive_roles(staying) else sensitive_roles(added)
    remaining = [
        role for role in was["roles"] if role in wanted["roles"] or (waiting and not sensitive_roles([role]))
    ]
    department = (
        wanted["department"] if not (wanted["department"] and sensitive_roles(staying)) else was["department"]
    )
    return {
        "roles": [*remaining, *(role for role in added if role not in waiting)],
        "department": department,
        "active": was["active"],
    }


def assign_rights(user, rights):
    user.roles, user.department_id = list(rights["roles"]), rights["department"]


def same_rights(one, other):
    return set(one["roles"]) == set(other["roles"]) and one["department"] == other["department"]


def sorted_roles(roles):
    return [role.value for role in Role if role.value in roles]


def role_words(roles):
    return _("、").join(str(Role(role).label) for role in roles) or "—"


def department_words(pk):
    return str(Department.objects.filter(pk=pk).first() or "—")


def name_words(pk):
    return str(User.objects.filter(pk=pk).first() or "—")
