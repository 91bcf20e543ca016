"""潜在 and 显在 follow from the contracts automatically (R29-R32)."""

from datetime import date

import pytest

from employers.models import Employer
from relations.parties.standing import merge_spans
from tests.factories.employers import ContractFactory, EmployerFactory


def test_join_keeps_a_gap_of_one_day_and_closes_none():
    gap = [(date(2026, 1, 1), date(2026, 3, 31)), (date(2026, 4, 2), date(2026, 5, 1))]
    assert merge_spans(gap) == gap


def test_join_unites_what_touches_overlaps_or_lies_within():
    touching = [(date(2026, 4, 1), date(2026, 5, 1)), (date(2026, 1, 1), date(2026, 3, 31))]
    within = [(date(2026, 1, 1), date(2026, 12, 31)), (date(2026, 2, 1), date(2026, 3, 1))]
    assert merge_spans(touching) == [(date(2026, 1, 1), date(2026, 5, 1))]
    assert merge_spans(within) == [(date(2026, 1, 1), date(2026, 12, 31))]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("day", "is_active"),
    [
        (date(2026, 2, 28), False),
        (date(2026, 3, 1), True),
        (date(2026, 8, 31), True),
        (date(2026, 9, 1), False),
    ],
)
def test_standing_can_be_asked_for_any_day(at, day, is_active):
    at("2026-11-22")
    employer = EmployerFactory()
    ContractFactory(stakeholder=employer, starts_on=date(2026, 3, 1), ends_on=date(2026, 8, 31))
    assert Employer.objects.with_standing(day).get().is_active_standing is is_active


@pytest.mark.django_db
def test_early_end_turns_prospective_the_next_day(at):
    at("2026-11-22")
    employer = EmployerFactory()
    ContractFactory(stakeholder=employer, ended_on=date(2026, 11, 20))
    assert Employer.objects.active_on(date(2026, 11, 20)).exists()
    assert not Employer.objects.active_on(date(2026, 11, 21)).exists()
