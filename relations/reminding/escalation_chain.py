"""Who stands above whom, and who may see what, for reminders: worked out once and matched set-wise (R81-R85).

An overdue thing climbs from the resident worker to the supervisor, the department head, the director and the council.
A rung is left out where there is nobody, or nobody who may see the record.
"""

from dataclasses import dataclass

from django.db.models.expressions import RawSQL

from accounts.models import Department, User
from accounts.roles import GRANTS, TIER_BITS, Permission, Scope, Tier

RUNGS = (Tier.RESIDENT, Tier.SUPERVISOR, Tier.DEPARTMENT, Tier.DIRECTOR, Tier.COUNCIL)
ABOVE = len(RUNGS) - 1
NOBODY = 0


def holding(test):
    """SQL: the user holds a role whose grant passes `test`."""
    roles = [role.value for role, grant in GRANTS.items() if test(grant)]
    return " OR ".join(f"roles LIKE '%%,{role},%%'" for role in roles) or "1 = 0"


def views(scope):
    return lambda grant: grant.scope == scope and Permission.VIEW in grant.permissions


COLUMNS = f"""
    id, department_id,
    ({holding(lambda grant: Permission.VIEW in grant.permissions)}) AS sees_own,
    ({holding(views(Scope.DEPARTMENT))}) AS sees_department,
    ({holding(views(Scope.ALL))}) AS sees_all,
    ({holding(lambda grant: Permission.CONFIDENTIAL in grant.permissions)}) AS sees_secrets
"""
PEOPLE = "SELECT " + COLUMNS + "FROM accounts_user WHERE is_active"


def sees(person):
    """SQL: `person` (an alias of PEOPLE) may see the stakeholder `s`; the same rule as accounts.access.within_scope."""
    return f"""(
        ({person}.sees_own AND {person}.id = s.responsible_id)
        OR (({person}.sees_all OR ({person}.sees_department AND {person}.department_id = s.department_id))
            AND ({person}.sees_secrets OR NOT s.is_confidential)))"""


def seers(stakeholder):
    """The colleagues within whose own sight a stakeholder lies, without those who stand in; a queryset of User."""
    sql = f"SELECT p.id FROM ({PEOPLE}) p, relations_stakeholder s WHERE s.id = %s AND {sees('p')}"  # noqa: S608
    return User.objects.filter(pk__in=RawSQL(sql, [stakeholder.pk]))  # noqa: S611  no text of a person is in it


@dataclass(frozen=True)
class Rung:
    """One person who may be told, on one tier."""

    pk: int
    scope: Scope
    sees_secrets: bool
    tier_mask: int
    department: int | None

    def is_of(self, tier):
        return bool(self.tier_mask & TIER_BITS[tier])

    def may_see(self, department, secret):
        everywhere = self.scope == Scope.ALL
        here = self.scope == Scope.DEPARTMENT and department and self.department == department
        return (everywhere or here) and (self.sees_secrets or not secret)


class Ladder:
    """The people above, of every department, from two queries."""

    def __init__(self):
        self.heads = dict(Department.objects.values_list("pk", "head"))
        self.people = [as_rung(user) for user in User.objects.active().exclude(tier_mask=0).order_by("pk")]
        self.by_pk = {person.pk: person for person in self.people}
        self.last_resort = self.first(Tier.DIRECTOR, None, secret=True)

    def first(self, tier, department, secret):
        """The active member of longest standing of a tier who may see records of that department; None if nobody."""
        return next((p.pk for p in self.people if p.is_of(tier) and p.may_see(department, secret)), None)

    def on(self, tier, department, secret):
        """Who stands on a rung for a department: its head, its own supervisor before one who sees everything."""
        if tier == Tier.DEPARTMENT:
            head = self.by_pk.get(self.heads.get(department))
            return head.pk if head and head.may_see(department, secret) else None
        if tier == Tier.SUPERVISOR:
            own = (p for p in self.people if p.is_of(tier) and department and p.department == department)
            return next((p.pk for p in own if p.may_see(department, secret)), None)
        return self.first(tier, department, secret)

    def above(self, tier, department, secret):
        """The pks of those above `tier`, the next one first, nobody twice."""
        higher = RUNGS[RUNGS.index(tier) + 1 :]
        found = (self.on(rung, department, secret) for rung in higher)
        return list(dict.fromkeys(pk for pk in found if pk))

    def rows(self):
        """(department or 0, secret, tier, four pks or 0, last resort or 0) for every combination."""
        for department in [None, *self.heads]:
            for secret in (False, True):
                for tier in RUNGS:
                    chain = self.above(tier, department, secret)
                    padding = [NOBODY] * (ABOVE - len(chain))
                    yield (department or 0, secret, str(tier), *chain, *padding, self.last_resort or NOBODY)


def as_rung(user):
    may_view = user.may(Permission.VIEW)
    return Rung(
        user.pk,
        user.scope if may_view else Scope.NONE,
        user.may(Permission.CONFIDENTIAL),
        user.tier_mask,
        user.department_id,
    )
