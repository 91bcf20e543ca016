"""Escalation: who is notified after the carrier of an overdue duty or task (R81-R85).

From where: above the tier of the rule (of a task: above the resident), or above the carrier if they are one of those
above. The tiers are resident, supervisor, department (its head), director, council.
How often: a duty is escalated by one step for each `escalate_after` working days (`reminders.parameters`) that it is
overdue, up to four steps; a task by one step.
Who is left out: a tier without a member who may see the record; the next tier takes its step. Above the council
nobody is notified.
Last resort: a duty or task without a carrier who may see the record falls to a member of the director tier.

`relations.reminding.raising` takes the steps, and puts the worker's present supervisor first where the kind has
supervision (clients have, employers have not).
"""

from dataclasses import dataclass
from itertools import product

from accounts.models import Department, User
from accounts.roles import TIER_BITS, Permission, Scope, Tier, kinds
from relations.shares.sight_sql import kinds_by_visibility

ESCALATION_TIERS = (Tier.RESIDENT, Tier.SUPERVISOR, Tier.DEPARTMENT, Tier.DIRECTOR, Tier.COUNCIL)
ESCALATION_STEPS = len(ESCALATION_TIERS) - 1
NOBODY = 0


@dataclass(frozen=True)
class EscalationMember:
    """A user with a tier, whom an escalation may notify."""

    pk: int
    scopes: dict
    sees_secrets: bool
    tier_mask: int
    department: int | None

    def is_of(self, tier):
        return bool(self.tier_mask & TIER_BITS[tier])

    def may_see(self, department, secret, kind):
        """Whether the scope alone lets the user see a record of that department, without other access to it."""
        scope = self.scopes.get(kind)
        here = scope == Scope.DEPARTMENT and department and self.department == department
        return (scope == Scope.ALL or here) and (self.sees_secrets or not secret)


class Escalation:
    """The people above, for every department, loaded with two queries."""

    def __init__(self):
        self.heads = dict(Department.objects.values_list("pk", "head"))
        self.people = [
            escalation_member(user) for user in User.objects.active().exclude(tier_mask=0).order_by("pk")
        ]
        self.by_pk = {person.pk: person for person in self.people}

    def last_resort(self, kind):
        """Returns the pk of the user notified about a record of `kind` when there is no other recipient, or None."""
        return self.first(Tier.DIRECTOR, None, True, kind)

    def first(self, tier, department, secret, kind):
        """Returns the pk of the first member of a tier who may see records of that department, or None.

        The first is the one with the oldest account.
        """
        able = (p for p in self.people if p.is_of(tier))
        return next((p.pk for p in able if p.may_see(department, secret, kind)), None)

    def on(self, tier, department, secret, kind):
        """Returns the pk of the member of a tier whom an escalation notifies for a department, or None.

        On DEPARTMENT it is its head, on SUPERVISOR a supervisor of the department, on other tiers any member.
        """
        if tier == Tier.DEPARTMENT:
            head = self.by_pk.get(self.heads.get(department))
            return head.pk if head and head.may_see(department, secret, kind) else None
        if tier == Tier.SUPERVISOR:
            own = (p for p in self.people if p.is_of(tier) and department and p.department == department)
            return next((p.pk for p in own if p.may_see(department, secret, kind)), None)
        return self.first(tier, department, secret, kind)

    def above(self, tier, department, secret, kind):
        """Returns the pks of the members above `tier`, the next one first, without duplicates."""
        higher = ESCALATION_TIERS[ESCALATION_TIERS.index(tier) + 1 :]
        members = (self.on(each, department, secret, kind) for each in higher)
        return list(dict.fromkeys(pk for pk in members if pk))

    def rows(self):
        """Yields the people above for every combination of group of kinds, department, confidentiality and tier.

        Rows are (index of the group, department or 0, is confidential, tier, four pks or 0, last resort or 0).
        """
        for place, (kind, *_others) in enumerate(kinds_by_visibility()):
            last_resort = self.last_resort(kind) or NOBODY
            for department, secret in product([None, *self.heads], (False, True)):
                for tier in ESCALATION_TIERS:
                    above = self.above(tier, department, secret, kind)
                    padding = [NOBODY] * (ESCALATION_STEPS - len(above))
                    yield (place, department or 0, secret, str(tier), *above, *padding, last_resort)


def escalation_member(user):
    may_view = user.may(Permission.VIEW)
    return EscalationMember(
        user.pk,
        {kind: user.scope_over(kind) if may_view else Scope.NONE for kind in kinds()},
        user.may(Permission.CONFIDENTIAL),
        user.tier_mask,
        user.department_id,
    )
