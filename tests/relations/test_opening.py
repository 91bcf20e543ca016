"""When the sweep opens duties: for a new month, for a new record, and again after people have changed."""

from datetime import date

import pytest

from accounts.roles import Role
from relations.duties import opening
from relations.duties import settlement as duties
from relations.models import CadenceRule, Duty
from reminders.models import SweepMark
from reminders.steps import sweep
from tests.factories.accounts import UserFactory
from tests.factories.employers import EmployerFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def employer(at):
    at("2026-10-12")
    return EmployerFactory(active=True, watched_from=date(2026, 9, 1))


def opened(day):
    """Runs the sweep of `day`. Returns the number of duties that it opened."""
    counts, failed = sweep(day)
    assert failed == []
    return counts["duties_opened"]


def months():
    """The months in which a monthly contact is owed, as texts like 2026-10."""
    rows = Duty.objects.filter(rule__code="resident-contact").order_by("period_start")
    return [f"{day:%Y-%m}" for day in rows.values_list("period_start", flat=True)]


def test_first_sweep_writes_what_is_missing(employer):
    Duty.objects.all().delete()
    assert opened(date(2026, 10, 12)) == Duty.objects.count() > 0
    assert duties.differences(date(2026, 10, 12)) == 0


def test_day_without_anything_new_opens_nothing(employer, at):
    opened(date(2026, 10, 12))
    assert opened(date(2026, 10, 12)) == 0
    assert opened(at("2026-10-13")) == 0


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        ("2026-10-31", ["2026-09", "2026-10"]),
        ("2026-11-01", ["2026-09", "2026-10", "2026-11"]),
        ("2026-12-24", ["2026-09", "2026-10", "2026-11", "2026-12"]),  # no sweep ran for a whole month
    ],
)
def test_month_that_begins_is_opened_and_a_missed_one_too(employer, at, day, expected):
    opened(date(2026, 10, 12))
    opened(at(day))
    assert months() == expected
    assert duties.differences(date.fromisoformat(day)) == 0


def test_same_month_of_the_next_year_is_a_new_one(employer, at):
    CadenceRule.objects.update(standing="any")
    opened(date(2026, 10, 12))
    opened(at("2027-10-12"))
    assert months()[-1] == "2027-10"
    assert duties.differences(date(2027, 10, 12)) == 0


@pytest.mark.parametrize("singly", [500, 0])
def test_record_registered_since_is_opened_on_the_next_day(employer, at, monkeypatch, singly):
    """One record at a time, or all at once when there are more than MAX_SINGLE_RECORDS."""
    monkeypatch.setattr(opening, "MAX_SINGLE_RECORDS", singly)
    CadenceRule.objects.filter(code="resident-contact").update(standing="any")
    opened(date(2026, 10, 12))
    at("2026-10-12", 23)
    new = EmployerFactory(watched_from=date(2026, 10, 12))
    assert opened(at("2026-10-13")) == Duty.objects.filter(stakeholder=new).count() == 1
    assert opened(at("2026-10-14")) == 0


def test_who_takes_over_a_rank_takes_over_the_duties_at_the_next_sweep(employer, at):
    opened(date(2026, 10, 12))
    director = UserFactory(roles=[Role.DIRECTOR])
    owed = Duty.objects.filter(rule__tier="director")
    assert set(owed.values_list("owner", flat=True)) == {None}
    assert opened(date(2026, 10, 12)) == Duty.objects.filter(owner=director).count() > 0
    assert set(owed.values_list("owner", flat=True)) == {director.pk}


def test_young_centre_derives_from_its_first_month(at):
    """The sweep mark is set back before the month in which watching began, not only to its day."""
    at("2026-10-12")
    EmployerFactory(active=True, watched_from=date(2026, 10, 10))
    opened(date(2026, 10, 12))
    UserFactory(roles=[Role.DIRECTOR])
    assert SweepMark.objects.get(step=opening.STEP).done_for == date(2026, 9, 30)
    opened(date(2026, 10, 12))
    assert duties.differences(date(2026, 10, 12)) == 0
