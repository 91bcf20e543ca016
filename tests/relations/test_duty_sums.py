"""The stored sums of duties: they follow every action, no writer waits for a row, the nightly check corrects them."""

import re
from datetime import date
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection, transaction
from django.db.models import Sum

from accounts.roles import Role
from employers.models import Employer
from relations.duties import settlement as duties
from relations.duties import sums
from relations.log import actions as log
from relations.models import Duty, DutySum, Stakeholder
from relations.parties import actions as register
from relations.tasks import check_duty_sums
from reminders.models import Reminder
from tests.factories.accounts import DepartmentFactory, UserFactory
from tests.factories.employers import EmployerFactory
from tests.factories.relations import InteractionFactory
from tests.relations.test_duty_locks import another_writer

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 20)
NOVEMBER = date(2026, 11, 30)
WRITERS = {"relations/duties/sql.py", "relations/duties/sums.py"}


@pytest.fixture
def employer(at):
    at(TODAY)
    department = DepartmentFactory(head=UserFactory(department_head=True))
    return EmployerFactory(active=True, responsible=UserFactory(department=department))


def sum_of(**which):
    """(owed, met), added up over the sums that match."""
    totals = DutySum.objects.filter(**which).aggregate(owed=Sum("owed"), met=Sum("met"))
    return totals["owed"] or 0, totals["met"] or 0


def month_of(employer, **which):
    """(owed, met) of the worker's monthly contacts due in November."""
    return sum_of(
        rule__code="resident-contact", due_on=NOVEMBER, responsible=employer.responsible_id, **which
    )


def test_sums_of_a_record_are_written_with_its_duties(employer):
    assert month_of(employer) == (1, 0)
    own = {"responsible": employer.responsible, "record_department": employer.department, "kind": "employer"}
    assert sum_of(**own, is_confidential=False) == (Duty.objects.count(), 0)
    assert (
        sum_of(owner=employer.department.head)[0] == Duty.objects.owned_by(employer.department.head).count()
    )


def test_contact_correction_and_withdrawal_move_the_sums(employer):
    contact = InteractionFactory(stakeholder=employer)
    assert month_of(employer) == (1, 1)
    contact.contact_on = date(2026, 10, 30)
    log.correct_interaction(
        contact, before=TODAY, company=log.Participants([employer.responsible]), version=contact.version
    )
    assert month_of(employer) == (1, 0)
    assert sum_of(rule__code="resident-contact", due_on=date(2026, 10, 31)) == (1, 1)
    log.withdraw_interaction(contact, by=employer.responsible, reason="记错了单位")
    assert sum_of()[1] == 0
    assert sums.differences() == []


def test_second_contact_of_a_month_adds_nothing_to_its_sum(employer):
    InteractionFactory(stakeholder=employer)
    InteractionFactory(stakeholder=employer)
    assert month_of(employer) == (1, 1)


def test_hand_over_takes_the_sums_along(employer):
    InteractionFactory(stakeholder=employer)
    before, to = employer.responsible, UserFactory(roles=[Role.RESIDENT])
    register.hand_over(Employer.objects.filter(pk=employer.pk), to=to, by=to, today=TODAY)
    assert sum_of(responsible=before) == sum_of(owner=before) == (0, 0)
    assert sum_of(responsible=to, department=to.department) == (
        Duty.objects.count(),
        Duty.objects.met().count(),
    )
    assert sums.differences() == []


def test_confidential_and_void_records_are_counted_as_such(employer):
    Employer.objects.filter(pk=employer.pk).update(is_confidential=True)
    register.after_visibility_change(employer, today=TODAY)
    assert sum_of(is_confidential=False) == (0, 0)
    assert sum_of(is_confidential=True) == (Duty.objects.count(), 0)
    register.void_record(employer, by=employer.responsible, reason="重复登记", today=TODAY)
    assert sum_of() == (0, 0)


def test_frozen_duty_is_seen_with_its_record(employer):
    """A frozen duty keeps its owner and department, and is visible to the user who has the record now."""
    Duty.objects.update(frozen_at="2026-11-22T00:00:00Z")
    before, to = employer.responsible, UserFactory(roles=[Role.RESIDENT])
    register.hand_over(Employer.objects.filter(pk=employer.pk), to=to, by=to, today=TODAY)
    assert sum_of(responsible=to, owner=before, department=before.department)[0] > 0
    assert sum_of(responsible=before) == (0, 0)
    assert sums.differences() == []


def test_changed_head_moves_the_sums_when_all_is_derived(employer):
    former, new = employer.department.head, UserFactory(department_head=True)
    owed = sum_of(owner=former)
    employer.department.head = new
    employer.department.save()
    duties.derive(first=date(2026, 1, 1), last=TODAY)
    assert (sum_of(owner=former), sum_of(owner=new)) == ((0, 0), owed)


def test_compacting_keeps_every_sum_in_one_row(employer):
    contact = InteractionFactory(stakeholder=employer)
    log.withdraw_interaction(contact, by=employer.responsible, reason="记错了")
    InteractionFactory(stakeholder=employer)
    before, rows = month_of(employer), DutySum.objects.count()
    assert sums.compact() > 0
    assert (month_of(employer), sums.differences()) == (before, [])
    keys = list(DutySum.objects.values_list(*sums.KEY, "kind"))
    assert len(set(keys)) == len(keys) < rows
    assert not DutySum.objects.filter(owed=0, met=0).exists()
    assert sums.compact() == 0


def test_record_whose_sight_was_changed_past_the_acts_is_named(employer):
    Stakeholder.objects.filter(pk=employer.pk).update(is_confidential=True)
    assert sum(difference.owed for difference in sums.differences()) == 0
    assert {abs(difference.owed) for difference in sums.differences()} == {1}
    duties.rebuild_sums()
    assert sums.differences() == []


def test_sum_that_differs_is_named_told_and_made_anew(employer, caplog):
    """Control of the nightly check."""
    keeper = UserFactory(administrator=True)
    assert check_duty_sums() == 0
    one = DutySum.objects.filter(rule__code="resident-contact", due_on=NOVEMBER).get()
    DutySum.objects.filter(pk=one.pk).update(owed=4, met=2)
    (wrong,) = sums.differences()
    assert (str(wrong.due_on), wrong.rule, wrong.owner) == (str(NOVEMBER), one.rule_id, one.owner_id)
    assert (wrong.owed, wrong.met) == (3, 2)
    assert check_duty_sums() == 1
    assert f"rule={one.rule_id}" in caplog.text
    notice = Reminder.objects.open().get()
    title = "夜间核对：有1个应尽事项的合计与应尽事项不一致，已重新合计"
    assert (notice.recipient, notice.title) == (keeper, title)
    assert month_of(employer) == (1, 0)
    assert check_duty_sums() == 0
    assert not Reminder.objects.open().exists()


def test_rebuild_makes_the_sums_anew(employer):
    DutySum.objects.all().delete()
    assert sums.differences() != []
    duties.rebuild(TODAY)
    assert sums.differences() == []


def writers(root):
    """The files below `root`, without migrations, that contain SQL which writes duties."""
    statement = re.compile(r"(INSERT INTO|UPDATE|DELETE FROM)\s+relations_duty\b")
    rooms = ("accounts", "reminders", "relations", "employers", "complaints", "lezhi")
    files = [file for room in rooms for file in (root / room).rglob("*.py")]
    written = {str(file.relative_to(root)) for file in files if statement.search(file.read_text("utf-8"))}
    return {name for name in written if "/migrations/" not in name}


def test_duties_are_written_where_their_sums_are():
    assert writers(Path(settings.BASE_DIR)) == WRITERS


def test_writer_elsewhere_is_found(tmp_path):
    """Control of the test above."""
    (tmp_path / "employers").mkdir()
    (tmp_path / "employers" / "sweep.py").write_text('"DELETE FROM relations_duty WHERE id = 1"', "utf-8")
    assert writers(tmp_path) == {"employers/sweep.py"}


@pytest.fixture
def no_waiting():
    """Makes an SQL statement that waits for another transaction fail after 200 ms."""
    with connection.cursor() as cursor:
        cursor.execute("SET lock_timeout = '200ms'")
        yield
        cursor.execute("RESET lock_timeout")


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_two_who_log_at_once_do_not_wait_for_each_other(employer, no_waiting):
    other = EmployerFactory(active=True, responsible=employer.responsible)
    before = month_of(employer)
    with another_writer(lambda: InteractionFactory(stakeholder=other)):
        InteractionFactory(stakeholder=employer)
        assert month_of(employer) == (before[0], 1)
    assert (month_of(employer), sums.differences()) == ((before[0], 1), [])


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_compacting_neither_waits_for_a_writer_nor_loses_it(employer, no_waiting):
    InteractionFactory(stakeholder=employer)
    other = EmployerFactory(active=True, responsible=employer.responsible)
    with another_writer(lambda: InteractionFactory(stakeholder=other), keeps=True):
        assert sums.compact() > 0
    assert (month_of(employer), sums.differences()) == ((2, 2), [])


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_second_compaction_waits_for_the_first(employer, no_waiting):
    """Control of the two tests above: waiting is detected."""
    with another_writer(sums.compact), pytest.raises(Exception, match="lock timeout"), transaction.atomic():
        sums.compact()
