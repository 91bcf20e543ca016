"""The roles, in relation to a record, that a step of an approval request can ask (registers.APPROVER_ROLES).

An ApproverRole returns the users who hold it, as a queryset. What it needs to know of the record is in `context`: the
department, the responsible worker and so on, as values for a single request and as OuterRefs for a query over all
(accounts.approvals.assignment), so that one declaration serves both. A missing value is 0, which is no user's key.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.fields import any_role_condition
from accounts.models import Department, User
from accounts.roles import (
    RECORD_SCOPES,
    Permission,
    Role,
    Scope,
    kinds,
    roles_seeing,
    roles_with,
    scope_over,
)

# Colleagues with a younger account do not confirm in place of the usual confirmers: a user who opens accounts could
# create one for the purpose. Three months are the usual length of a probation.
ESTABLISHED_AFTER = timedelta(days=90)


@dataclass(frozen=True)
class ApproverRole:
    """A role in relation to a record.

    `holders(context)` returns the users who hold it. `fallbacks` are the names of the roles that take its place, in
    this order, while it has no holder who may decide. With `only_while_held` they do so only while an active user
    holds the role: after the last one has left, no role inherits it. `may_hold(user)` returns False when the user's
    roles alone show that the user does not hold it, which saves a query; with `by_role` they decide it completely
    (for a record visible to the user). `signing_roles` are the roles whose holders may be asked about a record that
    they do not see otherwise (`opened_by_asking`). With `personal`, stand-ins do not decide.
    """

    label: str
    holders: Callable
    may_hold: Callable = lambda user: True
    by_role: bool = False
    fallbacks: tuple = ()
    only_while_held: bool = False
    signing_roles: tuple = ()
    personal: bool = False


def permission_holders(permission):
    """Arguments `holders`, `may_hold` and `by_role` of an ApproverRole: all holders of a permission."""
    return {
        "holders": lambda context: User.objects.active().with_permission(permission),
        "may_hold": lambda user: user.may(permission),
        "by_role": True,
    }


def opened_by_asking(roles):
    """Returns {kind: those of `roles` that see a record of it while a request about it asks them}.

    For kinds with the access source `asked`, and roles that see single records of the kind only.
    """
    found = {}
    for kind, visibility in kinds().items():
        single = [role for role in roles if scope_over(role, kind) in (Scope.DEPARTMENT, Scope.OWN)]
        if single and "asked" in visibility.access_sources:
            found[kind] = single
    return found


def viewers_by_role(context, signing_roles=()):
    """Returns the users who see the record by their role, or would see it if they were asked as `signing_roles`.

    The same rule as accounts.access.within_scope, without its other access sources.
    """
    secrets = Q(of_confidential=False) | any_role_condition(roles_with(Permission.CONFIDENTIAL))
    kinds_by_roles = {}
    for kind, visibility in kinds().items():
        wide = (Scope.ALL,), (Scope.DEPARTMENT,), RECORD_SCOPES if visibility.by_responsible else ()
        kinds_by_roles.setdefault(tuple(tuple(roles_seeing(kind, *scopes)) for scopes in wide), []).append(
            kind
        )
    visible = Q(pk__in=[])
    for (everywhere, nearby, own), of in kinds_by_roles.items():
        wide = any_role_condition(everywhere) | (
            any_role_condition(nearby) & Q(department=context["department"])
        )
        visible |= Q(of_kind__in=of) & (
            (wide & secrets) | (any_role_condition(own) & Q(pk=context["worker"]))
        )
    for kind, roles in opened_by_asking(signing_roles).items():
        visible |= Q(of_kind=kind) & any_role_condition(roles) & secrets
    return (
        User.objects.active()
        .alias(of_confidential=context["confidential"], of_kind=context["kind"])
        .filter(visible)
    )


def role_holders(*roles):
    """Arguments of an ApproverRole whose holders have one of `roles`."""
    return {
        "holders": lambda context: viewers_by_role(context, roles).filter(any_role_condition(roles)),
        "may_hold": lambda user: bool(set(roles) & {Role(role) for role in user.roles}),
        "by_role": True,
        "signing_roles": roles,
    }


def approvers(context):
    """Users who may approve and see the record."""
    return viewers_by_role(context).with_permission(Permission.APPROVE)


def nested_reference(value):
    """Returns a value of a StepContext for use in a subquery of the query for users."""
    return OuterRef(value) if isinstance(value, OuterRef) else value


def department_leads(context):
    """Users who may approve and work in, or head, the department of the record."""
    headed = Department.objects.filter(pk=nested_reference(context["department"]), head=OuterRef("pk"))
    return approvers(context).filter(Q(department=context["department"]) | Exists(headed))


def supervisors(context):
    """Users who supervise the responsible worker on the day of `context` (R299)."""
    return User.objects.active().supervisor_on(nested_reference(context["worker"]), context["today"])


def established_colleagues(context):
    """Users who work here and whose account is older than ESTABLISHED_AFTER; if there are none, all who work here."""
    old = User.objects.filter(date_joined__date__lte=context["established"])
    return (
        User.objects.active()
        .with_permission(Permission.VIEW)
        .filter(Q(pk__in=old.values("pk")) | ~Exists(old))
    )


def established_since(today=None):
    """Returns the last day on which an account may have been opened to count as established `today`."""
    return (today or timezone.localdate()) - ESTABLISHED_AFTER


FALLBACKS = ("business_lead", "head", "director", "council")
APPROVING = {"may_hold": lambda user: user.may(Permission.APPROVE)}
RECORD_APPROVER_ROLES = {
    "approver": ApproverRole(
        _("有审批权限的同事"), approvers, fallbacks=("council",), by_role=True, **APPROVING
    ),
    "department": ApproverRole(_("部门负责人"), department_leads, fallbacks=FALLBACKS, **APPROVING),
    "supervisor": ApproverRole(_("负责社工的督导"), supervisors, fallbacks=FALLBACKS),
    "business_lead": ApproverRole(
        _("机构业务负责人"), **role_holders(Role.BUSINESS_LEAD), fallbacks=FALLBACKS[1:]
    ),
    "head": ApproverRole(_("中心负责人"), **role_holders(Role.HEAD), fallbacks=FALLBACKS[2:]),
    "director": ApproverRole(
        _("总干事、副总干事"), **role_holders(Role.DIRECTOR, Role.DEPUTY), fallbacks=FALLBACKS[3:]
    ),
    "council": ApproverRole(_("理事会成员"), **role_holders(Role.COUNCIL)),
    "finance": ApproverRole(_("财务负责人"), **role_holders(Role.FINANCE), fallbacks=FALLBACKS[2:]),
}
# The order in which those who may approve are reminded, and in which a request that waits too long is escalated.
ESCALATION_ORDER = ("department", *FALLBACKS)
