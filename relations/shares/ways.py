"""The ways by which single records are seen: accounts.access.within_scope asks them, and so do the reminders.

Which kinds of stakeholder a way opens is said in accounts.roles.
"""

from django.db.models import Exists, OuterRef, Q

from accounts.access import AccessSource, lookup_for_users
from accounts.models import Supervision
from accounts.roles import kinds
from relations.models import Decision, Share, Stakeholder


class OwnRecord(AccessSource):
    """The person whom the record of a colleague is about."""

    def rows(self, people, day):
        return Stakeholder.objects.filter(**lookup_for_users("account", people))

    def records(self, people, day):
        return self.rows(people, day).order_by().values("pk")


class Supervised(AccessSource):
    """What the workers are responsible for whom one supervises today, and what was closed while one did (R299)."""

    passes_on = True

    def rows(self, people, day):
        return Supervision.objects.started_by(day).filter(**lookup_for_users("supervisor", people))

    def records(self, people, day):
        mine = self.rows(people, day).order_by()
        then = mine.ended_before(day).filter(
            worker=OuterRef("responsible"),
            starts_on__lte=OuterRef("closed_on"),
            ends_on__gte=OuterRef("closed_on"),
        )
        today = Q(responsible__in=mine.running_on(day).values("worker"))
        closed_then = Q(closed_on__isnull=False) & Q(Exists(then))
        return Stakeholder.objects.filter(today | closed_then).order_by().values("pk")


class Signed(AccessSource):
    """What one has decided on."""

    def rows(self, people, day):
        signed = [kind for kind, sight in kinds().items() if "signature" in sight.ways]
        return Decision.objects.filter(
            cycle__stakeholder__kind__in=signed, **lookup_for_users("decided_by", people)
        )

    def records(self, people, day):
        return self.rows(people, day).order_by().values("cycle__stakeholder")


class Shared(AccessSource):
    """What one was named for, with a reason and an end (R381)."""

    def rows(self, people, day):
        return Share.objects.running_on(day).filter(**lookup_for_users("user", people))

    def records(self, people, day):
        return self.rows(people, day).order_by().values("stakeholder")
