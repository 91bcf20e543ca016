"""The roles, in relation to a record, that a step of an approval request can ask (registers.ASKERS).

An Asker returns the users who hold the role, as a queryset. What it needs to know of the record is in `ground`: the
department, the responsible worker and so on, as values for a single request and as OuterRefs for a query over all
(accounts.approvals.asking), so that one declaration serves both. A missing value is 0, which is no user's key.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Department, User
from accounts.roles import RECORD_SCOPES, Permission, Role, Scope, kinds, roles_seeing, roles_with

# Colleagues with a younger account do not confirm in place of the usual confirmers: a user who opens accounts could
# create one for the purpose. Three months are the usual length of a probation.
SETTLED = timedelta(days=90)


@dataclass(frozen=True)
class Asker:
    """A role in relation to a record.

    `holders(ground)` returns the users who hold it. `up` are the names of the roles that take its place, in this
    order, while it has no holder who may decide. With `only_while_held` they do so only while an active user holds
    the role: after the last one has left, no role inherits it. `open_to(user)` returns False when the user's roles
    alone show that the user does not hold it, which saves a query; with `by_role` they decide it completely (for a
    record visible to the user). With `personal`, stand-ins do not decide.
    """

    label: str
    holders: Callable
    open_to: Callable = lambda user: True
    by_role: bool = False
    up: tuple = ()
    only_while_held: bool = False
    personal: bool = False


def able(permission):
    """Arguments `holders`, `open_to` and `by_role` of an Asker: the holders of a permission, in any department."""
    return {
        "holders": lambda ground: User.objects.active().with_permission(permission),
        "open_to": lambda user: user.may(permission),
        "by_role": True,
    }


def within_reach(ground):
    """Returns the users who see the record by their role.

    The same rule as accounts.access.within_scope, without its access sources.
    """
    secrets = Q(is_closed=False) | of_any(roles_with(Permission.CONFIDENTIAL))
    alike = {}
    for kind, sight in kinds().items():
        wide = (Scope.ALL,), (Scope.DEPARTMENT,), RECORD_SCOPES if sight.by_responsible else ()
        alike.setdefault(tuple(tuple(roles_seeing(kind, *scopes)) for scopes in wide), []).append(kind)
    visible = Q(pk__in=[])
    for (everywhere, nearby, own), of in alike.items():
        wide = of_any(everywhere) | (of_any(nearby) & Q(department=ground["department"]))
        visible |= Q(of_kind__in=of) & ((wide & secrets) | (of_any(own) & Q(pk=ground["worker"])))
    return (
        User.objects.active().alias(is_closed=ground["confidential"], of_kind=ground["kind"]).filter(visible)
    )


def of_any(roles):
    """The condition that a user holds one of `roles`."""
    held = Q(pk__in=[])
    for role in roles:
        held |= Q(roles__contains=f",{role.value},")
    return held


def of_role(*roles):
    """Arguments `holders`, `open_to` and `by_role` of an Asker: the holders of one of `roles`."""
    return {
        "holders": lambda ground: within_reach(ground).filter(of_any(roles)),
        "open_to": lambda user: bool(set(roles) & {Role(role) for role in user.roles}),
        "by_role": True,
    }


def approvers(ground):
    """Users who may approve and see the record."""
    return within_reach(ground).with_permission(Permission.APPROVE)


def within(value):
    """Returns a value of a Ground for use in a subquery of the query for users."""
    return OuterRef(value) if isinstance(value, OuterRef) else value


def leads(ground):
    """Users who may approve and work in, or head, the department of the record."""
    headed = Department.objects.filter(pk=within(ground["department"]), head=OuterRef("pk"))
    return approvers(ground).filter(Q(department=ground["department"]) | Exists(headed))


def supervisors(ground):
    """Users who supervise the responsible worker on the day of `ground` (R299)."""
    return User.objects.active().supervisor_on(within(ground["worker"]), ground["today"])


def settled(ground):
    """Users who work here and whose account is older than SETTLED; all who work here if there is none so old."""
    old = User.objects.filter(date_joined__date__lte=ground["settled"])
    return (
        User.objects.active()
        .with_permission(Permission.VIEW)
        .filter(Q(pk__in=old.values("pk")) | ~Exists(old))
    )


def settled_by(today=None):
    """Returns the last day on which an account may have been opened to count as settled `today`."""
    return (today or timezone.localdate()) - SETTLED


UP = ("business_lead", "head", "director", "council")
APPROVING = {"open_to": lambda user: user.may(Permission.APPROVE)}
RECORD_ASKERS = {
    "approver": Asker(_("有审批权限的同事"), approvers, up=("council",), by_role=True, **APPROVING),
    "department": Asker(_("部门负责人"), leads, up=UP, **APPROVING),
    "supervisor": Asker(_("负责社工的督导"), supervisors, up=UP),
    "business_lead": Asker(_("机构业务负责人"), **of_role(Role.BUSINESS_LEAD), up=UP[1:]),
    "head": Asker(_("中心负责人"), **of_role(Role.HEAD), up=UP[2:]),
    "director": Asker(_("总干事、副总干事"), **of_role(Role.DIRECTOR, Role.DEPUTY), up=UP[3:]),
    "council": Asker(_("理事会成员"), **of_role(Role.COUNCIL)),
    "finance": Asker(_("财务负责人"), **of_role(Role.FINANCE), up=UP[2:]),
}
# The order in which those who may approve are reminded, and in which a request that waits too long is escalated.
LADDER = ("department", *UP)
