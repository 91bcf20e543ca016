"""Calendar periods (R442)."""

from datetime import date

import pytest

from relations.models import Period
from relations.periods import Span, period_of, touching


@pytest.mark.parametrize(
    ("kind", "day", "first", "last"),
    [
        ("month", date(2028, 2, 29), date(2028, 2, 1), date(2028, 2, 29)),
        ("month", date(2026, 12, 31), date(2026, 12, 1), date(2026, 12, 31)),
        ("quarter", date(2026, 3, 31), date(2026, 1, 1), date(2026, 3, 31)),
        ("quarter", date(2026, 4, 1), date(2026, 4, 1), date(2026, 6, 30)),
        ("half", date(2026, 6, 30), date(2026, 1, 1), date(2026, 6, 30)),
        ("half", date(2026, 7, 1), date(2026, 7, 1), date(2026, 12, 31)),
        ("year", date(2026, 1, 1), date(2026, 1, 1), date(2026, 12, 31)),
    ],
)
def test_period_of_has_both_its_days(kind, day, first, last):
    assert period_of(kind, day) == Span(kind, first, last)


def test_touching_a_single_day_gives_one_period_of_each_kind():
    assert [span.kind for span in touching(date(2026, 5, 5), date(2026, 5, 5))] == [
        "half",
        "month",
        "quarter",
        "year",
    ]


def test_touching_reaches_over_the_turn_of_the_year():
    months = [
        span.starts_on for span in touching(date(2026, 12, 31), date(2027, 1, 1)) if span.kind == Period.MONTH
    ]
    assert months == [date(2026, 12, 1), date(2027, 1, 1)]
