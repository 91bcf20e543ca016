"""Access sources that make single records visible, used by accounts.access and by the reminders.

accounts.roles defines which kinds of stakeholders a source applies to.
"""

from django.db.models import Exists, OuterRef, Q

from accounts.access import AccessSource, lookup_for_users
from accounts.models import Supervision
from accounts.roles import kinds
from relations.models import Decision, Share, Stakeholder


class OwnAccountRecord(AccessSource):
    """Makes the record about a colleague visible to that colleague."""

    def rows(self, people, day):
        return Stakeholder.objects.filter(**lookup_for_users("account", people))

    def records(self, people, day):
        return self.rows(people, day).order_by().values("pk")


class SupervisedRecords(AccessSource):
    """Records of the workers whom the user supervises today, and those closed during the supervision (R299)."""

    passes_on = True

    def rows(self, people, day):
        return Supervision.objects.started_by(day).filter(**lookup_for_users("supervisor", people))

    def records(self, people, day):
        supervisions = self.rows(people, day).order_by()
        past = supervisions.ended_before(day).filter(
            worker=OuterRef("responsible"),
            starts_on__lte=OuterRef("closed_on"),
            ends_on__gte=OuterRef("closed_on"),
        )
        today = Q(responsible__in=supervisions.running_on(day).values("worker"))
        closed_then = Q(closed_on__isnull=False) & Q(Exists(past))
        return Stakeholder.objects.filter(today | closed_then).order_by().values("pk")


class DecidedRecords(AccessSource):
    """Records on which the user has decided."""

    def rows(self, people, day):
        signed = [kind for kind, access in kinds().items() if "signature" in access.access_sources]
        return Decision.objects.filter(
            cycle__stakeholder__kind__in=signed, **lookup_for_users("decided_by", people)
        )

    def records(self, people, day):
        return self.rows(people, day).order_by().values("cycle__stakeholder")


class SharedRecords(AccessSource):
    """Records shared with the user, for a reason and until a day (R381).

    A share does not open the notes of caution, which are for few (R38). Emergency access does, to users whose role may
    read them: in an urgent crisis they are what has to be known (R381).
    """

    def rows(self, people, day):
        return Share.objects.running_on(day).filter(**lookup_for_users("user", people))

    def records(self, people, day):
        return self.rows(people, day).order_by().values("stakeholder")

    def rows_without_caution(self, people, day):
        shares = self.rows(people, day).order_by()
        emergencies = shares.filter(kind=Share.Kind.EMERGENCY).values("stakeholder")
        return shares.exclude(stakeholder__in=emergencies)
