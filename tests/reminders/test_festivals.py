"""Festivals, greeting days and statutory holidays (R432)."""

import datetime as dt

import pytest

from reminders.calendar.festivals import OBSERVANCES, festivals_in, statutory_days

D = dt.date


def dates(year):
    """Returns {key: date} of the festivals of `year`."""
    return {festival.key: festival.day for festival in festivals_in(year)}


@pytest.mark.parametrize(
    ("year", "key", "day"),
    [
        (2025, "spring", D(2025, 1, 29)),
        (2026, "spring", D(2026, 2, 17)),
        (2027, "spring", D(2027, 2, 6)),
        (2026, "lantern", D(2026, 3, 3)),
        (2026, "qingming", D(2026, 4, 5)),
        (2024, "qingming", D(2024, 4, 4)),
        (2026, "dragon_boat", D(2026, 6, 19)),
        (2025, "dragon_boat", D(2025, 5, 31)),
        (2025, "mid_autumn", D(2025, 10, 6)),
        (2026, "mid_autumn", D(2026, 9, 25)),
        (2026, "double_ninth", D(2026, 10, 18)),
        (2026, "social_work", D(2026, 3, 17)),
        (2027, "social_work", D(2027, 3, 16)),
        (2028, "social_work", D(2028, 3, 21)),
        (2026, "teachers", D(2026, 9, 10)),
        (2026, "army", D(2026, 8, 1)),
        (2026, "women", D(2026, 3, 8)),
        (2026, "children", D(2026, 6, 1)),
    ],
)
def test_festival_falls_on_its_day(year, key, day):
    assert dates(year)[key] == day


def test_festivals_of_a_year_are_complete_and_in_order_of_date():
    found = festivals_in(2026)
    assert [festival.day for festival in found] == sorted(festival.day for festival in found)
    assert {festival.key for festival in found} == {each.key for each in OBSERVANCES}
    assert len(found) == 14
    assert {festival.day.year for festival in found} == {2026}


def test_statutory_days_follow_the_revision_of_2024():
    days = statutory_days(2027)
    assert [day for day, name in days.items() if name == "春节"] == [D(2027, 2, n) for n in (5, 6, 7, 8)]
    assert [day for day, name in days.items() if name == "劳动节"] == [D(2027, 5, 1), D(2027, 5, 2)]
    assert [day for day, name in days.items() if name == "国庆节"] == [D(2027, 10, n) for n in (1, 2, 3)]
    assert len(days) == 13


@pytest.mark.parametrize("year", range(2004, 2101))
def test_new_years_eve_is_found_whether_the_last_lunar_month_has_29_or_30_days(year):
    spring = [day for day, name in statutory_days(year).items() if name == "春节"]
    assert len(spring) == 4
    assert spring[1] == dates(year)["spring"]


def test_mid_autumn_on_national_day_is_counted_once():
    assert statutory_days(2031)[D(2031, 10, 1)] == "国庆节"
    assert len(statutory_days(2031)) == 12
