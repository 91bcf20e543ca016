"""Which role may view which kind of record: the decision table (blueprint 1, R381, R299, R271).

A line is a role; a column is the relation of the user to the record. `+` may view it, `.` may not.
"""

from datetime import date, timedelta

import pytest

from accounts.models import Supervision, User
from accounts.roles import Role
from relations.models import Share, Stakeholder
from tests.factories.accounts import DepartmentFactory, StandInFactory, UserFactory

pytestmark = pytest.mark.django_db
TODAY = date(2026, 10, 12)
COLUMNS = ("own", "supervised", "department", "shared", "stood in for", "other")
EVERYTHING, NOTHING = "++++++", "......"

EMPLOYER = """
                     own  supervised  department  shared  stood in for  other
council               +       +           +          +         +          +
director              +       +           +          +         +          +
deputy                +       +           +          +         +          +
head                  +       +           +          +         +          +
manager               +       +           +          +         +          +
business_lead         +       +           +          +         +          +
service_head          +       .           +          +         +          .
department_head       +       .           +          +         +          .
department_staff      +       .           +          +         +          .
senior_supervisor     +       +           +          +         +          +
supervisor            +       .           +          +         +          .
resident              +       .           .          +         +          .
front_line            +       .           .          +         +          .
finance               +       +           +          +         +          +
personnel             .       .           .          .         .          .
volunteer             .       .           .          .         .          .
administrator         +       +           +          +         +          +
"""
CLIENT = """
                     own  supervised  department  shared  stood in for  other
council               .       .           .          .         .          .
director              +       +           .          +         +          .
deputy                +       +           .          +         +          .
head                  +       +           +          +         +          +
manager               +       +           .          +         +          .
business_lead         +       +           .          +         +          .
service_head          +       +           +          +         +          .
department_head       +       +           +          +         +          .
department_staff      +       +           .          +         +          .
senior_supervisor     +       +           .          +         +          .
supervisor            +       +           .          +         +          .
resident              +       +           .          +         +          .
front_line            +       +           .          +         +          .
finance               .       .           .          .         .          .
personnel             .       .           .          .         .          .
volunteer             .       .           .          .         .          .
administrator         .       .           .          .         .          .
"""
# `own` is the user's own record here: a colleague's record has no responsible worker and is visible to its subject.
STAFF = """
                     own  supervised  department  shared  stood in for  other
council               +       .           .          +         .          .
director              +       .           .          +         .          .
deputy                +       .           .          +         .          .
head                  +       +           +          +         +          +
manager               +       .           .          +         .          .
business_lead         +       .           .          +         .          .
service_head          +       .           +          +         .          .
department_head       +       .           +          +         .          .
department_staff      +       .           .          +         .          .
senior_supervisor     +       .           .          +         .          .
supervisor            +       .           .          +         .          .
resident              +       .           .          +         .          .
front_line            +       .           .          +         .          .
finance               +       .           .          +         .          .
personnel             +       +           +          +         +          +
volunteer             .       .           .          .         .          .
administrator         +       .           .          +         .          .
"""
TABLES = {"employer": EMPLOYER, "partner": EMPLOYER, "client": CLIENT, "staff": STAFF}


def lines_of(table):
    """{role: {column: whether the record is visible}}."""
    lines = (line.split() for line in table.strip().splitlines()[1:])
    return {
        Role(role): {name: mark == "+" for name, mark in zip(COLUMNS, marks, strict=True)}
        for role, *marks in lines
    }


CASES = [(kind, role, seen) for kind, table in TABLES.items() for role, seen in lines_of(table).items()]


def record(kind, name, *, of, department, **more):
    """A plain record of `kind`. `of` is the responsible worker; for the kind staff, the colleague it is about."""
    whose = {"account": of} if kind == "staff" else {"responsible": of}
    return Stakeholder.objects.create(
        kind=kind, name=name, department=department, watched_from=TODAY, **whose, **more
    )


@pytest.fixture
def here():
    return DepartmentFactory(name="社会服务部")


@pytest.fixture
def there():
    return DepartmentFactory(name="项目部")


def records_around(user, kind, here, there):
    """Creates one record for each column."""
    near = UserFactory(department=here)
    supervised, shared, absent, other = UserFactory.create_batch(4, department=there)
    Supervision.objects.create(worker=supervised, supervisor=user, starts_on=TODAY, set_by=other)
    StandInFactory(absent=absent, stand_in=user, starts_on=TODAY, ends_on=TODAY)
    of = {"own": user, "supervised": supervised, "department": near, "shared": shared}
    of |= {"stood in for": absent, "other": other}
    made = {
        name: record(kind, name, of=whose, department=here if whose in (near, user) else there)
        for name, whose in of.items()
    }
    Share.objects.create(
        stakeholder=made["shared"],
        user=user,
        reason="共同服务",
        starts_on=TODAY,
        ends_on=TODAY,
        given_by=other,
    )
    return made


def seen_by(user, rows=None):
    """The names of the records that `user` (read again) may view."""
    user = User.objects.get(pk=user.pk)
    return set((rows or Stakeholder.objects.all()).visible_to(user).values_list("name", flat=True))


@pytest.mark.parametrize(
    ("kind", "role", "sees"), CASES, ids=lambda value: value if isinstance(value, str) else ""
)
def test_decision_table(at, here, there, kind, role, sees):
    at(TODAY)
    user = UserFactory(roles=[role], department=here)
    records_around(user, kind, here, there)
    assert seen_by(user) == {name for name, is_seen in sees.items() if is_seen}


def test_every_role_stands_in_every_table():
    assert all(set(lines_of(table)) == set(Role) for table in TABLES.values())


# Cases that do not fit into a table.


@pytest.fixture
def client(at, there):
    """A client of a worker of the project department."""
    at(TODAY)
    return record("client", "黄伯", of=UserFactory(department=there), department=there)


def test_kind_that_nobody_has_declared_is_seen_by_nobody(at, here):
    at(TODAY)
    people = [UserFactory(roles=[role], department=here) for role in Role]
    for person in people:
        record("ghost", "无名", of=person, department=here)
    assert [person.roles for person in people if seen_by(person)] == []


@pytest.mark.parametrize(
    ("day", "sees"),
    [
        (TODAY - timedelta(1), False),
        (TODAY, True),
        (TODAY + timedelta(9), True),
        (TODAY + timedelta(10), False),
    ],
    ids=["day before", "first day", "last day", "day after"],
)
def test_supervisor_sees_clients_on_the_days_of_supervision(at, client, day, sees):
    supervisor = UserFactory(supervisor=True)
    Supervision.objects.create(
        worker=client.responsible,
        supervisor=supervisor,
        starts_on=TODAY,
        ends_on=TODAY + timedelta(9),
        set_by=client.responsible,
    )
    at(day)
    assert (seen_by(supervisor) == {"黄伯"}) is sees


@pytest.mark.parametrize(
    ("closed_on", "sees"),
    [
        (None, False),
        (TODAY - timedelta(1), False),
        (TODAY, True),
        (TODAY + timedelta(9), True),
        (TODAY + timedelta(10), False),
    ],
    ids=["open", "day before", "first day", "last day", "day after"],
)
def test_former_supervisor_keeps_what_was_closed_in_those_days(at, client, closed_on, sees):
    supervisor = UserFactory(supervisor=True)
    Supervision.objects.create(
        worker=client.responsible,
        supervisor=supervisor,
        starts_on=TODAY,
        ends_on=TODAY + timedelta(9),
        set_by=client.responsible,
    )
    Stakeholder.objects.filter(pk=client.pk).update(closed_on=closed_on)
    at(TODAY + timedelta(100))
    assert (seen_by(supervisor) == {"黄伯"}) is sees


def test_stand_in_of_a_supervisor_sees_the_supervised(client):
    supervisor, deputy = UserFactory(supervisor=True), UserFactory()
    Supervision.objects.create(
        worker=client.responsible, supervisor=supervisor, starts_on=TODAY, set_by=client.responsible
    )
    StandInFactory(absent=supervisor, stand_in=deputy, starts_on=TODAY, ends_on=TODAY)
    assert seen_by(deputy) == {"黄伯"}


@pytest.mark.parametrize(
    ("role", "sees"), [(Role.DEPARTMENT_HEAD, True), (Role.SUPERVISOR, False), (Role.DEPARTMENT_STAFF, False)]
)
def test_stand_in_sees_the_department_of_its_head_alone(client, there, role, sees):
    """A supervisor approves for a department of employers but may not view its clients; nor may the stand-in."""
    absent, deputy = UserFactory(roles=[role], department=there), UserFactory()
    StandInFactory(absent=absent, stand_in=deputy, starts_on=TODAY, ends_on=TODAY)
    assert (seen_by(deputy) == {"黄伯"}) is sees


def test_confidential_client_is_closed_to_the_department_and_open_to_who_stands_on_it(client, there):
    head = UserFactory(department_head=True, department=there)
    assert seen_by(head) == {"黄伯"}
    Stakeholder.objects.filter(pk=client.pk).update(is_confidential=True)
    assert seen_by(head) == set()
    assert seen_by(client.responsible) == seen_by(UserFactory(roles=[Role.HEAD])) == {"黄伯"}


def test_void_client_is_seen_by_nobody(client):
    Stakeholder.objects.filter(pk=client.pk).update(
        voided_at="2026-10-12T00:00:00Z", voided_by=client.responsible, void_reason="重复登记"
    )
    assert seen_by(client.responsible) == seen_by(UserFactory(roles=[Role.HEAD])) == set()


def test_several_roles_see_what_each_of_them_sees(client, there):
    """A user of finance who also works with clients sees their own clients only."""
    both = UserFactory(roles=[Role.FINANCE, Role.RESIDENT], department=there)
    record("client", "自己的", of=both, department=there)
    assert seen_by(both) == {"自己的"}


def numbers(user):
    """{kind: number of records} that `user` (read again) may count."""
    user = User.objects.get(pk=user.pk)
    return Stakeholder.objects.countable_by(user).by("kind")


@pytest.mark.parametrize("role", [Role.COUNCIL, Role.FINANCE, Role.ADMINISTRATOR])
def test_numbers_are_counted_without_a_name(client, role):
    user = UserFactory(roles=[role])
    figures = Stakeholder.objects.countable_by(User.objects.get(pk=user.pk))
    assert seen_by(user) == set()
    assert (figures.count(), figures.by("kind")) == (1, {"client": 1})
    assert figures.by("kind", "department") == {("client", client.department_id): 1}


@pytest.mark.parametrize("role", [Role.MANAGER, Role.RESIDENT, Role.PERSONNEL, Role.VOLUNTEER])
def test_who_may_not_count_counts_what_they_see(client, role):
    assert numbers(UserFactory(roles=[role])) == {}


def test_count_only_object_returns_no_rows(client):
    figures = Stakeholder.objects.countable_by(UserFactory(roles=[Role.COUNCIL]))
    with pytest.raises(TypeError):
        iter(figures)
    with pytest.raises(TypeError):
        figures[0]
    with pytest.raises(ValueError, match="name"):
        figures.by("name")
    assert not [name for name in ("filter", "values", "first", "get", "all") if hasattr(figures, name)]
