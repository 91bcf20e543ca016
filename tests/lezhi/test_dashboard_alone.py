"""The dashboard where each test makes its own centre, or none; tests/lezhi/test_dashboard.py has the others."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.roles import Role
from employers.models import Contract
from lezhi.dashboard import duty_list, expiring_contracts
from lezhi.dashboard import figures as dashboards
from lezhi.dashboard.heat import HeatCell
from relations.duties.periods import period_of
from relations.models import Duty
from reminders.models import Parameter
from tests.factories.accounts import DepartmentFactory, UserFactory
from tests.factories.employers import ContractFactory, EmployerFactory
from tests.factories.relations import InteractionFactory
from tests.html import packed

pytestmark = pytest.mark.django_db


@pytest.fixture
def today(at):
    return at("2026-11-20")


@pytest.fixture
def page_of(client):
    """page_of(user) returns the dashboard for `user`."""

    def get(user):
        client.force_login(user)
        response = client.get("/dashboard/")
        assert response.status_code == 200
        return response

    return get


def test_only_overdue_duties_of_earlier_months_are_counted(at, page_of):
    at("2024-11-20")
    employer = EmployerFactory(active=True)
    InteractionFactory(stakeholder=employer, contact_on=date(2024, 11, 1))
    today = at("2026-11-20")
    found = dashboards.tally(UserFactory(director=True), dashboards.Choice(period_of("year", today), today))
    assert found.sum(found.chosen()) == dashboards.Sum(met=0, missed=Duty.objects.open().count(), open=0)
    assert Duty.objects.met().count() == 1


@pytest.mark.parametrize(
    ("met", "missed", "percent", "tone"),
    [
        (0, 0, None, "hm0"),
        (0, 1, 0, "hm1"),
        (59, 41, 59, "hm1"),
        (3, 2, 60, "hm2"),
        (799, 201, 79, "hm2"),
        (4, 1, 80, "hm3"),
        (949, 51, 94, "hm3"),
        (19, 1, 95, "hm4"),
        (999, 1, 99, "hm4"),
        (1, 0, 100, "hm4"),
    ],
)
def test_share_is_rounded_down_and_coloured(met, missed, percent, tone):
    share = HeatCell(dashboards.Sum(met=met, missed=missed, open=7), "")
    assert (share.sum.percent, share.tone) == (percent, tone)


def test_due_today_is_not_yet_missed(at):
    today = at("2026-11-30")
    cell = dashboards.Cell(today, "resident-contact", 1, "", owed=3, met=1)
    tally = dashboards.Tally(dashboards.Choice(period_of("month", today), today), [cell])
    assert tally.sum([cell]) == dashboards.Sum(met=1, missed=0, open=2)


@pytest.mark.once
@pytest.mark.parametrize(
    "role", [Role.RESIDENT, Role.FINANCE, Role.ADMINISTRATOR, Role.VOLUNTEER, Role.DEPARTMENT_STAFF]
)
@pytest.mark.parametrize(
    "address",
    [
        "/dashboard/",
        "/dashboard/export/",
        "/dashboard/duties/",
        "/dashboard/duties/export/",
        "/dashboard/contracts/",
    ],
)
def test_others_may_not_look(client, role, address):
    client.force_login(UserFactory(roles=[role]))
    assert client.get(address).status_code == 403


def test_nobody_looks_without_logging_in(client):
    assert client.get("/dashboard/").status_code == 302


def test_queries_stay_the_same(client, today):
    director = UserFactory(director=True)
    EmployerFactory.create_batch(2, active=True)
    few = {address: queries(client, director, address) for address in ADDRESSES}
    EmployerFactory.create_batch(30, active=True)
    assert {address: queries(client, director, address) for address in ADDRESSES} == few
    assert few["/dashboard/"] <= 10
    assert max(few.values()) <= 10


ADDRESSES = [
    "/dashboard/",
    "/dashboard/?people=all",
    "/dashboard/duties/?state=overdue",
    "/dashboard/contracts/",
]


def queries(client, user, address):
    """Returns the number of queries of a second request."""
    client.force_login(user)
    client.get(address)
    with CaptureQueriesContext(connection) as captured:
        assert client.get(address).status_code == 200
    return len(captured)


def test_notice_of_contracts_follows_the_number(page_of, today):
    director = UserFactory(director=True)
    EmployerFactory(active=True, contract__ends_on=date(2027, 1, 20))
    assert "60天内合同到期" in packed(page_of(director).content.decode())
    assert tile(page_of(director), "60天内合同到期") == 0
    Parameter.objects.create(
        key="renewal_notice_days", value=61, effective_from=today, reason="提前", set_by=director
    )
    assert tile(page_of(director), "61天内合同到期") == 1


def tile(response, label):
    """Returns the value of the tile with this label."""
    return next(int(found["value"]) for found in response.context["page"].tiles if found["label"] == label)


def test_contracts_with_a_successor_do_not_end(today):
    director = UserFactory(director=True)
    employer = EmployerFactory(active=True)
    until_next_year = expiring_contracts.ContractFilters(today, date(2027, 12, 31))
    assert expiring_contracts.expiring_contracts(director, until_next_year).count() == 1
    ContractFactory(stakeholder=employer, starts_on=date(2027, 1, 1), ends_on=date(2027, 12, 31))
    assert [
        contract.last_day for contract in expiring_contracts.expiring_contracts(director, until_next_year)
    ] == [date(2027, 12, 31)]


def test_contracts_of_this_month_are_counted_from_today_on(today):
    EmployerFactory(active=True, contract__ends_on=date(2026, 11, 19))
    EmployerFactory(active=True, contract__ends_on=today)
    EmployerFactory(active=True, contract__ends_on=date(2027, 10, 31))
    EmployerFactory(active=True, contract__ends_on=date(2027, 11, 1))
    found = expiring_contracts.in_next_months(UserFactory(director=True), today, None)
    assert [number for _span, number in found.months] == [1] + [0] * 10 + [1]
    assert found.nearest[0][0] == today
    assert Contract.objects.count() == 4


def test_empty_centre_says_so(page_of, today):
    drawn = page_of(UserFactory(director=True)).content.decode()
    assert "这段时间还没有应尽事项" in drawn
    assert "今后12个月没有合同到期" in drawn


@pytest.mark.parametrize(
    ("query", "wanted"),
    [
        ("", duty_list.DutyFilters()),
        ("state=x&tier=y&department=z&worker=-3&from=2026-13-01&to=tomorrow", duty_list.DutyFilters()),
        ("worker=none&department=none", duty_list.DutyFilters(department=0, worker=0)),
        (
            "state=counted&from=2026-01-01&q=+青+",
            duty_list.DutyFilters(q="青", state="counted", first=date(2026, 1, 1)),
        ),
        (f"worker={'9' * 30}", duty_list.DutyFilters()),
    ],
)
def test_address_is_read(rf, query, wanted):
    assert duty_list.parse_filters(rf.get(f"/?{query}").GET) == wanted


@pytest.mark.parametrize(
    "wanted",
    [
        duty_list.DutyFilters(),
        duty_list.DutyFilters(
            "青&岚", "met", "work-report", "resident", 3, 0, date(2026, 1, 1), date(2026, 12, 31)
        ),
        duty_list.DutyFilters(department=0),
    ],
)
def test_address_is_written_as_it_is_read(rf, wanted):
    assert duty_list.parse_filters(rf.get(f"/?{wanted.query()}").GET) == wanted


def test_people_are_offered_while_they_are_few(today):
    director, department = UserFactory(director=True), DepartmentFactory()
    worker = UserFactory(department=department, name="郑雅婷")
    UserFactory(volunteer=True), UserFactory(left=True, department=department)

    def offered(**wanted):
        return [
            name
            for _pk, name in duty_list.filter_choices(director, duty_list.DutyFilters(**wanted))["worker"]
        ]

    assert offered() == sorted([director.name, worker.name])
    assert offered(department=department.pk) == [worker.name]
    UserFactory.create_batch(60, department=UserFactory().department)
    assert offered() == []
    assert offered(worker=worker.pk) == offered(department=department.pk) == [worker.name]


def test_total_row_comes_first_with_many_departments(page_of, today):
    for _place in range(13):
        EmployerFactory(active=True)
    page = page_of(UserFactory(director=True)).context["page"]
    assert page.heat[0][0] == "合计"
    assert page.heat_rows == []
