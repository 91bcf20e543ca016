"""Duties owed and met (R69-R88, R427-R430): limits, and both sides of a contact. Histories: test_duty_histories.py."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.roles import Role
from relations.duties import settlement as duties
from relations.log import actions as log
from relations.models import CadenceRule, Duty, Interaction, Level, Purpose
from relations.parties import actions as register
from relations.parties import standing
from reminders.steps import sweep
from tests.factories.accounts import DepartmentFactory, UserFactory
from tests.factories.employers import ContractFactory, EmployerFactory
from tests.factories.relations import ContactPersonFactory, InteractionFactory

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 22)


def duty(employer, code, day=TODAY):
    """The duty of the rule `code` in the period of `day`."""
    return Duty.objects.get(stakeholder=employer, rule__code=code, period_start__lte=day, due_on__gte=day)


def owes(employer, code, day=TODAY):
    """Whether there is a duty of the rule `code` in the period of `day`."""
    return Duty.objects.filter(
        stakeholder=employer, rule__code=code, period_start__lte=day, due_on__gte=day
    ).exists()


@pytest.fixture
def employer(at):
    at(TODAY)
    department = DepartmentFactory(head=UserFactory(roles=[Role.DEPARTMENT_HEAD]))
    worker = UserFactory(roles=[Role.RESIDENT], department=department)
    return EmployerFactory(responsible=worker, active=True)


def test_prospective_employer_owes_nothing_of_the_active_rules(at):
    at(TODAY)
    assert not Duty.objects.filter(stakeholder=EmployerFactory()).exists()


@pytest.mark.parametrize(
    ("first", "last", "owed"), [(16, 30, True), (17, 30, False), (1, 15, True), (1, 14, False)]
)
def test_duty_applies_from_half_of_the_period(at, first, last, owed):
    at(TODAY)
    employer = EmployerFactory()
    ContractFactory(stakeholder=employer, starts_on=date(2026, 11, first), ends_on=date(2026, 11, last))
    assert owes(employer, "resident-contact") is owed


def test_two_contracts_that_overlap_count_each_day_once(at):
    at(TODAY)
    employer = EmployerFactory()
    ContractFactory(stakeholder=employer, starts_on=date(2026, 11, 1), ends_on=date(2026, 11, 10))
    ContractFactory(stakeholder=employer, starts_on=date(2026, 11, 5), ends_on=date(2026, 11, 14))
    assert not owes(employer, "resident-contact")


def test_periods_that_ended_before_watching_began_are_not_owed(at):
    at(TODAY)
    employer = EmployerFactory(active=True, watched_from=date(2026, 11, 1))
    months = Duty.objects.filter(stakeholder=employer, rule__code="resident-contact").values_list(
        "period_start", flat=True
    )
    assert list(months) == [date(2026, 11, 1)]


def test_as_needed_rule_is_never_owed(employer):
    """R84: the senior supervisor's visits have no frequency."""
    assert not Duty.objects.filter(rule__code="senior-supervisor").exists()


def test_contact_by_the_responsible_worker_meets_the_month(employer):
    InteractionFactory(stakeholder=employer, contact_on=date(2026, 11, 3))
    monthly = duty(employer, "resident-contact")
    assert (monthly.met, monthly.met_on) == (1, date(2026, 11, 3))


@pytest.mark.parametrize("day", [date(2026, 10, 31), date(2026, 12, 1)])
def test_contact_outside_the_month_does_not_count(employer, day, at):
    at("2026-12-02")
    InteractionFactory(stakeholder=employer, contact_on=day)
    assert duty(employer, "resident-contact").met_on is None


@pytest.mark.parametrize("day", [date(2026, 11, 1), date(2026, 11, 30)])
def test_contact_on_the_first_and_last_day_counts(employer, day, at):
    at("2026-12-02")
    InteractionFactory(stakeholder=employer, contact_on=day)
    assert duty(employer, "resident-contact").met_on == day


def test_attempt_does_not_count(employer):
    """R446."""
    InteractionFactory(stakeholder=employer, attempted=True)
    assert duty(employer, "resident-contact").met == 0
    employer.refresh_from_db()
    assert employer.last_contact_on is None


def test_information_push_is_no_conversation(employer):
    InteractionFactory(stakeholder=employer, purpose=Purpose.PUSH)
    assert duty(employer, "resident-contact").met == 0


def test_sheet_check_meets_the_quarter_and_nothing_else(employer):
    """R69: a dated note "checked, no change" counts."""
    InteractionFactory(stakeholder=employer, check=True)
    assert duty(employer, "sheet-check").met_on == TODAY
    assert duty(employer, "resident-contact").met == 0


@pytest.mark.parametrize(
    ("level", "counts"), [(Level.CLERK, False), (Level.BUREAU_DIRECTOR, True), (Level.PARTY_COMMITTEE, True)]
)
def test_tier_needs_the_right_level_of_theirs(employer, level, counts):
    """R81, R88: the council talks to a bureau director or a higher level."""
    council = UserFactory(roles=[Role.COUNCIL])
    person = ContactPersonFactory(stakeholder=employer, level=level)
    InteractionFactory(stakeholder=employer, ours=[council], theirs=[person])
    assert bool(duty(employer, "council-contact").met_on) is counts


def test_tier_needs_the_right_person_of_ours(employer):
    person = ContactPersonFactory(stakeholder=employer, director=True)
    InteractionFactory(stakeholder=employer, theirs=[person])
    assert duty(employer, "council-contact").met == 0


def test_accompanying_director_counts_as_management_but_not_for_the_tier(employer):
    """R73, R87: accompanying people are named separately; only the management rule counts them."""
    director = UserFactory(roles=[Role.DIRECTOR])
    person = ContactPersonFactory(stakeholder=employer, director=True)
    InteractionFactory(stakeholder=employer, accompanying=[director], theirs=[person])
    assert duty(employer, "management-contact").met == 1
    assert duty(employer, "director-contact").met == 0


def test_management_contact_needs_two_and_is_met_on_the_second(employer):
    """R430, R443: council, director and department head all count."""
    for role, day in ((Role.COUNCIL, 5), (Role.DEPARTMENT_HEAD, 9), (Role.DIRECTOR, 12)):
        InteractionFactory(
            stakeholder=employer, ours=[UserFactory(roles=[role])], contact_on=date(2026, 11, day)
        )
        management = duty(employer, "management-contact")
        assert (management.met_on is None) == (day == 5)
    assert (management.met, management.met_on) == (3, date(2026, 11, 9))


def test_withdrawn_contact_opens_the_duty_again(employer):
    contact = InteractionFactory(stakeholder=employer)
    log.withdraw_interaction(contact, by=employer.responsible, reason="记错了单位")
    assert duty(employer, "resident-contact").met_on is None


def test_corrected_day_moves_the_contact_to_its_month(employer):
    contact = InteractionFactory(stakeholder=employer)
    contact.contact_on = date(2026, 10, 30)
    log.correct_interaction(
        contact, before=TODAY, company=log.Participants([employer.responsible]), version=contact.version
    )
    assert duty(employer, "resident-contact").met == 0
    assert duty(employer, "resident-contact", date(2026, 10, 1)).met == 1


def test_duty_belongs_to_the_worker_the_head_and_the_director(employer):
    director = UserFactory(roles=[Role.DIRECTOR])
    duties.rederive([employer.pk], TODAY)
    assert duty(employer, "resident-contact").owner == employer.responsible
    assert duty(employer, "department-contact").owner == employer.department.head
    assert duty(employer, "director-contact").owner == director


def test_hand_over_takes_the_duties_along(employer):
    to = UserFactory(roles=[Role.RESIDENT], department=DepartmentFactory())
    from employers.models import Employer

    register.hand_over(Employer.objects.filter(pk=employer.pk), to=to, by=to, today=TODAY)
    monthly = duty(employer, "resident-contact")
    assert (monthly.owner, monthly.department) == (to, to.department)


def test_shortened_contract_removes_what_is_owed_no_more(employer):
    contract = employer.terms.get().contract
    contract.ended_on = date(2026, 11, 10)
    contract.save()
    standing.update_standing([employer.pk], TODAY)
    assert not owes(employer, "resident-contact")
    assert owes(employer, "resident-contact", date(2026, 10, 31))


def test_frozen_duty_stays_as_it_was(employer, at):
    Duty.objects.filter(stakeholder=employer, rule__code="resident-contact").update(
        frozen_at="2026-11-22T00:00:00Z"
    )
    InteractionFactory(stakeholder=employer)
    assert duty(employer, "resident-contact").met == 0


def test_void_employer_owes_nothing(employer):
    register.void_record(employer, by=employer.responsible, reason="重复登记", today=TODAY)
    assert not Duty.objects.filter(stakeholder=employer).exists()


def test_period_is_judged_by_the_rule_of_its_first_day(employer):
    old = CadenceRule.objects.get(code="resident-contact")
    old.effective_to = date(2026, 10, 15)
    old.save()
    CadenceRule.objects.create(
        code=old.code,
        name=old.name,
        tier=old.tier,
        period="month",
        times=2,
        effective_from=date(2026, 10, 16),
    )
    duties.rebuild(TODAY)
    assert duty(employer, "resident-contact", date(2026, 10, 20)).owed == 1
    assert duty(employer, "resident-contact").owed == 2


def test_would_count_says_what_saving_then_does(employer):
    contact = Interaction(
        stakeholder=employer, contact_on=TODAY, channel="face", purpose=Purpose.WORK_REPORT, content="汇报"
    )
    company = log.Participants([employer.responsible])
    log.set_masks(contact, company)
    promised = {found.pk for found in duties.would_count(employer, contact)}
    log.log_interaction(contact, by=employer.responsible, company=company)
    assert promised == set(Duty.objects.filter(stakeholder=employer, met__gt=0).values_list("pk", flat=True))
    assert promised


def test_settling_costs_the_same_with_many_contacts(employer):
    def statements():
        """The number of queries to log a contact."""
        with CaptureQueriesContext(
            connection,
        ) as captured:
            InteractionFactory(stakeholder=employer)
        return len(captured)

    few = statements()
    for _time in range(12):
        InteractionFactory(stakeholder=employer)
    assert statements() == few


def test_differences_finds_a_duty_that_was_tampered_with(employer):
    """Control of the nightly check."""
    assert duties.differences(TODAY) == 0
    Duty.objects.filter(
        stakeholder=employer, rule__code="resident-contact", period_start=date(2026, 11, 1)
    ).update(owed=3)
    assert duties.differences(TODAY) == 1
    duties.rebuild(TODAY)
    assert duties.differences(TODAY) == 0


def test_met_duties_follow_a_new_head_as_well(employer, at):
    """Without older open duties, derivation could start too late and leave met duties with the former head."""
    CadenceRule.objects.exclude(code="department-contact").update(effective_to=date(2019, 1, 1))
    sweep(at("2026-07-01"))
    person = ContactPersonFactory(stakeholder=employer)
    InteractionFactory(
        stakeholder=employer, ours=[employer.department.head], theirs=[person], contact_on=date(2026, 5, 4)
    )
    employer.department.head = UserFactory(department_head=True)
    employer.department.save()
    sweep(at("2026-07-02"))
    assert duty(employer, "department-contact", date(2026, 5, 4)).owner == employer.department.head
    assert duties.differences(date(2026, 7, 2)) == 0
