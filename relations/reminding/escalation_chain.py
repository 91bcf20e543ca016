"""The escalation chain, and SQL for who may see which record, so that reminders are created set-based (R81-R85).

An overdue duty or task climbs from the resident worker to the supervisor, the department head, the director and the
council. A tier is skipped if it has no member who may see the record.
"""

import re
from dataclasses import dataclass
from itertools import product

from django.db.models.expressions import RawSQL

from accounts.access import ACCESS_SOURCES
from accounts.models import Department, User
from accounts.roles import (
    EMPLOYER,
    GRANTS,
    RECORD_SCOPES,
    TIER_BITS,
    Permission,
    Scope,
    Tier,
    kinds,
    roles_seeing,
    roles_with,
    scope_over,
)
from reminders import clock

CHAIN_TIERS = (Tier.RESIDENT, Tier.SUPERVISOR, Tier.DEPARTMENT, Tier.DIRECTOR, Tier.COUNCIL)
CHAIN_LENGTH = len(CHAIN_TIERS) - 1
NOBODY = 0
SAFE_LITERAL = re.compile(r"[a-z0-9_,%\\-]+")  # also a pattern for a list of roles


def kinds_by_visibility():
    """Groups the kinds that have the same rules of visibility: a list of lists of kinds."""
    groups = {}
    for kind, sight in kinds().items():
        scopes = tuple(scope_over(role, kind) for role in GRANTS)
        groups.setdefault((scopes, sight.by_responsible, sight.access_sources), []).append(kind)
    return list(groups.values())


def kind_group_sql(record):
    """Returns SQL: the index in `kinds_by_visibility()` of the kind of `record` (an alias of relations_stakeholder)."""
    places = " ".join(
        f"WHEN {in_list_sql(record, of)} THEN {place}" for place, of in enumerate(kinds_by_visibility())
    )
    return f"CASE {places} END"


def in_list_sql(record, of):
    return f"{record}.kind IN ({', '.join(repr(str(kind)) for kind in of)})"


def has_role_sql(roles):
    """Returns SQL: the user has one of `roles`."""
    return " OR ".join(f"roles LIKE '%%,{role.value},%%'" for role in roles) or "1 = 0"


def people_sql():
    """Returns SQL: the active users, with a boolean column for each scope of each group of kinds."""
    columns = [
        f"({has_role_sql(roles)}) AS {name}{place}"
        for place, of in enumerate(kinds_by_visibility())
        for name, roles in seeing_roles(of[0]).items()
    ]
    secrets = f"({has_role_sql(roles_with(Permission.CONFIDENTIAL))}) AS sees_secrets"
    selected = ", ".join(["id", "department_id", *columns, secrets])
    return f"SELECT {selected} FROM accounts_user WHERE is_active"  # noqa: S608  built from constants


def seeing_roles(kind):
    """Returns {column of people_sql(): roles, one of which is required} for a kind."""
    return {
        "sees_own": roles_seeing(kind, *RECORD_SCOPES),
        "sees_department": roles_seeing(kind, Scope.DEPARTMENT),
        "sees_all": roles_seeing(kind, Scope.ALL),
    }


def sees_sql(person, day=None):
    """Returns SQL: `person` (an alias of people_sql()) may see the stakeholder `s` on `day` (by default today).

    The same rule as accounts.access.within_scope, except for what users may see as stand-ins.
    """
    return f"({' OR '.join(f'({condition})' for condition in reasons_sql(person, day or clock.today()).values())})"


def reasons_sql(person, day):
    """Returns {reason: SQL} for each reason why `person` may see `s`.

    Reasons are "responsible", the names in accounts.access.ACCESS_SOURCES, "department" and "all".
    """
    reasons = {}
    for place, of in enumerate(kinds_by_visibility()):
        for why, condition in reasons_in_group_sql(person, day, kinds()[of[0]], place).items():
            reasons.setdefault(why, []).append(f"({in_list_sql('s', of)} AND {condition})")
    return {why: " OR ".join(conditions) for why, conditions in reasons.items()}


def reasons_in_group_sql(person, day, sight, place):
    open_one = f"({person}.sees_secrets OR NOT s.is_confidential)"
    own = {"responsible": f"{person}.id = s.responsible_id"} if sight.by_responsible else {}
    own |= {
        name: access_source_sql(person, day, name) for name in sight.access_sources if name in ACCESS_SOURCES
    }
    wider = {
        "department": f"{person}.sees_department{place} AND {person}.department_id = s.department_id AND {open_one}",
        "all": f"{person}.sees_all{place} AND {open_one}",
    }
    return {why: f"{person}.sees_own{place} AND {condition}" for why, condition in own.items()} | wider


def access_source_sql(person, day, name):
    """Returns SQL: the access source `name` makes `s` visible to `person`."""
    records = ACCESS_SOURCES[name].records(RawSQL(f"{person}.id", []), day)  # noqa: S611  an alias, no user input
    sql, params = records.query.sql_with_params()
    return f"s.id IN ({sql % tuple(map(sql_literal, params))})"


def sql_literal(value):
    """Returns a number, a day or a constant as an SQL literal, for a statement that is run with parameters.

    Raises ValueError for anything else.
    """
    if isinstance(value, int):
        return str(value)
    if not SAFE_LITERAL.fullmatch(str(value)):
        raise ValueError(f"Not a value to be written into SQL: {value!r}")
    return f"'{value}'".replace("%", "%%")


def users_who_see(stakeholder, day=None):
    """Returns a queryset of the users who may see a stakeholder themselves (not as a stand-in)."""
    sql = (
        f"SELECT p.id FROM ({people_sql()}) p, relations_stakeholder s "  # noqa: S608
        f"WHERE s.id = %s AND {sees_sql('p', day)}"
    )
    return User.objects.filter(pk__in=RawSQL(sql, [stakeholder.pk]))  # noqa: S611  contains no user input


@dataclass(frozen=True)
class ChainMember:
    """A user with a tier, who may be notified as a member of the chain."""

    pk: int
    scopes: dict
    sees_secrets: bool
    tier_mask: int
    department: int | None

    def is_of(self, tier):
        return bool(self.tier_mask & TIER_BITS[tier])

    def may_see(self, department, secret, kind=EMPLOYER):
        """Whether the scope alone lets the user see a record of that department, without other access to it."""
        scope = self.scopes.get(kind)
        here = scope == Scope.DEPARTMENT and department and self.department == department
        return (scope == Scope.ALL or here) and (self.sees_secrets or not secret)


class EscalationChain:
    """The people above, for every department, loaded with two queries."""

    def __init__(self):
        self.heads = dict(Department.objects.values_list("pk", "head"))
        self.people = [
            chain_member(user) for user in User.objects.active().exclude(tier_mask=0).order_by("pk")
        ]
        self.by_pk = {person.pk: person for person in self.people}

    def last_resort(self, kind=EMPLOYER):
        """Returns the pk of the user notified about a record of `kind` when there is no other recipient, or None."""
        return self.first(Tier.DIRECTOR, None, True, kind)

    def first(self, tier, department, secret, kind):
        """Returns the pk of the first member of a tier who may see records of that department, or None.

        The first is the one with the oldest account.
        """
        able = (p for p in self.people if p.is_of(tier))
        return next((p.pk for p in able if p.may_see(department, secret, kind)), None)

    def on(self, tier, department, secret, kind):
        """Returns the pk of the member of the chain on a tier for a department, or None.

        On DEPARTMENT it is its head, on SUPERVISOR a supervisor of the department, on other tiers any member.
        """
        if tier == Tier.DEPARTMENT:
            head = self.by_pk.get(self.heads.get(department))
            return head.pk if head and head.may_see(department, secret, kind) else None
        if tier == Tier.SUPERVISOR:
            own = (p for p in self.people if p.is_of(tier) and department and p.department == department)
            return next((p.pk for p in own if p.may_see(department, secret, kind)), None)
        return self.first(tier, department, secret, kind)

    def above(self, tier, department, secret, kind=EMPLOYER):
        """Returns the pks of the members above `tier`, the next one first, without duplicates."""
        higher = CHAIN_TIERS[CHAIN_TIERS.index(tier) + 1 :]
        members = (self.on(rung, department, secret, kind) for rung in higher)
        return list(dict.fromkeys(pk for pk in members if pk))

    def rows(self):
        """Yields the chain for every combination of group of kinds, department, confidentiality and tier.

        Rows are (index of the group, department or 0, is confidential, tier, four pks or 0, last resort or 0).
        """
        for place, (kind, *_others) in enumerate(kinds_by_visibility()):
            last_resort = self.last_resort(kind) or NOBODY
            for department, secret in product([None, *self.heads], (False, True)):
                for tier in CHAIN_TIERS:
                    chain = self.above(tier, department, secret, kind)
                    padding = [NOBODY] * (CHAIN_LENGTH - len(chain))
                    yield (place, department or 0, secret, str(tier), *chain, *padding, last_resort)


def chain_member(user):
    may_view = user.may(Permission.VIEW)
    return ChainMember(
        user.pk,
        {kind: user.scope_over(kind) if may_view else Scope.NONE for kind in kinds()},
        user.may(Permission.CONFIDENTIAL),
        user.tier_mask,
        user.department_id,
    )
