"""Festivals by the solar and the lunar calendar: public holidays, and festivals on which greetings are sent (R432).

The lunar calendar comes from lunar-python. A lunar month has 29 or 30 days, so the 30th is never used here: New Year's
Eve is the day before the first day of the first month.
"""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from django.utils.translation import gettext_lazy as _
from lunar_python import Lunar

TUESDAY = 1
FIRST_YEAR, LAST_YEAR = 2004, 2099  # published arrangements start in 2004; lunar dates are verified to 2056
DAY = dt.timedelta(days=1)


def lunar_day(year, month, day):
    """The date of day `day` (1-29) of lunar month `month` in the lunar year that begins in `year`."""
    solar = Lunar.fromYmd(year, month, day).getSolar()
    return dt.date(solar.getYear(), solar.getMonth(), solar.getDay())


def qingming(year):
    """The date of the solar term 清明 in `year`."""
    solar = Lunar.fromYmd(year, 1, 1).getJieQiTable()["清明"]
    return dt.date(solar.getYear(), solar.getMonth(), solar.getDay())


def nth_weekday(year, month, weekday, nth):
    """The `nth` `weekday` (0 is Monday) of a month."""
    first = dt.date(year, month, 1)
    return first + dt.timedelta(days=(weekday - first.weekday()) % 7 + 7 * (nth - 1))


def fixed_day(month, day):
    return lambda year: dt.date(year, month, day)


def lunar_fixed_day(month, day):
    return lambda year: lunar_day(year, month, day)


@dataclass(frozen=True)
class Observance:
    """A festival, with the function that finds its date in a year."""

    key: str
    name: str
    find: Callable[[int], dt.date]


OBSERVANCES = [
    Observance("new_year", _("元旦"), fixed_day(1, 1)),
    Observance("spring", _("春节"), lunar_fixed_day(1, 1)),
    Observance("lantern", _("元宵节"), lunar_fixed_day(1, 15)),
    Observance("women", _("妇女节"), fixed_day(3, 8)),
    Observance("social_work", _("国际社工日"), lambda year: nth_weekday(year, 3, TUESDAY, 3)),
    Observance("qingming", _("清明节"), qingming),
    Observance("labour", _("劳动节"), fixed_day(5, 1)),
    Observance("children", _("儿童节"), fixed_day(6, 1)),
    Observance("dragon_boat", _("端午节"), lunar_fixed_day(5, 5)),
    Observance("army", _("建军节"), fixed_day(8, 1)),
    Observance("teachers", _("教师节"), fixed_day(9, 10)),
    Observance("mid_autumn", _("中秋节"), lunar_fixed_day(8, 15)),
    Observance("national", _("国庆节"), fixed_day(10, 1)),
    Observance("double_ninth", _("重阳节"), lunar_fixed_day(9, 9)),
]


@dataclass(frozen=True)
class Festival:
    """A festival in one year."""

    key: str
    name: str
    day: dt.date


def festivals_in(year):
    """The festivals of a calendar year by date (R432)."""
    festivals = [Festival(each.key, each.name, each.find(year)) for each in OBSERVANCES]
    return sorted(festivals, key=lambda festival: (festival.day, festival.key))


@lru_cache(maxsize=256)
def statutory_days(year):
    """{date: name} of the days off fixed by the regulation itself (revision of 2024), without moved working days."""
    spring = lunar_day(year, 1, 1)
    spans = [
        (dt.date(year, 1, 1), 1, _("元旦")),
        (spring - DAY, 4, _("春节")),
        (qingming(year), 1, _("清明节")),
        (dt.date(year, 5, 1), 2, _("劳动节")),
        (lunar_day(year, 5, 5), 1, _("端午节")),
        (dt.date(year, 10, 1), 3, _("国庆节")),
        (lunar_day(year, 8, 15), 1, _("中秋节")),
    ]
    days = {}
    for first, length, name in spans:
        for offset in range(length):
            days.setdefault(first + offset * DAY, name)
    return days
