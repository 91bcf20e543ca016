"""Stand-ins (R271, R420): who may arrange what for whom, and which arrangements are refused."""

from datetime import date

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from accounts.approvals import engine
from accounts.approvals.engine import NotApprover
from accounts.approvals.models import Sheet
from accounts.models import StandIn, Supervision
from accounts.people import actions
from accounts.roles import Role
from tests.factories.accounts import DepartmentFactory, StandInFactory, UserFactory
from tests.factories.employers import EmployerFactory

pytestmark = pytest.mark.django_db
PAGE = "/stand-ins/"


@pytest.fixture(autouse=True)
def today(at):
    return at("2026-11-23")


@pytest.fixture
def department():
    return DepartmentFactory()


@pytest.fixture
def worker(department):
    return UserFactory(department=department, name="吴浩然")


@pytest.fixture
def colleague(department):
    return UserFactory(department=department, name="郑雅婷")


def ask(client, by, stand_in, first="2026-12-01", last="2026-12-07", **more):
    """Submits the page of stand-ins as `by`. Returns the response."""
    client.force_login(by)
    fields = {"starts_on": first, "ends_on": last, "stand_in": getattr(stand_in, "pk", stand_in), **more}
    return client.post(PAGE, fields)


def errors(answer):
    """{field: [messages]} of the form of a response."""
    return {name: list(messages) for name, messages in answer.context["form"].errors.items()}


@pytest.mark.parametrize(
    ("first", "last", "field"),
    [
        ("2026-12-07", "2026-12-01", "ends_on"),
        ("2026-11-01", "2026-11-22", "ends_on"),
        ("2026-12-01", "2027-12-02", "ends_on"),
        ("2026-02-30", "2026-12-01", "starts_on"),
        ("", "2026-12-01", "starts_on"),
    ],
)
def test_impossible_days_are_refused(client, worker, colleague, first, last, field):
    assert list(errors(ask(client, worker, colleague, first, last))) == [field]
    assert not StandIn.objects.exists()


def test_days_may_end_today_and_last_a_year(client, worker, colleague):
    assert ask(client, worker, colleague, "2026-11-20", "2026-11-23").status_code == 302
    assert ask(client, worker, colleague, "2026-12-01", "2027-12-01").status_code == 302


def test_nobody_stands_in_for_themselves(client, worker):
    assert errors(ask(client, worker, worker)) == {"stand_in": ["代理同事要另选一位，不能是外出的人自己。"]}


@pytest.mark.parametrize("unfit", [{"left": True}, {"volunteer": True}])
def test_who_has_left_or_sees_nothing_stands_in_for_nobody(client, worker, unfit):
    assert list(errors(ask(client, worker, UserFactory(**unfit)))) == ["stand_in"]


def test_second_stand_in_on_the_same_day_is_refused(client, worker, colleague):
    StandInFactory(absent=worker, stand_in=colleague)
    answer = ask(client, worker, UserFactory(), "2026-12-07", "2026-12-09")
    assert errors(answer) == {"starts_on": ["吴浩然 12月1日—7日已由郑雅婷代理，请改日期，或先取消那一次。"]}


def test_second_stand_in_on_the_next_day_is_fine(client, worker, colleague):
    StandInFactory(absent=worker, stand_in=colleague)
    assert ask(client, worker, UserFactory(), "2026-12-08", "2026-12-09").status_code == 302


def test_cancelled_arrangement_does_not_block_another(client, worker, colleague):
    StandInFactory(absent=worker, stand_in=colleague, cancelled_at="2026-11-20 00:00Z")
    StandInFactory(absent=colleague, stand_in=worker, cancelled_at="2026-11-20 00:00Z")
    assert ask(client, worker, colleague).status_code == 302


def test_two_do_not_stand_in_for_each_other_on_the_same_day(client, worker, colleague):
    StandInFactory(absent=colleague, stand_in=worker)
    answer = ask(client, worker, colleague, "2026-12-07", "2026-12-09")
    assert errors(answer) == {"stand_in": ["郑雅婷 12月1日—7日自己也外出，请另选一位。"]}


def test_stand_in_is_not_passed_on_through_a_third_person(client, worker, colleague):
    third = UserFactory()
    StandInFactory(absent=worker, stand_in=colleague)
    StandInFactory(absent=colleague, stand_in=third)
    assert list(errors(ask(client, third, worker))) == ["stand_in"]


def test_absence_of_a_stand_in_is_taken_with_a_warning(client, worker, colleague):
    StandInFactory(absent=colleague, stand_in=worker)
    ask(client, worker, UserFactory())
    assert "吴浩然 12月1日—7日还在代理郑雅婷" in client.get(PAGE).content.decode()


def test_two_submits_leave_one_arrangement(client, worker, colleague):
    ask(client, worker, colleague)
    assert list(errors(ask(client, worker, colleague))) == ["starts_on"]
    assert StandIn.objects.count() == 1


def test_arrangement_is_checked_again_when_it_is_saved(worker, colleague):
    late = StandInFactory.build(absent=worker, stand_in=UserFactory(), created_by=worker)
    StandInFactory(absent=worker, stand_in=colleague)
    with pytest.raises(ValidationError):
        actions.save_stand_in(late, by=worker)
    assert StandIn.objects.count() == 1


@pytest.mark.parametrize("wrong", [{"ends_on": date(2026, 11, 30)}, {"stand_in": "absent"}])
def test_impossible_arrangement_cannot_be_stored(worker, colleague, wrong):
    fields = {"absent": worker, "stand_in": colleague, **wrong}
    if fields["stand_in"] == "absent":
        fields["stand_in"] = worker
    with pytest.raises(IntegrityError), transaction.atomic():
        StandInFactory(**fields)


def test_worker_arranges_for_nobody_else(client, worker, colleague):
    ask(client, worker, UserFactory(), absent=colleague.pk)
    assert [arranged.absent for arranged in StandIn.objects.all()] == [worker]


def test_volunteer_has_nothing_to_hand_over(client, colleague):
    assert ask(client, UserFactory(volunteer=True), colleague).status_code == 200
    assert not StandIn.objects.exists()


def test_leader_arranges_for_a_member_of_the_department(client, department, worker, colleague):
    head = UserFactory(department_head=True, department=department)
    assert ask(client, head, colleague, absent=worker.pk).status_code == 302
    arranged = StandIn.objects.get()
    assert (arranged.absent, arranged.stand_in, arranged.created_by) == (worker, colleague, head)


@pytest.mark.parametrize("older", [True, False], ids=["running centre", "nobody who confirms yet"])
@pytest.mark.parametrize("leader", ["department_head", "supervisor", "director"])
def test_nobody_takes_over_in_person_alone(client, department, worker, leader, older):
    """A leader would otherwise gain the worker's confidential records and clients, which the leader may not view."""
    head = UserFactory(roles=[Role(leader)], department=department)
    if older:
        UserFactory(council=True)
    assert ask(client, head, head, absent=worker.pk).status_code == 302
    assert not StandIn.objects.exists()
    with pytest.raises(NotApprover):
        engine.approve(Sheet.objects.get(), by=head)
    engine.approve(Sheet.objects.get(), by=worker)
    arranged = StandIn.objects.get()
    assert (arranged.absent, arranged.stand_in) == (worker, head)


def test_who_sees_everything_takes_over_in_person_at_once(client, worker):
    """The head of the centre may view clients and records of colleagues already."""
    above = UserFactory(head=True)
    assert ask(client, above, above, absent=worker.pk).status_code == 302
    assert StandIn.objects.get().stand_in == above


def test_leader_arranges_nothing_in_another_department(client, worker, colleague):
    head = UserFactory(department_head=True)
    assert list(errors(ask(client, head, colleague, absent=worker.pk))) == ["absent"]


def test_leader_without_department_arranges_nothing_for_those_without(client, colleague):
    head = UserFactory(department_head=True, department=None)
    other = UserFactory(director=True)
    assert list(errors(ask(client, head, colleague, absent=other.pk))) == ["absent"]


def test_supervisor_arranges_nothing_for_who_may_do_more(client, department, colleague):
    head = UserFactory(department_head=True, department=department)
    supervisor = UserFactory(supervisor=True, department=department)
    assert list(errors(ask(client, supervisor, colleague, absent=head.pk))) == ["absent"]


def test_administrator_does_not_open_the_directors_records_to_themselves(client):
    director, administrator = UserFactory(director=True), UserFactory(administrator=True)
    assert list(errors(ask(client, administrator, administrator, absent=director.pk))) == ["stand_in"]


def test_administrator_asks_for_anybody_and_the_absent_person_confirms(client, colleague):
    director, administrator = UserFactory(director=True), UserFactory(administrator=True)
    assert ask(client, administrator, colleague, absent=director.pk).status_code == 302
    assert not StandIn.objects.exists()
    sheet = Sheet.objects.get()
    engine.approve(sheet, by=director)
    arranged = StandIn.objects.get()
    assert (arranged.absent, arranged.stand_in, arranged.created_by) == (director, colleague, administrator)


def test_administrator_alone_gives_nobody_the_sight_of_a_worker(client, worker, colleague):
    """Not even for an ordinary stand-in, who would be able to view the worker's confidential records."""
    council, administrator = UserFactory(council=True), UserFactory(administrator=True)
    ask(client, administrator, colleague, absent=worker.pk)
    assert not StandIn.objects.exists()
    with pytest.raises(NotApprover):
        engine.approve(Sheet.objects.get(), by=colleague)
    engine.approve(Sheet.objects.get(), by=council)
    assert StandIn.objects.get().stand_in == colleague


def test_leader_arranges_alone_and_the_absent_person_is_told(client, worker, colleague, department):
    lead = UserFactory(department_head=True, department=department)
    ask(client, lead, colleague, absent=worker.pk)
    assert StandIn.objects.get().stand_in == colleague
    sheet = Sheet.objects.get()
    assert (sheet.state, sheet.asked_by) == ("at_once", lead)
    assert worker in sheet.notified_users.all()


def test_stand_in_that_no_longer_fits_makes_the_sheet_void(client, worker, colleague):
    director, administrator = UserFactory(director=True), UserFactory(administrator=True)
    ask(client, administrator, colleague, absent=worker.pk)
    StandInFactory(absent=worker, stand_in=UserFactory())
    assert engine.approve(Sheet.objects.get(), by=director) is False
    assert Sheet.objects.get().state == "void"
    assert StandIn.objects.count() == 1


def test_page_shows_a_worker_their_own_arrangements_only(client, worker, colleague):
    own = [StandInFactory(absent=worker), StandInFactory(stand_in=worker)]
    StandInFactory(absent=colleague)
    client.force_login(worker)
    shown = [row["arrangement"] for row in client.get(PAGE).context["present"]]
    assert sorted(each.pk for each in shown) == sorted(each.pk for each in own)


def test_page_shows_a_leader_the_department(client, department, worker):
    mine = StandInFactory(absent=worker)
    StandInFactory()
    client.force_login(UserFactory(supervisor=True, department=department))
    assert [row["arrangement"] for row in client.get(PAGE).context["present"]] == [mine]


@pytest.mark.parametrize("who", ["absent", "stand_in", "created_by", "leader", "administrator"])
def test_cancelling_is_open_to_those_concerned(client, who, worker, colleague, department):
    leader = UserFactory(department_head=True, department=department)
    arranged = StandInFactory(absent=worker, stand_in=colleague, created_by=leader)
    people = {"leader": leader, "administrator": UserFactory(administrator=True)}
    client.force_login(people.get(who) or getattr(arranged, who))
    assert client.post(f"/stand-ins/{arranged.pk}/cancel/").status_code == 302
    arranged.refresh_from_db()
    assert arranged.cancelled_at is not None


def test_cancelling_what_one_does_not_see_is_not_found(client, colleague):
    arranged = StandInFactory()
    client.force_login(colleague)
    hidden = client.post(f"/stand-ins/{arranged.pk}/cancel/")
    absent = client.post("/stand-ins/99999/cancel/")
    assert (hidden.status_code, absent.status_code) == (404, 404)
    assert len(hidden.content) == len(absent.content)
    arranged.refresh_from_db()
    assert arranged.cancelled_at is None


def test_cancelling_twice_keeps_the_first_time(worker, at):
    arranged = StandInFactory(absent=worker)
    actions.cancel_stand_in(arranged, by=worker)
    first = arranged.cancelled_at
    at("2026-11-24")
    actions.cancel_stand_in(arranged, by=worker)
    assert arranged.cancelled_at == first


@pytest.mark.parametrize(
    ("first", "last", "words"),
    [
        (date(2026, 12, 1), date(2026, 12, 7), "12月1日—7日"),
        (date(2026, 12, 1), date(2026, 12, 1), "12月1日"),
        (date(2026, 11, 28), date(2026, 12, 1), "11月28日—12月1日"),
        (date(2026, 12, 28), date(2027, 1, 3), "12月28日—2027年1月3日"),
    ],
)
def test_days_are_told_in_words(first, last, words):
    assert StandInFactory.build(starts_on=first, ends_on=last).days == words


def test_page_costs_the_same_for_many_arrangements(client, department, queries_of):
    client.force_login(UserFactory(roles=[Role.DIRECTOR], department=None))
    StandInFactory.create_batch(2)
    few = queries_of(PAGE)
    StandInFactory.create_batch(15)
    assert queries_of(PAGE) == few <= 8


@pytest.mark.parametrize(
    "role",
    [
        Role.MANAGER,
        Role.BUSINESS_LEAD,
        Role.SENIOR_SUPERVISOR,
        Role.DEPUTY,
        Role.DIRECTOR,
        Role.SUPERVISOR,
    ],
)
def test_leader_who_sees_no_clients_opens_them_to_nobody_by_a_stand_in(client, worker, colleague, role):
    leader = UserFactory(roles=[role], department=worker.department)
    ask(client, leader, colleague, absent=worker.pk, reason="外出")
    assert not StandIn.objects.exists()


def test_lead_of_the_department_arranges_alone_unless_the_worker_has_a_confidential_record(
    client, worker, colleague
):
    lead = UserFactory(department_head=True, department=worker.department)
    EmployerFactory(responsible=worker, department=worker.department)
    ask(client, lead, colleague, absent=worker.pk, reason="外出")
    assert StandIn.objects.count() == 1
    EmployerFactory(responsible=worker, department=worker.department, confidential=True)
    days = {"first": "2026-12-08", "last": "2026-12-09"}
    ask(client, lead, colleague, **days, absent=worker.pk, reason="外出")
    assert StandIn.objects.count() == 1
    sheet = Sheet.objects.open().get(matter="stand_in")
    assert engine.approve(sheet, by=worker)
    assert StandIn.objects.count() == 2


def test_lead_asks_when_the_absent_supervises_elsewhere(client, worker, colleague):
    lead = UserFactory(department_head=True, department=worker.department)
    elsewhere = UserFactory(department=DepartmentFactory())
    Supervision.objects.create(worker=elsewhere, supervisor=worker, starts_on="2026-01-01", set_by=lead)
    ask(client, lead, colleague, absent=worker.pk, reason="外出")
    assert not StandIn.objects.exists()
    ask(client, UserFactory(roles=[Role.HEAD]), colleague, absent=worker.pk, reason="外出")
    assert StandIn.objects.count() == 1
