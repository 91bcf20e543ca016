"""Asking whether somebody may: for views, and for the records of stakeholders and what hangs on them.

Who sees which kind of record is said in accounts.roles; here it becomes one condition of the database.
"""

from dataclasses import dataclass
from functools import reduce
from operator import or_

from django.contrib.auth.mixins import LoginRequiredMixin
from django.core.exceptions import PermissionDenied
from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts.models import Department, StandIn, User
from accounts.registry import Registry
from accounts.roles import RECORD_SCOPES, Permission, Scope, kinds, roles_with, scope_over

# Ways by which single records are seen beyond the scope of a role: {name: Way}. Which kinds they open: roles.KINDS.
ACCESS_SOURCES = Registry("ways into single records")
NOTHING = Q(pk__in=[])


class PermissionRequired(LoginRequiredMixin):
    """For class-based views: log in first, then hold `permission`, or 403. None asks for the log-in only."""

    permission = None

    def dispatch(self, request, *args, **kwargs):
        if request.user.is_authenticated and not self.allowed(request.user):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    def allowed(self, user):
        return self.permission is None or user.may(self.permission)


class AccessSource:
    """One way by which somebody sees single records; a room above adds an instance to WAYS.

    `passes_on`: whoever stands in for that person sees them too.
    """

    passes_on = False

    def rows(self, people, day):
        """The rows that open anything to `people` on `day`: a pk, an expression, or a queryset of pks of users."""
        raise NotImplementedError

    def records(self, people, day):
        """The pks of the stakeholders that these rows open, as a queryset of one column."""
        raise NotImplementedError


def lookup_for_users(field, people):
    """{lookup: value}: `field` is the user, or one of the users, that `people` stands for (see Way.rows)."""
    return {f"{field}__in" if isinstance(people, QuerySet) else field: people}


def access_source_conditions(day):
    """{name: condition}: whether the way opens anything to the user of an outer query on `day`."""
    return {name: Exists(way.rows(OuterRef("pk"), day)) for name, way in ACCESS_SOURCES.items()}


@dataclass(frozen=True)
class Visibility:
    """How far somebody sees the records of a kind; kinds of equal reach share one condition.

    `leading` are the roles of an absent colleague whose department the stand-in sees; None when standing in opens
    nothing here, or for nobody today. `passed_on` are the ways of the absent colleague that the stand-in has too.
    """

    scope: Scope
    by_responsible: bool
    ways: tuple
    leading: tuple | None
    passed_on: tuple


def visibility_of(user, kind):
    """The Reach of `user` over records of `kind`, or None when no record of it is seen."""
    scope, sight = user.scope_over(kind), kinds()[kind]
    known = tuple(name for name in sight.ways if name in ACCESS_SOURCES)
    ways = tuple(name for name in known if user.may_use_access_source(name))
    if scope not in RECORD_SCOPES or (scope == Scope.OWN and not sight.by_responsible and not ways):
        return None
    if not (sight.by_responsible and StandIn.objects.may_be_held_by(user)):
        return Visibility(scope, sight.by_responsible, ways, None, ())
    passed_on = tuple(name for name in known if ACCESS_SOURCES[name].passes_on)
    return Visibility(scope, sight.by_responsible, ways, leading_roles(kind), passed_on)


def leading_roles(kind):
    """The roles that approve, and see records of `kind` that are not their own."""
    wider = (Scope.ALL, Scope.DEPARTMENT)
    return tuple(role for role in roles_with(Permission.APPROVE) if scope_over(role, kind) in wider)


def within_scope(user, record="", kind=None):
    """The condition under which a record belongs to those `user` may see (one rule for every kind of record).

    `record` is the lookup path to the stakeholder, empty when the rows are stakeholders. `kind`: the rows hold nothing
    else, so it need not be asked. What somebody sees of their own they see confidential or not.
    """
    if not user.may(Permission.VIEW):
        return NOTHING
    at = LookupPaths(record)
    if kind:
        reach = visibility_of(user, kind)
        return visibility_condition(user, reach, at) if reach else NOTHING
    return kinds_condition(user, kinds(), at)


def kinds_condition(user, wanted, at):
    """The condition that a record is of one of these kinds, and seen; `at` says where its columns are."""
    alike = {}
    for each in wanted:
        if reach := visibility_of(user, each):
            alike.setdefault(reach, []).append(each)
    # An empty condition would vanish in a disjunction; each of these names its kinds, so none is empty.
    found = (
        Q(**{f"{at.kind}__in": of}) & visibility_condition(user, reach, at) for reach, of in alike.items()
    )
    return reduce(or_, found, NOTHING)


def kinds_visible_by_columns(user):
    """The kinds of which `user` sees a record by its own columns alone: no way opens single ones to them today."""
    if not user.may(Permission.VIEW):
        return []
    reaches = ((kind, visibility_of(user, kind)) for kind in kinds())
    return [kind for kind, reach in reaches if reach and needs_columns_only(user, reach)]


def needs_columns_only(user, reach):
    sees_all = reach.scope == Scope.ALL and user.may(Permission.CONFIDENTIAL)
    return sees_all or not (reach.ways or reach.passed_on)


class LookupPaths:
    """Lookup paths from a row to its stakeholder, whose own path is `record`."""

    def __init__(self, record):
        self.prefix = f"{record}__" if record else ""
        self.pk = record or "pk"

    def __getattr__(self, field):
        return f"{self.prefix}{field}"


def visibility_condition(user, reach, at):
    """The condition on a record of whatever kind has this `reach`; empty when all of them are seen."""
    closed = not user.may(Permission.CONFIDENTIAL)
    if reach.scope == Scope.ALL and not closed:
        return Q()
    open_to_all = Q(**{at.is_confidential: False}) if closed else Q()
    own = own_records_condition(user, reach, at, open_to_all)
    if reach.scope == Scope.ALL:
        return own | open_to_all
    if reach.scope == Scope.DEPARTMENT and user.department_id:
        return own | (Q(**{at.department: user.department_id}) & open_to_all)
    return own


def own_records_condition(user, reach, at, open_to_all):
    """The records on which `user` stands: as responsible worker, by a way, or for a colleague who is away."""
    found = [Q(**{at.responsible: user.pk})] if reach.by_responsible else []
    found += [
        Q(**{f"{at.pk}__in": ACCESS_SOURCES[name].records(user.pk, user.asked_on)}) for name in reach.ways
    ]
    if reach.leading is not None:
        found.append(stand_in_condition(user, reach, at, open_to_all))
    return reduce(or_, found, NOTHING)


def stand_in_condition(user, reach, at, open_to_all):
    """What falls to `user` while standing in: the absent colleague's records, and the department they lead.

    Somebody leads a department as its head, or as a member who approves there (R271). Of that department's other
    records the confidential ones stay closed, unless `open_to_all` lets them pass.
    """
    absent = StandIn.objects.absent_for(user)
    leaders = User.objects.with_any_role(reach.leading).filter(pk__in=absent).values("pk")
    heads = absent if set(reach.leading) == set(roles_with(Permission.APPROVE)) else leaders
    led = Department.objects.filter(Q(head__in=heads) | Q(members__in=leaders)).values("pk")
    found = Q(**{f"{at.responsible}__in": absent}) | (Q(**{f"{at.department}__in": led}) & open_to_all)
    for name in reach.passed_on:
        found |= Q(**{f"{at.pk}__in": ACCESS_SOURCES[name].records(absent, user.asked_on)})
    return found


def countable_condition(user, record=""):
    """The condition on what `user` may count without seeing it; use it only where no row can come out.

    It holds what they see, and all of the kinds over which a role of theirs has the scope NUMBERS.
    """
    if not user.may(Permission.VIEW):
        return NOTHING
    numbers = [kind for kind in kinds() if user.counts(kind)]
    return within_scope(user, record) | Q(**{f"{LookupPaths(record).kind}__in": numbers})
