"""A right to see a record ends, by an act or by its date: notices and letters about the record end with it."""

from datetime import date, timedelta

import pytest
from django.core import mail
from django.db import connection
from django.test import Client
from django.urls import reverse

from accounts.models import StandIn, Supervision, User
from accounts.people import actions as people_actions
from accounts.roles import Role
from accounts.supervision import actions as supervision
from relations.approvals import decisions
from relations.models import Decision, Share, Stage, Stakeholder
from relations.parties import actions as register
from relations.reminding.ended_rights import close_outlived
from relations.reminding.stale_reminders import RECORD_JOINS
from relations.reminding.stand_in_sight import stand_in_sees_sql
from relations.shares import actions as shares
from relations.shares import emergencies
from relations.shares.sight_sql import people_sql
from reminders import clock, notices
from reminders.actions import remind
from reminders.calendar.workdays import Calendar
from reminders.deliveries import deliver
from reminders.models import Delivery, Reminder
from reminders.raising import create_stand_in_deliveries
from reminders.steps import SweepDay, sweep
from tests.factories.accounts import DepartmentFactory, StandInFactory, UserFactory
from tests.factories.employers import EmployerFactory
from tests.factories.relations import CycleFactory, TaskFactory
from tests.relations.test_sight_table import record

pytestmark = pytest.mark.django_db
TODAY = date(2026, 10, 12)  # a Monday
NEXT = TODAY + timedelta(1)
REFER = {
    "justification": "对照预估。",
    "referral_form": "formal",
    "referred_to": "康复中心",
    "course": "refer",
}


@pytest.fixture
def here(at):
    at(TODAY)
    return DepartmentFactory(name="社会服务部")


@pytest.fixture
def there(here):
    return DepartmentFactory(name="项目部")


@pytest.fixture
def head(here):
    return UserFactory(roles=[Role.HEAD], department=None, name="周主任")


@pytest.fixture
def employer(here):
    return EmployerFactory(name="记录镇办", responsible=UserFactory(department=here), department=here)


@pytest.fixture
def guest(there):
    return UserFactory(
        department=there, roles=[Role.RESIDENT], email="g@example.com", confirmed_email="g@example.com"
    )


def notices_of(user):
    browser = Client()
    browser.force_login(User.objects.get(pk=user.pk), backend="accounts.backends.RoleBackend")
    return browser.get(reverse("notices")).content.decode()


def letters_to(address):
    return "".join(letter.body for letter in mail.outbox if letter.to == [address])


def share(what, user, by, last=TODAY):
    return shares.create_share(what, user, by=by, reason="看一天", starts_on=TODAY, ends_on=last, today=TODAY)


def nudge(recipient, task, **more):
    return remind(
        recipient,
        key=f"n:{recipient.pk}",
        subject=task.key,
        kind=Reminder.Kind.NUDGE,
        title="记录镇办：紧急",
        link="/",
        today=TODAY,
        record_kind="employer",
        **more,
    )


# --- by an act


def role_taken(leader, client, there, head):
    leader.roles = [Role.DEPARTMENT_STAFF]
    people_actions.change_account(leader, by=UserFactory(administrator=True))


def moved_away(leader, client, there, head):
    leader.department = there
    people_actions.change_account(leader, by=UserFactory(administrator=True))


def handed_over(leader, client, there, head):
    own = Stakeholder.objects.filter(pk=client.pk)
    register.hand_over(own, to=UserFactory(department=there), by=head, today=TODAY)


def made_confidential(leader, client, there, head):
    Stakeholder.objects.filter(pk=client.pk).update(is_confidential=True)
    client.refresh_from_db()
    register.after_visibility_change(client, today=TODAY)


@pytest.mark.parametrize("loss", [role_taken, moved_away, handed_over, made_confidential])
def test_request_to_review_an_emergency_ends_with_the_right(here, there, head, loss):
    leader = UserFactory(department_head=True, department=here, name="罗主任")
    client = record("client", "黄伯", of=UserFactory(department=here), department=here, number="FW-1")
    emergencies.open_in_emergency(client, UserFactory(name="吴敏"), reason="老人失联", today=TODAY)
    assert "黄伯" in notices_of(leader)
    loss(leader, client, there, head)
    assert "黄伯" not in notices_of(leader)
    assert "黄伯" in notices_of(head)


def test_stand_in_of_another_loses_the_notice_with_the_share(here, there, head, employer, guest):
    given = share(employer, guest, head)
    StandInFactory(absent=UserFactory(), stand_in=guest, starts_on=TODAY, ends_on=TODAY)
    nudge(guest, TaskFactory(stakeholder=employer, owner=guest, due_on=TODAY))
    assert "记录镇办" in notices_of(guest)
    shares.revoke_share(given, by=head, today=TODAY)
    assert "记录镇办" not in notices_of(guest)


def test_stand_in_of_the_worker_keeps_the_notice_without_the_share(here, there, head, employer, guest):
    given = share(employer, guest, head)
    StandInFactory(absent=employer.responsible, stand_in=guest, starts_on=TODAY, ends_on=TODAY)
    nudge(guest, TaskFactory(stakeholder=employer, owner=guest, due_on=TODAY))
    shares.revoke_share(given, by=head, today=TODAY)
    assert "记录镇办" in notices_of(guest)


# --- by a date


def test_notice_ends_with_the_last_day_of_a_share(at, employer, head, guest):
    share(employer, guest, head)
    TaskFactory(stakeholder=employer, owner=guest, due_on=TODAY)
    sweep(TODAY)
    assert "记录镇办" in notices_of(guest)
    at(NEXT)
    sweep(NEXT)
    assert "记录镇办" not in notices_of(guest)
    assert "记录镇办" in notices_of(employer.responsible)


def test_notice_ends_with_the_last_day_of_a_supervision(at, here, head):
    worker, boss = UserFactory(department=here), UserFactory(supervisor=True, name="督导")
    supervision.assign_supervisor(worker, boss, by=head, starts_on=TODAY)
    TaskFactory(stakeholder=record("client", "黄伯", of=worker, department=here), due_on=date(2026, 9, 1))
    sweep(TODAY)
    assert "黄伯" in notices_of(boss)
    supervision.end_supervision(Supervision.objects.get(), by=head, ends_on=TODAY)
    at(NEXT)
    sweep(NEXT)
    assert "黄伯" not in notices_of(boss)


def test_letter_waits_until_ended_rights_are_closed(at, employer, head, guest):
    """The evening's letter goes out in the morning, even if no sweep ran at night."""
    share(employer, guest, head)
    TaskFactory(stakeholder=employer, owner=guest, due_on=TODAY)
    at(TODAY, 23, 30)
    sweep(TODAY)
    at(NEXT, 10)
    deliver(clock.now())
    assert "记录镇办" not in letters_to("g@example.com")


def test_ended_rights_cost_two_statements_on_a_day_on_which_none_ended(
    at, employer, django_assert_num_queries
):
    day = SweepDay(NEXT, TODAY, {}, Calendar.load())
    with django_assert_num_queries(2):
        close_outlived(day)


# --- stand-ins: letters, and confidential records


@pytest.mark.parametrize("is_over", [False, True], ids=["cancelled", "over"])
def test_letter_does_not_go_to_a_former_stand_in(at, here, employer, guest, is_over):
    worker = employer.responsible
    arranged = StandInFactory(absent=worker, stand_in=guest, starts_on=TODAY, ends_on=TODAY)
    nudge(worker, TaskFactory(stakeholder=employer, due_on=TODAY))
    if is_over:
        at(NEXT)
    else:
        people_actions.cancel_stand_in(arranged, by=worker)
    deliver(clock.now())
    assert letters_to("g@example.com") == ""
    assert not Delivery.objects.filter(recipient=guest, channel="email", state=Delivery.State.SENT).exists()


def test_letter_goes_to_the_present_stand_in(here, employer, guest):
    """Control."""
    StandInFactory(absent=employer.responsible, stand_in=guest, starts_on=TODAY, ends_on=TODAY)
    nudge(employer.responsible, TaskFactory(stakeholder=employer, due_on=TODAY))
    deliver(clock.now())
    assert "记录镇办" in letters_to("g@example.com")


def confidential(here):
    worker = UserFactory(department=here)
    return EmployerFactory(name="保密镇办", responsible=worker, department=here, confidential=True)


@pytest.mark.parametrize("way", ["decision", "overdue task", "later"])
def test_stand_in_is_told_no_confidential_record_of_others(here, guest, way):
    """The stand-in of a director does not see it (accounts.access.stand_in_condition)."""
    secret = confidential(here)
    director = UserFactory(director=True, name="总干事")
    StandInFactory(absent=director, stand_in=guest, starts_on=TODAY, ends_on=TODAY)
    if way == "later":
        Stakeholder.objects.filter(pk=secret.pk).update(is_confidential=False)
    if way == "decision":
        cycle = CycleFactory(stakeholder=secret, stage=Stage.DECISION)
        decisions.propose(Decision(cycle=cycle, **REFER), by=secret.responsible)
    else:
        TaskFactory(stakeholder=secret, due_on=date(2026, 9, 1))
        sweep(TODAY)
    if way == "later":
        assert "保密镇办" in notices_of(guest)
        Stakeholder.objects.filter(pk=secret.pk).update(is_confidential=True)
        register.after_visibility_change(Stakeholder.objects.get(pk=secret.pk), today=TODAY)
    create_stand_in_deliveries(TODAY)
    assert "保密镇办" not in notices_of(guest)
    assert notices.unread(User.objects.get(pk=guest.pk)).count() == 0
    deliver(clock.now())
    assert "保密镇办" not in letters_to("g@example.com")
    assert "保密镇办" in notices_of(director)


def test_stand_in_of_the_worker_is_told_the_confidential_record(here, guest):
    """Control: the stand-in sees it, as the worker does."""
    secret = confidential(here)
    StandInFactory(absent=secret.responsible, stand_in=guest, starts_on=TODAY, ends_on=TODAY)
    TaskFactory(stakeholder=secret, due_on=TODAY)
    sweep(TODAY)
    assert "保密镇办" in notices_of(guest)


# --- the declarations


def test_every_subject_that_names_a_record_is_joined(here, head, employer):
    """`task`, `decision` and `share` are all the subjects of single reminders about a record."""
    client = record("client", "黄伯", of=UserFactory(department=here), department=here)
    share_ = emergencies.open_in_emergency(client, UserFactory(), reason="急", today=TODAY)
    cycle = CycleFactory(stakeholder=employer, stage=Stage.DECISION)
    decisions.propose(Decision(cycle=cycle, **REFER), by=employer.responsible)
    nudge(head, TaskFactory(stakeholder=employer))
    assert Share.objects.get() == share_
    named = Reminder.objects.exclude(record_kind="").filter(kind__in=["nudge", "approval"])
    assert {subject.partition(":")[0] for subject in named.values_list("subject", flat=True)} == set(
        RECORD_JOINS
    )


@pytest.mark.parametrize("kind", ["employer", "client"])
@pytest.mark.parametrize("role", [Role.RESIDENT, Role.DEPARTMENT_STAFF, Role.DIRECTOR, Role.MANAGER])
@pytest.mark.parametrize("absence", ["worker", "department head", "head", "supervisor", "nobody"])
def test_statement_says_what_a_stand_in_sees(here, there, head, kind, role, absence):
    """The SQL of the reminders and the condition of the pages agree, for open and confidential records."""
    worker = UserFactory(department=here)
    boss = UserFactory(department=there, roles=[Role.FRONT_LINE])
    supervision.assign_supervisor(worker, boss, by=head, starts_on=TODAY)
    absent = {
        "worker": worker,
        "department head": UserFactory(department_head=True, department=here),
        "head": head,
        "supervisor": boss,
        "nobody": UserFactory(department=there, roles=[Role.RESIDENT]),
    }[absence]
    deputy = UserFactory(department=None, roles=[role])
    made = [
        record(kind, name, of=worker, department=here, is_confidential=secret)
        for name, secret in (("甲", False), ("乙", True))
    ]
    alone = set(Stakeholder.objects.visible_to(deputy).values_list("pk", flat=True))
    StandIn.objects.create(absent=absent, stand_in=deputy, starts_on=TODAY, ends_on=TODAY, created_by=head)
    deputy = User.objects.get(pk=deputy.pk)
    seen = set(Stakeholder.objects.visible_to(deputy).values_list("pk", flat=True))
    sql = f"SELECT s.id FROM ({people_sql()}) p, relations_stakeholder s WHERE p.id = %s AND "
    with connection.cursor() as cursor:
        cursor.execute(sql + stand_in_sees_sql("p", TODAY), [deputy.pk])
        told = {pk for (pk,) in cursor.fetchall()}
    assert alone | told == seen
    assert told <= {each.pk for each in made}
