"""Terms without an agreed end are in force from their first day until a user ends them (R31-R32)."""

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction

from employers.renewals import without_successor
from relations.duties import settlement as duties
from relations.meetings.actions import past_cooperation
from relations.models import CadenceRule, Duty, Kind, RuleStanding, Stakeholder, StandingSpan, Term
from relations.models.stakeholder import NO_END
from relations.parties import standing
from relations.timeline.own_sources import term_words
from tests.factories.employers import ContractFactory, EmployerFactory
from tests.factories.relations import StakeholderFactory

pytestmark = pytest.mark.django_db
FIRST = date(2026, 3, 1)
DAY = timedelta(days=1)


@pytest.fixture
def today(at):
    return at("2026-11-22")


@pytest.fixture
def partner(today):
    return StakeholderFactory(kind=Kind.PARTNER)


def agree(stakeholder, today, **dates):
    """Creates a term and updates the standing of the stakeholder."""
    term = Term.objects.create(stakeholder=stakeholder, **({"starts_on": FIRST} | dates))
    standing.update_standing([stakeholder.pk], today)
    return term


def test_open_term_is_in_force_from_its_first_day_on(partner, today):
    term = agree(partner, today)
    assert term.last_day is None
    assert not Term.objects.in_force_on(FIRST - DAY).exists()
    for day in (FIRST, today, date(2200, 1, 1)):
        assert Term.objects.in_force_on(day).get() == term


def test_open_term_makes_the_relationship_active_for_good(partner, today):
    agree(partner, today)
    assert StandingSpan.objects.get().ends_on == NO_END
    assert not Stakeholder.objects.active_on(FIRST - DAY).exists()
    assert Stakeholder.objects.active_on(FIRST).get() == partner
    assert Stakeholder.objects.active_on(date(2200, 1, 1)).get() == partner


def test_early_end_closes_an_open_term(partner, today):
    term = agree(partner, today)
    term.ended_on = date(2026, 8, 31)
    term.save()
    standing.update_standing([partner.pk], today)
    assert Stakeholder.objects.active_on(date(2026, 8, 31)).exists()
    assert not Stakeholder.objects.active_on(date(2026, 9, 1)).exists()


def test_join_lets_an_open_term_swallow_what_comes_later():
    closed, opened = (date(2026, 1, 1), date(2026, 2, 28)), (FIRST, None)
    assert standing.merge_spans([opened, closed]) == [(date(2026, 1, 1), NO_END)]
    assert standing.merge_spans([(date(2026, 5, 1), date(2026, 6, 1)), opened]) == [(FIRST, NO_END)]
    gap = (date(2026, 1, 1), date(2026, 2, 27))
    assert standing.merge_spans([gap, opened]) == [gap, (FIRST, NO_END)]


@pytest.mark.parametrize(
    ("first", "owed"),
    [
        (date(2026, 4, 16), True),  # 15 of 30 days: exactly half of the month
        (date(2026, 4, 17), False),
        (date(2026, 4, 30), False),
        (date(2026, 4, 1), True),
    ],
)
def test_month_is_owed_when_the_open_term_runs_for_half_of_it(partner, today, first, owed):
    rule = CadenceRule.objects.filter(period="month", standing=RuleStanding.ACTIVE).first()
    CadenceRule.objects.filter(pk=rule.pk).update(kind=Kind.PARTNER)
    Stakeholder.objects.filter(pk=partner.pk).update(watched_from=date(2026, 1, 1))
    agree(partner, today, starts_on=first)
    duties.derive(first=date(2026, 1, 1), last=today, stakeholders=[partner.pk])
    months = set(Duty.objects.filter(rule=rule).values_list("period_start", flat=True))
    assert (date(2026, 4, 1) in months) is owed
    assert date(2026, 5, 1) in months
    assert date(2026, 3, 1) not in months


@pytest.mark.parametrize(
    "dates",
    [
        {"ends_on": FIRST - DAY},
        {"ended_on": FIRST - DAY},
        {"ends_on": FIRST + DAY, "ended_on": FIRST + 2 * DAY},
    ],
)
def test_days_that_cannot_be_are_refused(partner, dates):
    with pytest.raises(IntegrityError), transaction.atomic():
        Term.objects.create(stakeholder=partner, starts_on=FIRST, **dates)


def test_last_day_cannot_be_left_open_while_there_is_an_end(partner):
    term = Term.objects.create(stakeholder=partner, starts_on=FIRST, ends_on=FIRST)
    with pytest.raises(IntegrityError), transaction.atomic():
        Term.objects.filter(pk=term.pk).update(last_day=None)


@pytest.mark.parametrize("dates", [{}, {"ends_on": FIRST}, {"ended_on": FIRST}])
def test_one_day_and_no_end_are_kept(partner, dates):
    assert Term.objects.create(stakeholder=partner, starts_on=FIRST, **dates).pk


def test_open_term_is_a_successor_of_a_contract(today):
    contract = ContractFactory(stakeholder=EmployerFactory(), ends_on=date(2026, 12, 31))
    assert without_successor().get() == contract
    Term.objects.create(stakeholder=contract.stakeholder, starts_on=FIRST)
    assert not without_successor().exists()


def test_open_term_says_that_no_end_was_agreed(partner, today):
    agree(partner, today)
    assert past_cooperation(partner) == ["协议期从 2026-03-01 起，没有约定结束日期"]
    assert term_words("2026-03-01", None) == "从2026-03-01起，没有约定结束日期"
    assert term_words("2026-03-01", "2026-04-01") == "2026-03-01至2026-04-01"
