"""Random histories of a small centre, checked against a slow calculation (R29-R32, R69-R88).

A hypothesis state machine over the public actions of the product: contacts that are logged late, corrected or
withdrawn; contracts, rules and people that change. After each step the stored duties must equal those that
tests/relations/slow_duties.py calculates from the documents. After an action that only the next sweep follows up (an
account, a new month, a new record) the duties are not checked before that sweep; the reminders are checked after every
step.
"""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import time_machine
from django.db import transaction
from django.db.models import Count, Sum
from django.utils import timezone
from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, rule

from accounts.models import User
from relations.duties import settlement as duties
from relations.duties import sums
from relations.models import Duty, DutySum, Level, Stakeholder
from reminders import steps
from reminders.models import Reminder
from tests.factories.accounts import DepartmentFactory, UserFactory
from tests.factories.employers import EmployerFactory
from tests.factories.relations import ContactPersonFactory, StakeholderFactory
from tests.relations.history_acts import KEEPER, Acts, pick, which
from tests.relations.slow_duties import Owed, expected

START = date(2026, 5, 20)
SHANGHAI = ZoneInfo("Asia/Shanghai")
WHOLE = ("key", "rule_id", "stakeholder_id", "period_start", "due_on", "owed", "met", "met_on")
WHOLE += ("owner_id", "department_id", "notified")
WHOSE = ("due_on", "rule_id", "department_id", "owner_id")


def found_world():
    """Creates two departments with their people, a council member, three employers and a partner, and sweeps once."""
    with stopped(START):
        people, teams = [], [DepartmentFactory(), DepartmentFactory()]
        for team in teams:
            people += [UserFactory(department=team), UserFactory(department_head=True, department=team)]
            team.head = people[-1]
            team.save()
        people.append(UserFactory(supervisor=True, department=teams[0]))
        people += [
            UserFactory(director=True),
            UserFactory(director=True, name=KEEPER),
            UserFactory(council=True),
        ]
        people.append(UserFactory(administrator=True))
        for worker, situation in ((people[0], "active"), (people[2], "confidential"), (None, "lapsed")):
            employer = EmployerFactory(responsible=worker, **{situation: True})
            for level in (Level.CLERK, Level.BUREAU_DIRECTOR):
                ContactPersonFactory(stakeholder=employer, level=level)
        StakeholderFactory(responsible=people[0])
        assert steps.sweep(START)[1] == []


def stopped(day):
    """A context manager that stops the clock at 10:00 in Shanghai on `day`."""
    return time_machine.travel(datetime(day.year, day.month, day.day, 10, tzinfo=SHANGHAI), tick=False)


def table():
    """All stored duties as sorted rows of the columns WHOLE."""
    return sorted(Duty.objects.values_list(*WHOLE))


def summed(reader):
    """{(due day, rule, department, owner): (owed, met)} visible to `reader`: stored sums, and duties outside them."""
    sums = DutySum.objects.visible_to(reader).order_by().values_list(*WHOSE)
    outside = Duty.objects.not_in_sums(reader).order_by().values_list(*WHOSE)
    totals = {}
    for *key, owed, met in [
        *sums.annotate(Sum("owed"), Sum("met")),
        *outside.annotate(Count("pk"), Count("met_on")),
    ]:
        before = totals.get(tuple(key), (0, 0))
        totals[tuple(key)] = (before[0] + owed, before[1] + met)
    return {key: sums for key, sums in totals.items() if any(sums)}


def counted(reader):
    """The same dictionary as `summed`, but counted from the duties that `reader` may see."""
    rows = Duty.objects.visible_to(reader).order_by().values_list(*WHOSE)
    return {row[:-2]: row[-2:] for row in rows.annotate(Count("pk"), Count("met_on"))}


class Histories(Acts):
    """The state machine: one centre, rolled back at the end of each history."""

    @initialize()
    def open(self):
        self.today, self.is_swept = START, True
        self.judged_from = START  # the first sweep of the next day follows up a new record
        self.frozen, self.looks = {}, 0
        self.clock = stopped(START)
        self.clock.start()
        self.undone = transaction.atomic()
        self.undone.__enter__()

    def teardown(self):
        try:
            self.move_on(1, False)
            self.kept_is_expected()
            self.reminders_follow_duties()
        finally:
            transaction.set_rollback(True)
            self.undone.__exit__(None, None, None)
            self.clock.stop()

    # -- time --------------------------------------------------------------------------------------------------

    @rule(days=st.sampled_from([1, 3, 12, 31, 75, 230]), is_missed=st.sampled_from([False, False, True]))
    def move_on(self, days, is_missed):
        """Moves the clock ahead by `days`, and sweeps unless `is_missed`."""
        self.today += timedelta(days=days)
        self.is_swept = False
        self.clock.stop()
        self.clock = stopped(self.today)
        self.clock.start()
        if not is_missed:
            self.sweep()

    @rule()
    def sweep(self):
        assert steps.sweep(self.today)[1] == []
        self.is_swept = True

    @rule(place=which)
    def freeze_a_period(self, place):
        """Freezes the duties of a period, as closing the evaluation of a half-year does; they must not change."""
        if duty := pick(Duty.objects.filter(frozen_at=None), place):
            some = Duty.objects.filter(period_start=duty.period_start, due_on=duty.due_on, frozen_at=None)
            some.update(frozen_at=timezone.now())
            keys = set(self.frozen_keys())
            self.frozen |= {row[0]: row for row in table() if row[0] in keys}

    def frozen_keys(self):
        return Duty.objects.exclude(frozen_at=None).values_list("key", flat=True)

    # -- what must hold ----------------------------------------------------------------------------------------

    @invariant()
    def duties_are_those_of_the_documents(self):
        if self.is_swept and self.today >= self.judged_from:
            self.kept_is_expected()

    @invariant()
    def sums_are_those_of_the_duties(self):
        """After every action, the sums a user may see equal the duties they may see; each time for another user."""
        assert sums.differences() == []
        reader = pick(User.objects.active(), self.looks)
        self.looks += 1
        assert summed(reader) == counted(reader), f"{reader.pk} ({reader.roles})"

    @invariant()
    def reminders_follow_duties(self):
        """An open duty has an open reminder from the first notification on; other duties have none."""
        unfrozen = Duty.objects.filter(frozen_at=None)
        notified = unfrozen.filter(met_on=None, notified__gt=0).values_list("key", flat=True)
        reminders = Reminder.objects.open().filter(subject__startswith="duty:")
        reminders = reminders.exclude(subject__in=list(self.frozen))
        assert sorted(notified) == sorted(reminders.filter(kind="due").values_list("subject", flat=True))
        assert set(reminders.values_list("subject", flat=True)) <= set(notified)

    @invariant()
    def nobody_is_told_of_what_they_may_not_see(self):
        reminders = (
            Reminder.objects.open().filter(subject__startswith="duty:").exclude(subject__in=list(self.frozen))
        )
        reminders = set(reminders.values_list("recipient", "subject"))
        for reader in User.objects.filter(pk__in={pk for pk, _subject in reminders}):
            seen = {str(pk) for pk in Stakeholder.objects.visible_to(reader).values_list("pk", flat=True)}
            of = {subject.split(":")[2] for pk, subject in reminders if pk == reader.pk}
            assert of <= seen, f"{reader.pk} ({reader.roles}) is told of {of - seen}"

    def kept_is_expected(self):
        """Checks the stored duties against the slow calculation, and that a rebuild changes nothing."""
        expected_rows = {item for item in expected(self.today).items() if item[0] not in self.frozen}
        rows = Duty.objects.filter(frozen_at=None).values_list("key", *Owed.__dataclass_fields__)
        stored_rows = {(key, Owed(*row)) for key, *row in rows}
        assert stored_rows == expected_rows, (
            f"kept: {stored_rows - expected_rows}, expected: {expected_rows - stored_rows}"
        )
        stored = table()
        assert {row[0]: row for row in stored if row[0] in self.frozen} == self.frozen
        assert duties.differences(self.today) == 0
        assert duties.rebuild(self.today) == duties.DerivationResult(0, 0)
        assert table() == stored
