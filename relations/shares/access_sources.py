"""Access sources that make single records visible, used by accounts.access and by the reminders.

accounts.roles defines which kinds of stakeholders a source applies to.
"""

from functools import reduce
from operator import or_

from django.db.models import (
    BigIntegerField,
    Case,
    CharField,
    Exists,
    ExpressionWrapper,
    F,
    OuterRef,
    Q,
    Subquery,
    Value,
    When,
)
from django.db.models.functions import Coalesce

from accounts.access import NOTHING, AccessSource, lookup_for_users
from accounts.approvals.approver_roles import opened_by_asking
from accounts.approvals.models import Step
from accounts.approvals.registers import APPROVER_ROLES, MATTERS
from accounts.fields import any_role_condition
from accounts.models import Supervision, User
from accounts.roles import Permission, kinds, roles_with
from relations.models import HandOver, Share, Stakeholder


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
            worker=OuterRef("worker_then"),
            starts_on__lte=OuterRef("closed_on"),
            ends_on__gte=OuterRef("closed_on"),
        )
        today = Q(responsible__in=supervisions.running_on(day).values("worker"))
        closed_then = Q(closed_on__isnull=False) & Q(Exists(past))
        records = Stakeholder.objects.alias(worker_then=worker_at_closing())
        return records.filter(today | closed_then).order_by().values("pk")


def worker_at_closing():
    """The expression for the responsible worker on the day a record was closed, whoever it was handed to since."""
    later = HandOver.objects.filter(stakeholder=OuterRef("pk"), on__gt=OuterRef("closed_on"))
    return Case(
        When(Exists(later), then=Subquery(later.order_by("on", "pk").values("giver")[:1])),
        default=F("responsible"),
        output_field=BigIntegerField(),
    )


class AskedRecords(AccessSource):
    """Records about which a waiting step asks the user, although their role alone does not show them.

    Closed with the request. Which role a step asks now is what accounts.approvals.assignment.resolve_roles stored;
    whoever opened the request is not asked.
    """

    passes_on = True

    def rows(self, people, day):
        waiting = Step.objects.waiting().filter(about_kinds_with("asked"))
        asked = (
            any_role_condition(roles) & Exists(waiting.filter(goes_to=name))
            for name, roles in signing_roles().items()
        )
        return User.objects.filter(reduce(or_, asked, NOTHING), **lookup_for_users("pk", people))

    def records(self, people, day):
        askable = User.objects.filter(**lookup_for_users("pk", people)).exclude(
            pk=Coalesce(OuterRef("opened_by_id"), Value(0))
        )
        role_asked = ExpressionWrapper(OuterRef("goes_to"), output_field=CharField())
        asked = (Q(role_asked=name) & any_role_condition(roles) for name, roles in signing_roles().items())
        those_asked = askable.alias(role_asked=role_asked).filter(reduce(or_, asked, NOTHING))
        with_secrets = those_asked.filter(any_role_condition(roles_with(Permission.CONFIDENTIAL)))
        plain = (
            Q(sheet__matter=name, **{f"{path}__is_confidential": False}) for name, path in record_paths()
        )
        may_see = Q(Exists(with_secrets)) | (Q(Exists(those_asked)) & reduce(or_, plain, NOTHING))
        return records_of(Step.objects.waiting().filter(may_see))

    def declared(self):
        return declared_sources()


class DecidedRecords(AccessSource):
    """Records about which the user has decided a step of a request, in their own name.

    A stand-in who decided for an absent colleague saw the record for the days of standing in only.
    """

    def rows(self, people, day):
        return self.decided(people).filter(about_kinds_with("decided"))

    def records(self, people, day):
        return records_of(self.decided(people))

    def declared(self):
        return declared_sources()

    def decided(self, people):
        return Step.objects.filter(decided_for=None, **lookup_for_users("decided_by", people))


def declared_sources():
    """Returns what the SQL of AskedRecords and DecidedRecords hangs on, as a hashable value."""
    sources = tuple((kind, visibility.access_sources) for kind, visibility in kinds().items())
    signing = tuple((name, tuple(roles)) for name, roles in signing_roles().items())
    return sources, signing, tuple(record_paths())


def record_paths():
    """Returns (name, lookup path from a step to the record) of the matters that are about a record; a list."""
    return [(name, f"sheet__{matter.record_path}") for name, matter in MATTERS.items() if matter.record_path]


def about_kinds_with(source):
    """The condition that a step is about a record of a kind that has the access source `source`."""
    of = [kind for kind, visibility in kinds().items() if source in visibility.access_sources]
    return reduce(
        or_, (Q(sheet__matter=name, **{f"{path}__kind__in": of}) for name, path in record_paths()), NOTHING
    )


def records_of(steps):
    """Returns the pks of the stakeholders that these steps are about, as a queryset of one column."""
    found = (
        Q(pk__in=steps.filter(sheet__matter=name).order_by().values(path)) for name, path in record_paths()
    )
    return Stakeholder.objects.filter(reduce(or_, found, NOTHING)).order_by().values("pk")


def signing_roles():
    """Returns {name of an ApproverRole: roles whose holders see a record only while it asks them}."""
    found = {}
    for name, role in APPROVER_ROLES.items():
        if by_kind := opened_by_asking(role.signing_roles):
            found[name] = sorted({each for roles in by_kind.values() for each in roles})
    return found


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
