"""Tasks that the sweep creates for employers: renewals, greetings, monthly forms, year-end appointments, revisits."""

from datetime import date, timedelta

import pytest

from accounts.exceptions import ActionRefused
from employers.models import Contract
from employers.renewals import RENEWAL
from relations.cycle import lifecycle
from relations.interactions import monthly
from relations.log import actions as log
from relations.models import Purpose, Stage, Task
from relations.models.cycle import ClosingType, Evaluation
from reminders.models import Reminder
from reminders.steps import sweep
from tests.factories.accounts import UserFactory
from tests.factories.employers import ContractFactory, EmployerFactory
from tests.factories.relations import CycleFactory, InteractionFactory

pytestmark = pytest.mark.django_db

Origin = Task.Origin


@pytest.fixture
def employer(at):
    at("2026-05-06")
    return EmployerFactory(active=True, contract__ends_on=date(2026, 12, 14))


def tasks(origin, **which):
    """Returns the tasks of one origin."""
    return Task.objects.filter(origin=origin, **which)


def swept(*days):
    """Sweeps these days in order. Returns the counts of the last one."""
    return [sweep(date.fromisoformat(day))[0] for day in days][-1]


@pytest.mark.parametrize(("day", "raised"), [("2026-10-14", 0), ("2026-10-15", 1)])
def test_renewal_is_asked_for_sixty_days_before_the_end(employer, day, raised):
    """R438."""
    assert swept(day)["renewals"] == raised


def test_renewal_says_until_when_and_whose_it_is(employer):
    swept("2026-10-15")
    task = tasks(RENEWAL).get()
    assert task.title == "续签前沟通：合同2026年12月14日到期"
    assert (task.owner, task.stakeholder_id, task.due_on) == (
        employer.responsible,
        employer.pk,
        date(2026, 11, 14),
    )


def test_renewal_is_asked_for_once(employer):
    assert swept("2026-10-15", "2026-10-15", "2026-10-16", "2026-12-01")["renewals"] == 0
    assert tasks(RENEWAL).count() == 1


def test_renewal_missed_while_the_machine_was_off_is_asked_for_afterwards(employer):
    assert swept("2026-10-01", "2026-12-20")["renewals"] == 1


def test_contract_entered_late_leaves_a_week(at):
    today = at("2026-10-12")
    EmployerFactory(active=True, contract__ends_on=today + timedelta(days=20))
    swept("2026-10-12")
    assert tasks(RENEWAL).get().due_on == date(2026, 10, 19)


def test_contract_with_a_successor_is_not_asked_about(employer):
    ContractFactory(stakeholder=employer, starts_on=date(2026, 12, 15), ends_on=date(2027, 12, 14))
    assert swept("2026-10-15")["renewals"] == 0


@pytest.mark.parametrize("change", ["ended", "voided", "employer closed"])
def test_contract_that_is_over_is_not_asked_about(employer, change):
    contract = Contract.objects.get(stakeholder=employer)
    if change == "ended":
        contract.ended_on = date(2026, 11, 1)
    elif change == "voided":
        contract.voided_at, contract.void_reason = contract.created_at, "录错"
    else:
        type(employer).objects.filter(pk=employer.pk).update(closed_on=date(2026, 10, 1))
    contract.save()
    assert swept("2026-10-15")["renewals"] == 0


def test_new_contract_ends_the_asking(employer):
    swept("2026-10-15", "2026-11-12")
    assert Reminder.objects.open().filter(subject__startswith="task:renewal").exists()
    ContractFactory(stakeholder=employer, starts_on=date(2026, 12, 15), ends_on=date(2027, 12, 14))
    task = tasks(RENEWAL).get()
    assert (task.dropped_at is not None, task.drop_reason) == (True, "已有新合同，或合同日期已改")
    assert not Reminder.objects.open().filter(subject=task.key).exists()


def test_contract_with_another_end_is_asked_about_anew(employer):
    swept("2026-10-15")
    contract = Contract.objects.get(stakeholder=employer)
    contract.ends_on = date(2026, 12, 20)
    contract.save()
    assert swept("2026-10-22")["renewals"] == 1
    assert [task.title for task in Task.objects.open()] == ["续签前沟通：合同2026年12月20日到期"]


def test_renewal_contact_closes_the_task_but_an_attempt_does_not(employer):
    swept("2026-10-15")
    InteractionFactory(stakeholder=employer, purpose=Purpose.RENEWAL, attempted=True)
    assert tasks(RENEWAL).open().count() == 1
    talk = InteractionFactory(stakeholder=employer, purpose=Purpose.RENEWAL)
    assert talk.completed[-1] == "续签前沟通：合同2026年12月14日到期"
    assert tasks(RENEWAL).get().done_by == talk
    log.withdraw_interaction(talk, by=employer.responsible, reason="记错了")
    assert tasks(RENEWAL).open().count() == 1


def test_corrected_purpose_reopens_and_completes_tasks(employer):
    swept("2026-10-15")
    talk = InteractionFactory(stakeholder=employer, purpose=Purpose.RENEWAL)
    talk.purpose = Purpose.ORDINARY
    company = log.Participants([employer.responsible])
    log.correct_interaction(talk, before=talk.contact_on, company=company, version=1)
    assert tasks(RENEWAL).open().count() == 1
    talk.purpose = Purpose.RENEWAL
    log.correct_interaction(talk, before=talk.contact_on, company=company, version=2)
    assert tasks(RENEWAL).open().count() == 0


@pytest.mark.parametrize(
    ("day", "raised"),
    [
        ("2026-09-14", 0),
        ("2026-09-15", 2),  # ten days before Mid-Autumn, 25 September 2026
        ("2026-09-25", 2),
        ("2026-09-26", 0),
        ("2026-06-09", 2),  # Dragon Boat, 19 June
        ("2027-01-27", 2),  # Spring Festival, 6 February 2027
        ("2026-09-30", 0),  # National Day is no greeting day
    ],
)
def test_greetings_are_asked_for_ten_days_before_for_active_and_prospective(employer, day, raised):
    """R68, R432."""
    EmployerFactory()
    assert swept(day)["greetings"] == raised


def test_greeting_of_a_year_without_notice_is_provisional(employer):
    swept("2026-09-15", "2027-01-28")
    found = tasks(Origin.GREETING).values_list("title", "due_on", "is_provisional")
    assert sorted(found) == [
        ("中秋节慰问", date(2026, 9, 25), False),
        ("春节慰问", date(2027, 2, 6), True),
    ]


@pytest.mark.parametrize(("contact_on", "closed"), [("2026-09-09", 0), ("2026-09-10", 1), ("2026-10-10", 1)])
def test_greeting_around_the_festival_closes_it(employer, at, contact_on, closed):
    swept("2026-09-15")
    at("2026-10-12")
    InteractionFactory(
        stakeholder=employer, purpose=Purpose.GREETING, contact_on=date.fromisoformat(contact_on)
    )
    assert tasks(Origin.GREETING, done_at__isnull=False).count() == closed


def test_closed_and_voided_employers_are_not_greeted(employer):
    type(employer).objects.filter(pk=employer.pk).update(closed_on=date(2026, 9, 1))
    assert swept("2026-09-15")["greetings"] == 0


@pytest.fixture
def talked_to(employer):
    """The employer after a contact in September 2026."""
    InteractionFactory(stakeholder=employer, contact_on=date(2026, 9, 15))
    return employer


@pytest.mark.parametrize(
    ("day", "raised"),
    [("2026-10-07", 0), ("2026-10-08", 1), ("2026-10-13", 1), ("2026-10-14", 0)],
)
def test_sheet_is_asked_for_from_the_first_working_day_after_the_holiday(talked_to, day, raised):
    """R101, R426."""
    assert swept(day)["monthly_sheets"] == raised


def test_sheet_is_due_within_five_working_days(talked_to):
    swept("2026-10-08")
    task = tasks(Origin.MONTHLY_SHEET).get()
    assert (task.title, task.due_on) == ("打印并存档9月沟通记录表", date(2026, 10, 13))


def test_sheet_of_a_contact_typed_late_is_asked_for_the_day_after(employer):
    assert swept("2026-10-08")["monthly_sheets"] == 0
    InteractionFactory(stakeholder=employer, contact_on=date(2026, 9, 30))
    assert swept("2026-10-09")["monthly_sheets"] == 1


def test_monthly_sheet_is_requested_after_missed_sweeps(talked_to):
    assert swept("2026-09-20", "2026-10-25")["monthly_sheets"] == 1


@pytest.mark.parametrize(
    "contact", [{"purpose": Purpose.WORK_REPORT}, {"attempted": True}, {"contact_on": date(2026, 8, 31)}]
)
def test_only_ordinary_contacts_of_the_month_ask_for_a_sheet(employer, contact):
    InteractionFactory(stakeholder=employer, **{"contact_on": date(2026, 9, 15)} | contact)
    assert swept("2026-10-08")["monthly_sheets"] == 0


def test_filed_sheet_is_done_and_not_asked_for_again(talked_to):
    swept("2026-10-08")
    assert monthly.mark_filed(talked_to, date(2026, 9, 20), by=talked_to.responsible, today=date(2026, 10, 9))
    assert tasks(Origin.MONTHLY_SHEET).open().count() == 0
    assert swept("2026-10-10")["monthly_sheets"] == 0


def test_sheet_filed_before_anybody_asked_is_not_asked_for(talked_to):
    monthly.mark_filed(talked_to, date(2026, 9, 1), by=talked_to.responsible, today=date(2026, 10, 1))
    assert swept("2026-10-08")["monthly_sheets"] == 0


def test_sheet_of_a_running_month_cannot_be_filed(talked_to):
    with pytest.raises(ActionRefused):
        monthly.mark_filed(talked_to, date(2026, 9, 1), by=talked_to.responsible, today=date(2026, 9, 30))
    assert swept("2026-10-08")["monthly_sheets"] == 1


@pytest.mark.parametrize(("day", "raised"), [("2026-10-31", 0), ("2026-11-01", 1), ("2026-12-01", 0)])
def test_appointment_for_the_year_end_report_is_asked_for_in_november(employer, day, raised):
    EmployerFactory()
    assert swept(day)["reports"] == raised


def test_report_of_this_year_makes_the_appointment_needless(employer, at):
    at("2026-10-20")
    InteractionFactory(stakeholder=employer, purpose=Purpose.YEAR_END_REPORT)
    assert swept("2026-11-01")["reports"] == 0


def test_report_closes_the_appointment(employer, at):
    swept("2026-11-01")
    assert tasks(Origin.REPORT).get().due_on == date(2026, 11, 30)
    at("2026-11-20")
    InteractionFactory(stakeholder=employer, purpose=Purpose.YEAR_END_REPORT)
    assert tasks(Origin.REPORT).open().count() == 0


@pytest.fixture
def closed(employer, at):
    """A cycle of the employer, closed on 31 August 2026."""
    today = at("2026-08-31")
    by = UserFactory(director=True)
    cycle = CycleFactory(stakeholder=employer, stage=Stage.EVALUATION)
    Evaluation.objects.create(
        cycle=cycle,
        realised="fully",
        lessons="好",
        process_reflection="好",
        result_reflection="好",
        consolidation="好",
        closing_type=ClosingType.ACHIEVED,
        evaluated_on=today,
        evaluated_by=by,
    )
    return lifecycle.move(cycle, "close", by=by, today=today)


def test_closure_plans_a_revisit_every_three_months_for_a_year(closed):
    """R27, R439."""
    found = tasks(Origin.REVISIT).order_by("due_on").values_list("title", "due_on")
    assert list(found) == [
        ("结案后第1次回访", date(2026, 11, 30)),
        ("结案后第2次回访", date(2027, 2, 28)),
        ("结案后第3次回访", date(2027, 5, 31)),
        ("结案后第4次回访", date(2027, 8, 31)),
    ]


@pytest.mark.parametrize(("day", "done"), [("2026-11-14", 0), ("2026-11-15", 1), ("2027-01-31", 1)])
def test_follow_up_contact_does_the_revisit_that_is_due(closed, at, day, done):
    at(day)
    InteractionFactory(stakeholder=closed.stakeholder, purpose=Purpose.FOLLOW_UP)
    assert tasks(Origin.REVISIT, done_at__isnull=False).count() == done


def test_new_need_drops_the_revisits_that_are_left(closed):
    by = UserFactory(director=True)
    lifecycle.move(closed, "new_need", by=by, today=date(2026, 12, 1), reason="新的需求")
    assert tasks(Origin.REVISIT).open().count() == 0
