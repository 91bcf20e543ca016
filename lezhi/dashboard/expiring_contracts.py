"""Contracts that end without a successor: numbers for each month, the next to end, and their list (R438)."""

from dataclasses import dataclass
from datetime import date, timedelta

from django.urls import reverse

from accounts.days import parse_day
from accounts.query_cache import NO_ROWS, PreparedSql
from employers.models import Contract
from employers.renewals import without_successor
from lezhi.dashboard.duty_list import parse_optional_key, text_of
from lezhi.dashboard.figures import MONTHS_SHOWN, NOBODY, compile_queryset, in_department
from lists.query import encode
from relations.duties.periods import period_of, start_of_month
from relations.duties.settlement import as_date

NEAREST = 3

BY_DAY_AND_NEAREST = """
    WITH ending AS MATERIALIZED ({contracts})
    SELECT last_day, COUNT(*), 0, '' FROM ending GROUP BY last_day
    UNION ALL
    SELECT * FROM (
        SELECT last_day, 0, stakeholder_id, stakeholder__name FROM ending ORDER BY last_day, pk LIMIT {nearest}
    ) nearest
"""


@dataclass(frozen=True)
class ContractFilters:
    """The filters of the list: range of the last day, both ends included, and the department of the employer."""

    first: date | None = None
    last: date | None = None
    department: int | None = None

    @property
    def values(self):
        """The filters as in the query string: {name: text}."""
        values = {"from": self.first, "to": self.last, "department": self.department}
        return {name: text_of(name, value) for name, value in values.items()}

    def link(self):
        return link_to(self.values)


def link_to(values):
    """The URL of the list with `values` ({name: text}) as query string."""
    return f"{reverse('ending_contracts')}?{encode(values)}"


def parse_filters(data):
    return ContractFilters(
        parse_day(data.get("from", "")),
        parse_day(data.get("to", "")),
        parse_optional_key(data.get("department", "")),
    )


def expiring_contracts(user, wanted):
    """The contracts visible to `user` that have no successor, filtered by `wanted`; a queryset."""
    rows = without_successor(Contract.objects.visible_to(user))
    if wanted.first:
        rows = rows.filter(last_day__gte=wanted.first)
    if wanted.last:
        rows = rows.filter(last_day__lte=wanted.last)
    return in_department(rows, wanted.department, "stakeholder__department")


@dataclass(frozen=True)
class ExpiringContracts:
    """The contracts that end in the next twelve months.

    `by_day`: {day: number}. `nearest`: (day, pk of the employer, its name) of the first NEAREST contracts.
    """

    by_day: dict
    nearest: list
    today: date

    @property
    def total(self):
        return sum(self.by_day.values())

    def between(self, first, last):
        return sum(number for day, number in self.by_day.items() if first <= day <= last)

    @property
    def months(self):
        """Pairs of a month (Span) and the number of contracts that end in it; of this month only from today on."""
        spans = next_months(self.today)
        return [(span, self.between(span.starts_on, span.ends_on)) for span in spans]


def next_months(today):
    first = period_of("month", today).starts_on
    return [period_of("month", start_of_month(first, place)) for place in range(MONTHS_SHOWN)]


def in_next_months(user, today, department):
    """The ExpiringContracts of the next twelve months, in one query."""
    found = BY_DAY.fetch(
        user,
        first=today,
        last=next_months(today)[-1].ends_on,
        department=department,
        without_department=department == NOBODY,
    )
    return expiring_from_rows(found, today)


def by_day_sql(user, *, first, last, department, without_department):
    """Returns the SQL of `in_next_months` and its parameters."""
    wanted = ContractFilters(first, last, NOBODY if without_department else department)
    rows = expiring_contracts(user, wanted).order_by()
    columns = rows.values("pk", "last_day", "stakeholder_id", "stakeholder__name")
    compiled = compile_queryset(columns)
    if compiled is None:
        return NO_ROWS
    sql, params = compiled
    return BY_DAY_AND_NEAREST.format(contracts=sql, nearest=NEAREST), params


BY_DAY = PreparedSql(by_day_sql, is_planned_once=False)  # by day over a year: a plan for few days is slow


def expiring_from_rows(found, today):
    by_day = {as_date(last_day): number for last_day, number, *_who in found if number}
    first = sorted((as_date(last_day), pk, name) for last_day, number, pk, name in found if not number)
    return ExpiringContracts(by_day, first, today)


def notice_period(today, days):
    """The first and last day of the `days` from today on; a contract that ends within them requires a talk."""
    return today, today + timedelta(days=days)
