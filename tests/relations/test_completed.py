"""The duties that a contact completed or would complete, and the records and periods that deriving covers."""

from datetime import date

import pytest

from accounts.roles import Role
from relations.duties import settlement as duties
from relations.log import actions as log
from relations.models import CadenceRule, Duty, Interaction, Purpose, Stakeholder
from reminders.models import Reminder
from reminders.steps import sweep
from tests.factories.accounts import UserFactory
from tests.factories.employers import EmployerFactory
from tests.factories.relations import InteractionFactory, TaskFactory

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 22)


@pytest.fixture
def employer(at):
    at(TODAY)
    return EmployerFactory(active=True)


@pytest.fixture
def manager(at):
    at(TODAY)
    return UserFactory(director=True)


def completed(*contacts):
    """The labels of what each of the contacts completed: a list of lists."""
    labels = duties.completed_by(list(Interaction.objects.filter(pk__in=[each.pk for each in contacts])))
    return [labels.get(contact.pk, []) for contact in contacts]


def november(day):
    return date(2026, 11, day)


def test_first_contact_of_a_month_completed_it_and_the_next_did_not(employer):
    second = InteractionFactory(stakeholder=employer, contact_on=november(9))
    first = InteractionFactory(stakeholder=employer, contact_on=november(3))
    assert completed(first, second) == [["11月驻点沟通"], []]


def test_of_two_on_one_day_the_one_typed_first_completed_it(employer):
    first = InteractionFactory(stakeholder=employer, contact_on=november(3))
    second = InteractionFactory(stakeholder=employer, contact_on=november(3))
    assert completed(first, second) == [["11月驻点沟通"], []]


def test_contact_on_the_first_day_of_a_period_completes_it(employer):
    assert completed(InteractionFactory(stakeholder=employer, contact_on=november(1))) == [["11月驻点沟通"]]


def test_contact_of_the_month_before_is_no_earlier_one(employer):
    october = InteractionFactory(stakeholder=employer, contact_on=date(2026, 10, 31))
    later = InteractionFactory(stakeholder=employer, contact_on=november(2))
    assert completed(october, later) == [["10月驻点沟通"], ["11月驻点沟通"]]


def test_second_of_two_owed_completed_it(employer, manager):
    contacts = [
        InteractionFactory(stakeholder=employer, ours=[manager], contact_on=november(day))
        for day in (3, 5, 9)
    ]
    assert completed(*contacts) == [[], ["2026年管理层沟通"], []]


@pytest.mark.parametrize("nothing", [{"attempted": True}, {"purpose": Purpose.PUSH}])
def test_what_does_not_count_neither_completes_nor_comes_first(employer, nothing):
    earlier = InteractionFactory(stakeholder=employer, contact_on=november(3), **nothing)
    same_day = InteractionFactory(stakeholder=employer, contact_on=november(5), **nothing)
    right = InteractionFactory(stakeholder=employer, contact_on=november(5))
    assert completed(earlier, same_day, right) == [[], [], ["11月驻点沟通"]]


def test_withdrawn_contact_completed_nothing_and_is_no_earlier_one(employer):
    withdrawn = InteractionFactory(stakeholder=employer, contact_on=november(3))
    log.withdraw_interaction(withdrawn, by=employer.responsible, reason="记错了")
    right = InteractionFactory(stakeholder=employer, contact_on=november(5))
    assert completed(withdrawn, right) == [[], ["11月驻点沟通"]]


def test_contact_with_somebody_else_is_no_earlier_one(employer):
    other = InteractionFactory(stakeholder=EmployerFactory(active=True), contact_on=november(3))
    right = InteractionFactory(stakeholder=employer, contact_on=november(5))
    assert completed(other, right) == [["11月驻点沟通"], ["11月驻点沟通"]]


def test_task_done_by_a_contact_stands_beside_the_duty(employer):
    task = TaskFactory(stakeholder=employer, title="把名单发过去")
    contact = InteractionFactory(stakeholder=employer, done_tasks=[task])
    other = InteractionFactory(stakeholder=employer)
    assert [sorted(words) for words in completed(contact, other)] == [["11月驻点沟通", "把名单发过去"], []]
    assert contact.completed == ["11月驻点沟通", "把名单发过去"]
    assert other.completed == []


def test_no_contacts_give_no_result(django_assert_num_queries):
    with django_assert_num_queries(0):
        assert duties.completed_by([]) == {}


def offered(stakeholder, purpose=Purpose.ORDINARY, day=TODAY, ours=None):
    """The codes of the rules that an unsaved contact would count for."""
    contact = Interaction(stakeholder=stakeholder, contact_on=day, purpose=purpose)
    log.set_masks(contact, log.Participants([ours or stakeholder.responsible]))
    return sorted(duty.rule.code for duty in duties.would_count(stakeholder, contact))


@pytest.mark.parametrize(
    ("day", "codes"),
    [
        (date(2026, 12, 31), []),  # the sweep of December has not run yet
        (date(2026, 11, 30), ["resident-contact"]),
        (date(2026, 11, 1), ["resident-contact"]),
        (date(2026, 10, 31), ["resident-contact"]),
        (date(2025, 12, 31), []),  # before the first watched day
    ],
)
def test_contact_would_count_from_the_first_to_the_last_day(employer, day, codes):
    assert offered(employer, day=day) == codes


def test_what_is_met_or_frozen_would_count_no_more(employer):
    InteractionFactory(stakeholder=employer)
    assert offered(employer) == []
    assert offered(employer, day=date(2026, 10, 1)) == ["resident-contact"]
    Duty.objects.update(frozen_at="2026-11-22T00:00:00Z")
    assert offered(employer, day=date(2026, 10, 1)) == []


def test_would_count_looks_at_purpose_people_and_the_record(employer, manager):
    EmployerFactory(active=True)
    assert offered(employer, Purpose.WORK_REPORT) == ["resident-contact", "work-report"]
    assert offered(employer, Purpose.PUSH) == []
    assert offered(employer, ours=manager) == ["management-contact"]


def owners():
    """{stakeholder: owner} of the monthly contacts."""
    return dict(
        Duty.objects.filter(rule__code="resident-contact").values_list("stakeholder", "owner").distinct()
    )


def test_deriving_reaches_the_records_named_and_no_other(employer):
    other, taker = EmployerFactory(active=True), UserFactory()
    before = other.responsible.pk
    Stakeholder.objects.update(responsible=taker)
    assert duties.rederive([employer.pk], TODAY).written == owed_by_the_worker(employer)
    assert owners() == {employer.pk: taker.pk, other.pk: before}
    assert duties.differences(TODAY) == owed_by_the_worker(other)
    assert duties.rebuild(TODAY) == duties.DerivationResult(owed_by_the_worker(other), 0)
    assert duties.differences(TODAY) == 0


def owed_by_the_worker(employer):
    """The number of duties of `employer` that the responsible worker owes."""
    owed = Duty.objects.filter(stakeholder=employer, rule__tier="resident")
    return owed.count()


def test_deriving_for_no_stakeholder_changes_nothing(employer):
    assert duties.rederive([], TODAY) == duties.DerivationResult(0, 0)
    assert duties.derive(first=TODAY, last=TODAY, stakeholders=[]) == duties.DerivationResult(0, 0)


def test_deriving_reaches_the_periods_touched_and_no_other(employer):
    Duty.objects.filter(rule__code="resident-contact").delete()
    assert duties.derive(first=date(2026, 10, 31), last=date(2026, 11, 1)) == duties.DerivationResult(2, 0)
    months = Duty.objects.filter(rule__code="resident-contact").values_list("period_start", flat=True)
    assert sorted(months) == [date(2026, 10, 1), date(2026, 11, 1)]


def test_what_is_owed_no_more_is_taken_out_in_the_periods_touched(employer):
    CadenceRule.objects.filter(code="resident-contact").update(effective_to=date(2019, 1, 1))
    assert duties.derive(first=date(2026, 10, 31), last=date(2026, 11, 1)) == duties.DerivationResult(0, 2)
    assert duties.differences(TODAY) == 9
    assert duties.rebuild(TODAY) == duties.DerivationResult(0, 9)


def test_watching_begins_with_the_first_record_or_today(employer, at):
    assert duties.first_watched_day(TODAY) == date(2026, 1, 1)
    Stakeholder.objects.update(watched_from=date(2027, 1, 1))
    assert duties.first_watched_day(TODAY) == TODAY


def test_reminder_of_a_duty_that_is_taken_out_is_closed(employer):
    sweep(TODAY)
    reminders = Reminder.objects.open().filter(subject__startswith="duty:")
    assert reminders.exists()
    CadenceRule.objects.update(effective_to=date(2019, 1, 1))
    duties.rebuild(TODAY)
    assert not reminders.exists()


def test_derived_duties_close_and_open_their_reminders(employer):
    """A contact that counts no longer, or again, after its rule was changed directly in the table."""
    sweep(november(25))
    mine = Reminder.objects.filter(
        subject=Duty.objects.get(rule__code="resident-contact", due_on=november(30)).key
    )
    mine_open = mine.filter(closed_at=None)
    assert mine_open.count() == 1
    rule = CadenceRule.objects.filter(code="resident-contact")
    mask = rule.get().purpose_mask
    InteractionFactory(stakeholder=employer, purpose=Purpose.PUSH)
    rule.update(purpose_mask=0)
    duties.derive(first=november(1), last=TODAY, stakeholders=[employer.pk])
    assert mine_open.count() == 0
    rule.update(purpose_mask=mask)
    duties.derive(first=november(1), last=TODAY, stakeholders=[employer.pk])
    assert mine_open.count() == 1


@pytest.mark.parametrize(
    ("role", "tier"),
    [(Role.COUNCIL, "council"), (Role.DIRECTOR, "director"), (Role.SENIOR_SUPERVISOR, "supervisor")],
)
def test_duty_above_the_departments_is_of_who_has_held_the_tier_longest_and_is_here(employer, role, tier):
    UserFactory(roles=[role], left=True)
    longest, _later = UserFactory(roles=[role]), UserFactory(roles=[role])
    UserFactory(resident=True)
    CadenceRule.objects.filter(code="feedback").update(tier=tier)
    duties.rebuild(TODAY)
    assert Duty.objects.get(rule__code="feedback").owner == longest


def test_duty_without_a_carrier_goes_to_the_head_and_then_to_the_director(employer):
    CadenceRule.objects.filter(code="feedback").update(tier="council")
    feedback = Duty.objects.filter(rule__code="feedback")
    duties.rebuild(TODAY)
    assert feedback.get().owner is None
    director = UserFactory(director=True)
    duties.rebuild(TODAY)
    assert feedback.get().owner == director
    employer.department.head = UserFactory(department_head=True)
    employer.department.save()
    duties.rebuild(TODAY)
    assert feedback.get().owner == employer.department.head


def test_two_rules_that_ask_for_two_each_count_their_own(employer, manager):
    CadenceRule.objects.filter(code="work-report").update(times=2)
    for day, purpose, ours in (
        (3, Purpose.WORK_REPORT, employer.responsible),
        (5, Purpose.ORDINARY, manager),
        (7, Purpose.WORK_REPORT, employer.responsible),
        (9, Purpose.ORDINARY, manager),
    ):
        InteractionFactory(stakeholder=employer, purpose=purpose, ours=[ours], contact_on=november(day))
    met = Duty.objects.filter(rule__times=2).values_list("rule__code", "met", "met_on")
    duties.rebuild(TODAY)
    assert sorted(met) == [("management-contact", 2, november(9)), ("work-report", 2, november(7))]
