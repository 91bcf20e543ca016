"""A slow calculation of owed and met duties, against which relations.duties.settlement is tested.

A loop over stakeholder, rule and period, with sets of days, written from the documents (R29-R32, R69-R88, R427-R430,
R440-R446) and not from the SQL. It reads the terms and the participants of contacts, not the spans and masks that are
stored for speed.
"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta

from accounts.models import Department, User
from accounts.roles import Tier
from relations.models import (
    CadenceRule,
    Interaction,
    OurParticipant,
    Outcome,
    Period,
    RuleStanding,
    Stakeholder,
    Term,
    TheirParticipant,
)

LENGTHS = {Period.MONTH: 1, Period.QUARTER: 3, Period.HALF: 6, Period.YEAR: 12}


@dataclass(frozen=True)
class Owed:
    """The expected values of one duty."""

    due_on: date
    owed: int
    met: int
    met_on: date | None
    owner: int | None
    department: int | None


def days_from(first, last):
    """The set of days from `first` to `last`, both included."""
    return {first + timedelta(days=place) for place in range((last - first).days + 1)}


def first_of_next(first, months):
    """The first day of the month that is `months` months after that of `first`."""
    for _month in range(months):
        first = (first.replace(day=28) + timedelta(days=4)).replace(day=1)
    return first


def periods(kind, since, until):
    """Yields (first day, last day) of every period of `kind` that has a day from `since` to `until`."""
    first = date(since.year, 1, 1)
    while first <= until:
        following = first_of_next(first, LENGTHS[kind])
        if following > since:
            yield first, following - timedelta(days=1)
        first = following


def expected(today):
    """{key: Owed} of every duty that should exist on `today`."""
    log, duties = Log(), {}
    rules = [rule for rule in CadenceRule.objects.all() if rule.period in LENGTHS]
    for stakeholder in Stakeholder.objects.filter(voided_at=None):
        for rule in rules:
            if rule.kind != stakeholder.kind:
                continue
            for first, last in periods(rule.period, stakeholder.watched_from, today):
                if log.is_owed(rule, stakeholder, first, last):
                    key = f"duty:{rule.pk}:{stakeholder.pk}:{first}"
                    duties[key] = log.duty(rule, stakeholder, first, last)
    return duties


class Log:
    """All data that duties depend on, read once."""

    def __init__(self):
        self.in_force = defaultdict(set)
        for term in Term.objects.filter(voided_at=None):
            last = min(term.ended_on or term.ends_on, term.ends_on)
            self.in_force[term.stakeholder_id] |= days_from(term.starts_on, last)
        self.ours, self.accompanying, self.theirs = defaultdict(set), defaultdict(set), defaultdict(set)
        for part in OurParticipant.objects.all():
            side = self.accompanying if part.is_accompanying else self.ours
            side[part.interaction_id] |= set(part.tiers)
        for part in TheirParticipant.objects.all():
            self.theirs[part.interaction_id].add(part.level)
        self.contacts = defaultdict(list)
        for contact in Interaction.objects.order_by("contact_on", "pk"):
            if contact.withdrawn_at is None and contact.outcome == Outcome.REACHED:
                self.contacts[contact.stakeholder_id].append(contact)
        self.staff = list(User.objects.filter(is_active=True).order_by("pk"))
        self.heads = dict(Department.objects.values_list("pk", "head"))

    def is_owed(self, rule, stakeholder, first, last):
        """Whether the version in force on the first day applies, for at least half of the days (at half: active)."""
        if rule.effective_from > first or (rule.effective_to and rule.effective_to < first):
            return False
        period = days_from(first, last)
        active = period & self.in_force[stakeholder.pk]
        known = {day for day in period if stakeholder.closed_on is None or day < stakeholder.closed_on}
        return {
            RuleStanding.ACTIVE: 2 * len(active) >= len(period),
            RuleStanding.PROSPECTIVE: 2 * len(known - active) > len(period),
            RuleStanding.ANY: 2 * len(known) >= len(period),
        }[rule.standing]

    def duty(self, rule, stakeholder, first, last):
        """The Owed of one rule, stakeholder and period."""
        days = [
            contact.contact_on
            for contact in self.contacts[stakeholder.pk]
            if first <= contact.contact_on <= last and self.counts(rule, contact)
        ]
        met_on = days[rule.times - 1] if len(days) >= rule.times else None
        owner = self.owner(rule.tier, stakeholder)
        return Owed(last, rule.times, len(days), met_on, owner, stakeholder.department_id)

    def counts(self, rule, contact):
        """Whether a contact counts, by its purpose, the tiers of our and the levels of their participants (R81-R88)."""
        tiers = set(self.ours[contact.pk])
        if rule.counts_accompanying:
            tiers |= self.accompanying[contact.pk]
        return (
            (not rule.purposes or contact.purpose in rule.purposes)
            and (not rule.tiers or bool(tiers & set(rule.tiers)))
            and (not rule.levels or bool(self.theirs[contact.pk] & set(rule.levels)))
        )

    def owner(self, tier, stakeholder):
        """The key of the owner: responsible worker, head of the department, or the longest-serving user of the tier."""
        head = self.heads.get(stakeholder.department_id)
        whose = {Tier.RESIDENT: stakeholder.responsible_id, Tier.DEPARTMENT: head}
        carrier = whose[tier] if tier in whose else self.longest_serving(tier)
        return carrier or head or self.longest_serving(Tier.DIRECTOR)

    def longest_serving(self, tier):
        """The key of the active user who was created first among those of `tier`, or None."""
        return next((user.pk for user in self.staff if tier in user.tiers), None)
