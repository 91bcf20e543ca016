"""Access control: which views a user may open, and which stakeholders (and what depends on them) they may see.

accounts.roles states who sees which kind of record; this module turns it into one database condition. Where the rule
is written again, for many users at once or in part, and which tests hold each place: docs/architecture.md, "Who sees a
record".
"""

from dataclasses import dataclass, replace
from functools import reduce
from operator import or_

from django.contrib.auth.mixins import LoginRequiredMixin
from django.core.exceptions import PermissionDenied
from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts.models import Department, StandIn, User
from accounts.query_cache import PreparedPks
from accounts.registry import Registry
from accounts.roles import RECORD_SCOPES, Permission, Scope, kinds, roles_with, scope_over

# {name: AccessSource}: what opens single records beyond the scope of a role. For which kinds: `access_sources` in
# accounts.roles.KINDS.
ACCESS_SOURCES = Registry("access to single records")
NOTHING = Q(pk__in=[])


class PermissionRequired(LoginRequiredMixin):
    """Mixin for class-based views: requires a login and `permission` (403 without it); None requires the login only."""

    permission = None

    def dispatch(self, request, *args, **kwargs):
        if request.user.is_authenticated and not self.allowed(request.user):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    def allowed(self, user):
        return self.permission is None or user.may(self.permission)


class AccessSource:
    """A source of access to single records, such as a share; apps above add instances to ACCESS_SOURCES.

    `passes_on`: the stand-in of a user sees these records too.
    """

    passes_on = False

    def rows(self, people, day):
        """Returns the rows that open a record to `people` on `day`.

        `people` is a pk, an expression, or a queryset of pks of users.
        """
        raise NotImplementedError

    def records(self, people, day):
        """Returns the pks of the stakeholders that these rows open, as a queryset of one column."""
        raise NotImplementedError

    def declared(self):
        """Returns what the SQL of `records` hangs on besides its arguments, as a hashable value."""
        return ()

    def rows_without_caution(self, people, day):
        """Returns those of `rows` that open a record without its notes of caution (R38); here None: all open both.

        Rows that are returned have a field `stakeholder`.
        """


def lookup_for_users(field, people):
    """Returns {lookup: value} for `field` = `people`, or `field` in `people` (see AccessSource.rows for the types)."""
    return {f"{field}__in" if isinstance(people, QuerySet) else field: people}


def access_source_conditions(day):
    """Returns {name: condition}: whether each access source opens anything to the user of an outer query on `day`."""
    return {name: Exists(source.rows(OuterRef("pk"), day)) for name, source in ACCESS_SOURCES.items()}


@dataclass(frozen=True)
class Visibility:
    """How much a user sees of the records of a kind; kinds with equal visibility share one condition.

    `by_responsible`: the user sees the records for which they are the responsible worker. `access_sources` are names
    from ACCESS_SOURCES. `leading` are the roles of an absent colleague whose department the stand-in sees; None when
    standing in opens nothing here, or when the user stands in for no one today. `passed_on` are the access sources of
    the absent colleague that the stand-in has too.
    """

    scope: Scope
    by_responsible: bool
    access_sources: tuple
    leading: tuple | None
    passed_on: tuple


def visibility_of(user, kind):
    """Returns the Visibility of records of `kind` for `user`, or None when the user sees no record of it."""
    scope, visibility = user.scope_over(kind), kinds()[kind]
    known = tuple(name for name in visibility.access_sources if name in ACCESS_SOURCES)
    usable = tuple(name for name in known if user.may_use_access_source(name))
    if scope not in RECORD_SCOPES or (scope == Scope.OWN and not visibility.by_responsible and not usable):
        return None
    if not (visibility.by_responsible and StandIn.objects.may_exist_for(user)):
        return Visibility(scope, visibility.by_responsible, usable, None, ())
    passed_on = tuple(name for name in known if ACCESS_SOURCES[name].passes_on)
    return Visibility(scope, visibility.by_responsible, usable, leading_roles(kind), passed_on)


def leading_roles(kind):
    """Returns the roles that approve and see records of `kind` other than their own."""
    wider = (Scope.ALL, Scope.DEPARTMENT)
    return tuple(role for role in roles_with(Permission.APPROVE) if scope_over(role, kind) in wider)


def within_scope(user, record="", kind=None):
    """The condition that `user` may see a record (the same rule for every kind of record).

    `record` is the lookup path to the stakeholder, empty when the rows are stakeholders. `kind`: all rows are of this
    kind, so the condition does not test it. The user's own records are visible whether confidential or not.
    """
    if not user.may(Permission.VIEW):
        return NOTHING
    at = LookupPaths(record)
    if kind:
        reach = visibility_of(user, kind)
        return visibility_condition(user, reach, at) if reach else NOTHING
    return kinds_condition(user, kinds(), at)


def seen_by_role(user, record=""):
    """The condition that the role of `user` alone shows a record, confidential ones included only where it may.

    Not as its responsible worker, by an access source or as a stand-in.
    """
    return limited_condition(user, record, lambda kind: limited_visibility(user, kind))


def seen_in_own_right(user, record=""):
    """The condition that `user` sees a record by role or as its responsible worker, so not for some days only.

    Acts that change who sees a record ask it (relations.parties.own_right).
    """

    def reach_of(kind):
        return limited_visibility(user, kind, by_responsible=kinds()[kind].by_responsible)

    return limited_condition(user, record, reach_of)


def seen_without(user, sources, record=""):
    """The condition that `user` would see a record without the access sources named in `sources`.

    They are disregarded for the colleagues for whom the user stands in as well.
    """

    def others(names):
        return tuple(name for name in names if name not in sources)

    def reach_of(kind):
        reach = visibility_of(user, kind)
        return reach and replace(
            reach, access_sources=others(reach.access_sources), passed_on=others(reach.passed_on)
        )

    return limited_condition(user, record, reach_of)


def limited_visibility(user, kind, by_responsible=False):
    """Returns the Visibility of `kind` without access sources and standing in, or None when nothing is left."""
    scope = user.scope_over(kind)
    wide = scope in (Scope.ALL, Scope.DEPARTMENT)
    if not (wide or (by_responsible and scope == Scope.OWN)):
        return None
    return Visibility(scope, by_responsible, (), None, ())


def limited_condition(user, record, reach_of):
    if not user.may(Permission.VIEW):
        return NOTHING
    return kinds_condition(user, kinds(), LookupPaths(record), reach_of)


def kinds_condition(user, wanted, at, reach_of=None):
    """The condition that a record is of one of the kinds `wanted` and visible to `user`.

    `at` gives the lookup paths of its columns, `reach_of(kind)` the Visibility, by default all that `user` sees.
    """
    kinds_by_reach = {}
    for each in wanted:
        if reach := reach_of(each) if reach_of else visibility_of(user, each):
            kinds_by_reach.setdefault(reach, []).append(each)
    # An empty Q vanishes from an OR, and its records with it; each of these names its kinds, so none is empty.
    conditions = (
        Q(**{f"{at.kind}__in": of}) & visibility_condition(user, reach, at)
        for reach, of in kinds_by_reach.items()
    )
    return reduce(or_, conditions, NOTHING)


def kinds_visible_by_columns(user):
    """Returns the kinds for which the record's own columns decide what `user` sees.

    For these, no access source opens single records to the user today.
    """
    if not user.may(Permission.VIEW):
        return []
    reaches = ((kind, visibility_of(user, kind)) for kind in kinds())
    return [kind for kind, reach in reaches if reach and needs_columns_only(user, reach)]


def needs_columns_only(user, reach):
    sees_all = reach.scope == Scope.ALL and user.may(Permission.CONFIDENTIAL)
    return sees_all or not (reach.access_sources or reach.passed_on)


class LookupPaths:
    """Lookup paths from a row to its stakeholder, whose own path is `record`."""

    def __init__(self, record):
        self.prefix = f"{record}__" if record else ""
        self.pk = record or "pk"

    def __getattr__(self, field):
        return f"{self.prefix}{field}"


def visibility_condition(user, reach, at):
    """The condition on records of a kind with the visibility `reach`; empty when all of them are visible."""
    hides_confidential = not user.may(Permission.CONFIDENTIAL)
    if reach.scope == Scope.ALL and not hides_confidential:
        return Q()
    open_to_all = Q(**{at.is_confidential: False}) if hides_confidential else Q()
    own = own_records_condition(user, reach, at, open_to_all)
    if reach.scope == Scope.ALL:
        return own | open_to_all
    if reach.scope == Scope.DEPARTMENT and user.department_id:
        return own | (Q(**{at.department: user.department_id}) & open_to_all)
    return own


def own_records_condition(user, reach, at, open_to_all):
    """The condition on the user's own records.

    These are the ones they are responsible for, those an access source opens, and those of colleagues they stand in
    for.
    """
    conditions = [Q(**{at.responsible: user.pk})] if reach.by_responsible else []
    conditions += [
        Q(**{f"{at.pk}__in": OPENED(user, name, ACCESS_SOURCES[name].declared())})
        for name in reach.access_sources
    ]
    if reach.leading is not None:
        conditions.append(stand_in_condition(user, reach, at, open_to_all))
    return reduce(or_, conditions, NOTHING)


def stand_in_condition(user, reach, at, open_to_all):
    """The records that `user` sees as a stand-in: the absent colleague's, and those of the department they lead.

    A user leads a department as its head, or as a member who approves there (R271). The other confidential records of
    that department stay hidden unless `open_to_all` admits them.
    """
    condition = Q(**{f"{at.responsible}__in": ABSENT(user)})
    condition |= Q(**{f"{at.department}__in": LED_BY_ABSENT(user, reach.leading)}) & open_to_all
    for name in reach.passed_on:
        condition |= Q(**{f"{at.pk}__in": OPENED_TO_ABSENT(user, name, ACCESS_SOURCES[name].declared())})
    return condition


def opened(user, name, _declared):
    """Returns the pks of the records that the access source `name` opens to `user`."""
    return ACCESS_SOURCES[name].records(user.pk, user.request_day)


def opened_to_absent(user, name, _declared):
    """Returns the pks of the records that the access source `name` opens to those for whom `user` stands in."""
    return ACCESS_SOURCES[name].records(StandIn.objects.absent_for(user), user.request_day)


def led_by_absent(user, leading):
    """Returns the pks of the departments led by those for whom `user` stands in, with one of the roles `leading`."""
    absent = StandIn.objects.absent_for(user)
    leaders = User.objects.with_any_role(leading).filter(pk__in=absent).values("pk")
    heads = absent if set(leading) == set(roles_with(Permission.APPROVE)) else leaders
    return Department.objects.filter(Q(head__in=heads) | Q(members__in=leaders)).values("pk")


OPENED, OPENED_TO_ABSENT = PreparedPks(opened), PreparedPks(opened_to_absent)
LED_BY_ABSENT, ABSENT = PreparedPks(led_by_absent), PreparedPks(StandIn.objects.absent_for)


def records_without_caution(user):
    """Returns the pks of the records that `user` sees, but whose notes of caution stay closed to any role (R38).

    These are the records that are open to the user by a share alone. Queried once in a request, and only when an
    access source opens anything to the user.
    """
    if user.records_without_caution is None:
        sources = [name for name in ACCESS_SOURCES if user.may_use_access_source(name)]
        user.records_without_caution = frozenset(
            pk for name in sources for pk in closed_cautions(user, name, ACCESS_SOURCES[name])
        )
    return user.records_without_caution


def closed_cautions(user, name, source):
    """Returns the pks of the records whose notes of caution the access source `source` (called `name`) keeps closed."""
    rows = source.rows_without_caution(user.pk, user.request_day)
    if rows is None:
        return []
    return rows.exclude(seen_without(user, (name,), "stakeholder")).values_list("stakeholder", flat=True)


def countable_condition(user, record=""):
    """The condition on records that `user` may count without seeing them. Use it only where no row is returned.

    It covers what the user sees, and all records of the kinds for which one of their roles has the scope NUMBERS.
    """
    if not user.may(Permission.VIEW):
        return NOTHING
    numbers = [kind for kind in kinds() if user.counts(kind)]
    return within_scope(user, record) | Q(**{f"{LookupPaths(record).kind}__in": numbers})
