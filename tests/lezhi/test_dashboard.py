"""The dashboard: each figure opens the list it counts, users see only their records, queries are few."""

import re
from collections import defaultdict
from datetime import date, datetime
from html import unescape
from io import BytesIO
from zoneinfo import ZoneInfo

import pytest
from openpyxl import load_workbook

from accounts.models import User
from accounts.roles import Role
from lezhi.dashboard import duty_list, expiring_contracts
from lezhi.dashboard import figures as dashboards
from lezhi.dashboard import page as dashboard_page
from relations.duties.periods import period_of
from relations.models import Duty, Purpose
from reminders.models import Reminder
from tests.factories.accounts import DepartmentFactory, StandInFactory, UserFactory
from tests.factories.employers import EmployerFactory
from tests.factories.relations import InteractionFactory
from tests.html import packed
from tests.plugins.databases import begin_anew, once_for_a_module
from tests.plugins.where import deep

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 11, 20, 12, tzinfo=ZoneInfo("Asia/Shanghai"))
FIGURE = re.compile(r'<a class="fig[^"]*" href="([^"]+)">.*?<b><span>([\d,]+)</span>')
SHARE = re.compile(r'<td class="hm\d"><a href="([^"]+)">(\d+)%<small>(\d+)／(\d+)</small>')
PLAIN = re.compile(r'<a class="lk[^"]*" href="([^"]+)">(\d+)</a>')
WHOLE = re.compile(r'<a class="btn btn-ghost btn-sm" href="([^"]+)">全部(\d+)份</a>')


@pytest.fixture
def today(at):
    return at("2026-11-20")


@pytest.fixture(scope="module")
def built(django_db_setup, django_db_blocker):
    """The centre of `centre`, built once for all tests of this file."""
    with once_for_a_module(django_db_blocker, NOON):
        workers = built_centre()
        begin_anew()
        yield [worker.pk for worker in workers]


@pytest.fixture
def centre(built, today):
    """The workers of the centre, as they are stored."""
    return [User.objects.select_related("department__head").get(pk=pk) for pk in built]


def built_centre():
    """The workers of two departments, each with a head, employers of every kind and some contacts."""
    departments = [DepartmentFactory(name="项目部"), DepartmentFactory(name="办公室")]
    for department in departments:
        department.head = UserFactory(department_head=True, department=department)
        department.save()
    UserFactory(council=True), UserFactory(director=True)
    workers = [
        UserFactory(department=department, name=f"{department.name}社工") for department in departments
    ]
    for place in range(4):
        employer = EmployerFactory(active=True, responsible=workers[place % 2])
        for month in range(1, 3 + 2 * place):
            InteractionFactory(stakeholder=employer, contact_on=date(2026, month, 9))
    EmployerFactory(responsible=workers[0])
    EmployerFactory(lapsed=True, responsible=workers[1])
    EmployerFactory(active=True, responsible=workers[1], contract__ends_on=date(2027, 3, 3))
    EmployerFactory(active=True, confidential=True, responsible=workers[0])
    EmployerFactory(active=True, responsible=UserFactory(department=None))
    InteractionFactory(stakeholder=employer, purpose=Purpose.URGENT, contact_on=date(2026, 11, 3))
    InteractionFactory(stakeholder=employer, purpose=Purpose.SHEET_CHECK, contact_on=date(2026, 5, 9))
    return workers


@pytest.fixture
def page_of(client):
    """page_of(user, address) returns the response of a page for `user`."""

    def get(user, address="/dashboard/"):
        client.force_login(user)
        response = client.get(address)
        assert response.status_code == 200, address
        return response

    return get


def figures_on(response):
    """Returns {(URL, number)} for every figure that links to a list."""
    drawn = packed(response.content.decode())
    found = {(href, int(number.replace(",", ""))) for href, number in FIGURE.findall(drawn)}
    found |= {(href, int(counted)) for href, _percent, _met, counted in SHARE.findall(drawn)}
    found |= {(href, int(number)) for href, number in [*PLAIN.findall(drawn), *WHOLE.findall(drawn)]}
    return {(unescape(href), number) for href, number in found}


def count_on(response):
    """Returns the number of rows that a list states."""
    context = response.context
    if "counts" in context:
        return context["counts"]["shown"]
    shown = context["shown"] if "shown" in context else context["total"]
    return int(str(shown).replace(",", ""))


@pytest.mark.once
@pytest.mark.parametrize(
    ("role", "query"),
    [deep(Role.DIRECTOR, ""), (Role.DIRECTOR, "?period=month&people=all"), (Role.MANAGER, "?period=quarter")],
)
def test_every_figure_opens_the_list_it_counts(centre, page_of, undrawn, role, query):
    reader = UserFactory(roles=[role], department=None)
    figures = figures_on(page_of(reader, f"/dashboard/{query}"))
    assert len(figures) > 40
    undrawn()
    counted = {(href, count_on(page_of(reader, href))) for href, _number in figures}
    assert counted == figures


def test_every_figure_of_a_department_opens_the_list_it_counts(centre, page_of, undrawn):
    head, department = centre[0].department.head, centre[0].department
    queries = (f"?department={department.pk}", "?department=none")
    pages = [figures_on(page_of(head, f"/dashboard/{query}")) for query in queries]
    undrawn()
    for figures in pages:
        assert {(href, count_on(page_of(head, href))) for href, _number in figures} == figures


def test_figures_are_those_of_the_duties(centre, today):
    director = UserFactory(director=True)
    choice = dashboards.Choice(period_of("year", today), today)
    found = dashboards.tally(director, choice)
    year = Duty.objects.due_between(date(2026, 1, 1), date(2026, 12, 31))
    period = found.sum(found.in_period())
    assert period.met == year.met().count()
    assert period.missed == year.overdue_on(today).count()
    assert period.open == year.open().filter(due_on__gte=today).count()
    assert period.owed == year.count()
    assert sum(person.owed for person in found.people) <= year.count()


def counted_singly(user, choice):
    """Returns the expected tally, duty by duty: {cell: (owed, met)} and {person: (owed, met, overdue)}."""
    cells, people = defaultdict(lambda: (0, 0)), defaultdict(lambda: (0, 0, 0))
    for duty in Duty.objects.visible_to(user).filter(due_on__lte=choice.until).select_related("rule"):
        met, is_past = bool(duty.met_on), duty.due_on < choice.today
        if met and duty.due_on < choice.since:
            continue
        key = duty.due_on, duty.rule.code, duty.department_id or dashboards.NOBODY
        in_period = choice.span.starts_on <= duty.due_on <= choice.span.ends_on
        cells[key] = add(cells[key], (1, met))
        person = duty.owner_id or dashboards.NOBODY
        people[person] = add(people[person], (in_period, in_period and met, is_past and not met))
    return dict(cells), {pk: numbers for pk, numbers in people.items() if numbers[0] or numbers[2]}


def add(one, other):
    """Returns the sums of two tuples, element by element."""
    return tuple(map(sum, zip(one, other, strict=True)))


def as_tallied(user, choice):
    """Returns the tally in the form of `counted_singly`."""
    found = dashboards.tally(user, choice)
    cells = {(cell.due_on, cell.rule, cell.department): (cell.owed, cell.met) for cell in found.cells}
    return cells, {person.pk: (person.owed, person.met, person.overdue) for person in found.people}


@pytest.mark.parametrize("kind", ["month", deep("year")])
def test_figures_of_every_role_are_those_of_the_duties_it_sees(centre, today, kind):
    """Two pages never disagree: the sums equal the duties counted one by one, with and without a stand-in."""
    choice = dashboards.Choice(period_of(kind, today), today, people=dashboards.ALL_PEOPLE)
    seen, near = {}, centre[0].department
    for role in Role:
        reader, deputy = (
            UserFactory(roles=[role], department=near),
            UserFactory(roles=[role], department=None),
        )
        absent = centre[1].department.head if role in (Role.RESIDENT, Role.SERVICE_HEAD) else centre[1]
        StandInFactory(absent=absent, stand_in=deputy, starts_on=today, ends_on=today)
        EmployerFactory(active=True, confidential=True, responsible=reader)
        for name, user in ((role, reader), (f"{role} standing in", deputy)):
            seen[name] = as_tallied(user, choice)
            assert seen[name] == counted_singly(user, choice), name
    assert len({str(found) for found in seen.values()}) > 6
    assert seen[Role.VOLUNTEER] == ({}, {})


def test_people_are_ordered_by_what_is_overdue(centre, today):
    found = dashboards.tally(UserFactory(director=True), dashboards.Choice(period_of("year", today), today))
    overdue = [person.overdue for person in found.people]
    assert overdue == sorted(overdue, reverse=True)
    assert overdue[0] > 0
    assert found.people_in_all == len(found.people)
    assert found.people_overdue == len([number for number in overdue if number])


def test_people_beyond_the_first_are_named_by_number(centre, today):
    choice = dashboards.Choice(period_of("year", today), today, people=2)
    found = dashboards.tally(UserFactory(director=True), choice)
    assert len(found.people) == 2
    assert found.people_in_all > 2


def test_months_are_the_last_twelve(centre, today):
    found = dashboards.tally(UserFactory(director=True), dashboards.Choice(period_of("month", today), today))
    months = found.months()
    assert [span.starts_on for span, _sum in months][::11] == [date(2025, 12, 1), date(2026, 11, 1)]
    october = next(counted for span, counted in months if span.starts_on == date(2026, 10, 1))
    assert october.owed == Duty.objects.filter(due_on=date(2026, 10, 31)).count()
    assert october.open == 0


def test_confidential_and_foreign_records_leave_no_trace(centre, today):
    year = dashboards.Choice(period_of("year", today), today)
    director, manager = UserFactory(director=True), UserFactory(roles=[Role.MANAGER], department=None)
    secret = Duty.objects.filter(stakeholder__is_confidential=True).count()
    assert secret > 0

    def owed(user):
        found = dashboards.tally(user, year)
        return sum(cell.owed for cell in found.cells)

    assert owed(director) - owed(manager) == secret
    head = centre[0].department.head
    assert (
        owed(head)
        == Duty.objects.filter(
            stakeholder__department=head.department, stakeholder__is_confidential=False
        ).count()
    )
    assert set(dashboards.tally(head, year).departments.values()) == {head.department.name}


def test_nudge_reminds_once_a_day(client, centre, today):
    director, worker = UserFactory(director=True), centre[0]
    client.force_login(director)
    for _again in range(2):
        response = client.post(f"/dashboard/nudge/{worker.pk}/?period=month&department=none")
        assert response["Location"] == "/dashboard/?period=month&department=none"
    assert Reminder.objects.filter(kind=Reminder.Kind.NUDGE, recipient=worker).count() == 1
    assert "项应尽事项" in Reminder.objects.get(kind=Reminder.Kind.NUDGE).title


def test_nudge_of_somebody_who_owes_nothing_one_sees_is_not_found(client, centre):
    head = centre[0].department.head
    client.force_login(head)
    for other in (centre[1].pk, head.pk, 99999):
        assert client.post(f"/dashboard/nudge/{other}/").status_code == 404
    assert not Reminder.objects.filter(kind=Reminder.Kind.NUDGE).exists()
    assert client.get(f"/dashboard/nudge/{centre[0].pk}/").status_code == 405


def test_stand_in_is_named(page_of, centre, today):
    StandInFactory(absent=centre[0], stand_in=UserFactory(name="郑代理"), starts_on=today, ends_on=today)
    assert "外出，郑代理代理" in page_of(UserFactory(director=True)).content.decode()


@pytest.mark.once
@pytest.mark.parametrize(
    "query",
    [
        "?period=x&department=x",
        f"?department={'9' * 40}",
        "?department=²",
        "?people=1",
        "?department=-1",
        "?department=0",
    ],
)
def test_unreadable_addresses_show_the_whole(page_of, centre, query):
    director = UserFactory(director=True)
    assert figures_on(page_of(director, f"/dashboard/{query}")) == figures_on(page_of(director))


@pytest.mark.parametrize("query", ["", "?department=none", "?department={near}"])
def test_its_queries_are_compiled_once(page_of, centre, query):
    """Whatever is chosen; a form that cannot be compiled once is built anew for each request."""
    page_of(UserFactory(director=True), f"/dashboard/{query.format(near=centre[0].department_id)}")
    statements = (dashboards.TALLY_ROWS, expiring_contracts.BY_DAY, dashboard_page.TILE_COUNTS)
    assert [bool(statement.known) and all(statement.known.values()) for statement in statements] == [True] * 3


def test_department_nobody_has_counts_nothing(page_of, centre):
    drawn = page_of(UserFactory(director=True), "/dashboard/?department=99999").context["page"]
    assert (drawn.period.owed, drawn.overdue, drawn.ending.total) == (0, 0, 0)


def test_export_holds_the_heat_table(page_of, centre):
    director = UserFactory(director=True)
    page = page_of(director).context["page"]
    response = page_of(director, "/dashboard/export/")
    rows = list(load_workbook(BytesIO(b"".join(response.streaming_content))).active.values)
    assert rows[0][:2] == ("部门", "事项")
    assert len(rows) - 1 == len(page.heat_rows)
    assert sum(row[4] for row in rows[1:]) == page.period.owed


def test_export_of_duties_holds_what_the_list_shows(page_of, centre):
    head = centre[0].department.head
    shown = page_of(head, "/dashboard/duties/?state=overdue").context["shown"]
    response = page_of(head, "/dashboard/duties/export/?state=overdue")
    rows = list(load_workbook(BytesIO(b"".join(response.streaming_content))).active.values)
    assert len(rows) - 1 == shown > 0
    assert {row[7] for row in rows[1:]} == {"没按期完成"}


def test_duties_are_found_by_rule_tier_worker_and_name(centre, today):
    director, worker = UserFactory(director=True), centre[0]
    seen = Duty.objects.visible_to(director)

    def found(**wanted):
        return set(duty_list.apply_filters(seen, duty_list.DutyFilters(**wanted), today))

    assert found(rule="work-report") == set(Duty.objects.filter(rule__code="work-report"))
    assert found(tier="council") == set(Duty.objects.filter(rule__tier="council"))
    assert found(worker=worker.pk) == set(Duty.objects.filter(owner=worker))
    assert found(worker=0) == set(Duty.objects.filter(owner=None))
    name = worker.stakeholders.first().name
    assert found(q=name) == set(Duty.objects.filter(stakeholder__name=name))
    states = [found(state=state) for state in ("met", "open", "overdue")]
    assert set().union(*states) == set(seen)
    assert found(state="counted") == states[0] | states[2]


def test_pages_of_duties_follow_each_other(page_of, centre):
    director, seen, address = UserFactory(director=True), [], "/dashboard/duties/?state=overdue"
    shown = page_of(director, address).context["shown"]
    while address:
        context = page_of(director, address).context
        seen += [row.duty.pk for row in context["rows"]]
        address = context["older"]
    assert len(seen) == len(set(seen)) == shown > 25
