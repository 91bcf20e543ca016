"""Whom a step can ask: roles in relation to the record, by name (registers.ASKERS).

An Asker says who holds the role, as a queryset of User. What it has to know of the record stands in `ground`: the
department, the responsible worker and the like, as values when one sheet is looked at and as OuterRefs when all are
(accounts.approvals.asking), so that one declaration answers both. A missing value is 0, which is nobody's key.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Department, User
from accounts.roles import RECORD_SCOPES, Permission, Role, Scope, kinds, roles_seeing, roles_with

# A colleague whose account is younger does not stand in for those who confirm: whoever opens accounts could make one
# for the purpose. Three months are as long as a probation usually lasts.
SETTLED = timedelta(days=90)


@dataclass(frozen=True)
class Asker:
    """A role in relation to a record.

    `up` are the names of those who take its place, one after the other, while nobody is left who may decide. With
    `only_while_held` they do so only as long as somebody in service holds the role: when the last one has left, nobody
    inherits it. `open_to(user)` may say from the roles alone that `user` does not hold it, which spares the database
    the question; with `by_role` they say all of it (for a record that `user` sees). Of a `personal` one stand-ins
    decide nothing.
    """

    label: str
    holders: Callable
    open_to: Callable = lambda user: True
    by_role: bool = False
    up: tuple = ()
    only_while_held: bool = False
    personal: bool = False


def able(permission):
    """The holders of a permission, wherever they work: `holders` and `open_to` of an Asker."""
    return {
        "holders": lambda ground: User.objects.active().with_permission(permission),
        "open_to": lambda user: user.may(permission),
        "by_role": True,
    }


def within_reach(ground):
    """Colleagues who see the record by their role, as accounts.access.within_scope has it, without its further ways."""
    secrets = Q(is_closed=False) | of_any(roles_with(Permission.CONFIDENTIAL))
    alike = {}
    for kind, sight in kinds().items():
        wide = (Scope.ALL,), (Scope.DEPARTMENT,), RECORD_SCOPES if sight.by_responsible else ()
        alike.setdefault(tuple(tuple(roles_seeing(kind, *scopes)) for scopes in wide), []).append(kind)
    seen = Q(pk__in=[])
    for (everywhere, nearby, own), of in alike.items():
        wide = of_any(everywhere) | (of_any(nearby) & Q(department=ground["department"]))
        seen |= Q(of_kind__in=of) & ((wide & secrets) | (of_any(own) & Q(pk=ground["worker"])))
    return User.objects.active().alias(is_closed=ground["confidential"], of_kind=ground["kind"]).filter(seen)


def of_any(roles):
    """The condition that somebody holds one of `roles`."""
    held = Q(pk__in=[])
    for role in roles:
        held |= Q(roles__contains=f",{role.value},")
    return held


def of_role(*roles):
    """The holders of one of `roles`: `holders` and `open_to` of an Asker."""
    return {
        "holders": lambda ground: within_reach(ground).filter(of_any(roles)),
        "open_to": lambda user: bool(set(roles) & {Role(role) for role in user.roles}),
        "by_role": True,
    }


def approvers(ground):
    """Who approves and sees the record."""
    return within_reach(ground).with_permission(Permission.APPROVE)


def within(value):
    """A value of a Ground as a query inside the query for people needs it."""
    return OuterRef(value) if isinstance(value, OuterRef) else value


def leads(ground):
    """Who approves and works in, or heads, the department of the record."""
    headed = Department.objects.filter(pk=within(ground["department"]), head=OuterRef("pk"))
    return approvers(ground).filter(Q(department=ground["department"]) | Exists(headed))


def supervisors(ground):
    """Whoever supervises the responsible worker on the day that is asked about (R299)."""
    return User.objects.active().supervisor_on(within(ground["worker"]), ground["today"])


def settled(ground):
    """Who works here and has done so for a while; in a centre that is younger than that, everybody."""
    old = User.objects.filter(date_joined__date__lte=ground["settled"])
    return (
        User.objects.active()
        .with_permission(Permission.VIEW)
        .filter(Q(pk__in=old.values("pk")) | ~Exists(old))
    )


def settled_by(today=None):
    """The last day on which an account may have been opened that counts as settled `today`."""
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
# Whoever is asked first among the many who may approve, and those who learn that it waits too long, one after another.
LADDER = ("department", *UP)
