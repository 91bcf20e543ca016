"""Cached queries: every user gets their own result, and a query that cannot be cached is built each time."""

from datetime import date, timedelta

import pytest
from django.utils import translation

from accounts import access
from accounts.models import Supervision, User
from accounts.query_cache import PreparedPks, PreparedRows, PreparedSql, sql_of_pks
from relations.models import Stakeholder, Task
from tests.factories.accounts import DepartmentFactory, StandInFactory, UserFactory
from tests.factories.relations import StakeholderFactory, TaskFactory

pytestmark = pytest.mark.django_db
TODAY = date(2026, 10, 12)


def behind_session(user, stands_in=False):
    """The account as a request provides it, from a session."""
    account = User.objects.get(pk=user.pk)
    account.stands_in = stands_in
    return account


def seen_by(user):
    """The query of `question`: the stakeholders visible to `user`."""
    return Stakeholder.objects.visible_to(user).order_by("pk")


def due(user, owner, day, only):
    """A query with parameters: the tasks of `owner` due by `day`; `only` changes the form of the SQL."""
    rows = Task.objects.visible_to(user).filter(owner=owner, due_on__lte=day)
    return rows.filter(title="甲") if only == "甲" else rows


@pytest.fixture
def question():
    return PreparedRows(seen_by)


def forms(question):
    """For each cached form of the query: True if its SQL is stored, False if it is built each time."""
    return [bool(form) for form in question.known.values()]


@pytest.mark.parametrize("role", ["resident", "department_head", "supervisor", "director", "finance"])
def test_everybody_of_a_role_gets_their_own_rows(question, role):
    people = [UserFactory(roles=[role], department=DepartmentFactory()) for _place in range(2)]
    for person in people:
        StakeholderFactory(responsible=person, department=person.department)
        StakeholderFactory(responsible=person, department=person.department, is_confidential=True)
    for person in [*people, *people]:
        asker = behind_session(person)
        assert question(asker) == list(seen_by(asker))
    assert forms(question) == [True]


def test_department_matters_to_the_form(question):
    inside, outside = (
        UserFactory(department_head=True, department=DepartmentFactory()),
        UserFactory(department_head=True, department=None),
    )
    StakeholderFactory(responsible=UserFactory(), department=inside.department)
    assert len(question(behind_session(inside))) == 1
    assert question(behind_session(outside)) == []
    assert forms(question) == [True, True]


def test_new_rights_apply_to_the_next_query(question):
    person = UserFactory(director=True)
    StakeholderFactory(responsible=UserFactory())
    assert len(question(behind_session(person))) == 1
    User.objects.filter(pk=person.pk).update(roles=["resident"])
    assert question(behind_session(person)) == []
    User.objects.filter(pk=person.pk).update(roles=["director"], is_active=False)
    assert question(behind_session(person)) == []


def test_stand_ins_share_a_query_of_their_own(question, at):
    at("2026-10-12")
    people, absent = UserFactory.create_batch(2), UserFactory.create_batch(2)
    units = [StakeholderFactory(responsible=each) for each in absent]
    for stand_in, away in zip(people, absent, strict=True):
        StandInFactory(stand_in=stand_in, absent=away, starts_on=TODAY, ends_on=TODAY)
    for person, unit in zip(people, units, strict=True):
        assert question(behind_session(person)) == []
        assert question(behind_session(person, stands_in=True)) == [unit]
    assert forms(question) == [True, True]
    at("2026-10-13")
    assert question(behind_session(people[0], stands_in=True)) == []


def test_query_of_a_user_outside_a_session_is_not_cached(question, at):
    """Outside a session it is not known whether the user stands in for someone, so the database is queried."""
    at("2026-10-12")
    person, absent = UserFactory(), UserFactory()
    unit = StakeholderFactory(responsible=absent)
    StandInFactory(stand_in=person, absent=absent, starts_on=TODAY, ends_on=TODAY)
    assert question(User.objects.get(pk=person.pk)) == [unit]
    assert len(question.known) == 0


def test_supervisor_gets_their_own_from_day_to_day(question, at):
    """The SQL cached for supervisors also takes the date as a parameter."""
    supervisors, workers = UserFactory.create_batch(2), UserFactory.create_batch(2)
    clients = [StakeholderFactory(kind="client", responsible=worker) for worker in workers]
    for worker, supervisor in zip(workers, supervisors, strict=True):
        Supervision.objects.create(
            worker=worker, supervisor=supervisor, starts_on=TODAY, ends_on=TODAY, set_by=worker
        )
    for day, seen in ((TODAY, True), (TODAY + timedelta(days=1), False)):
        at(day)
        for supervisor, client in zip(supervisors, clients, strict=True):
            asker = behind_session(supervisor)
            asker.access_sources = frozenset({"supervision"})
            assert question(asker) == ([client] if seen else [])
    assert forms(question) == [True]


def test_values_change_from_question_to_question():
    person, question = UserFactory(director=True), PreparedRows(due)
    first, second = (
        TaskFactory(stakeholder=StakeholderFactory(responsible=UserFactory()), title="甲", due_on=TODAY),
        TaskFactory(
            stakeholder=StakeholderFactory(responsible=UserFactory()),
            title="乙",
            due_on=TODAY + timedelta(days=1),
        ),
    )
    asker = behind_session(person)
    tomorrow = TODAY + timedelta(days=1)
    for task in (first, second, first):
        assert question(asker, owner=task.owner_id, day=tomorrow, only="") == [task]
    assert question(asker, owner=second.owner_id, day=TODAY, only="") == []
    assert question(asker, owner=second.owner_id, day=tomorrow, only="甲") == []
    assert forms(question) == [True, True]


def test_query_that_calculates_with_a_day_is_not_cached():
    def due_soon(user, day):
        return Task.objects.filter(due_on__lte=day + timedelta(days=1))

    question, asker = PreparedRows(due_soon), behind_session(UserFactory(director=True))
    task = TaskFactory(stakeholder=StakeholderFactory(responsible=UserFactory()), due_on=TODAY)
    assert question(asker, day=TODAY) == [task]
    assert question(asker, day=TODAY - timedelta(days=2)) == []
    assert forms(question) == [False]


def test_unsupported_parameter_is_refused(question):
    asker = behind_session(UserFactory())
    for value in (["a"], 1.5, object()):
        with pytest.raises(TypeError):
            question(asker, value=value)


def test_impossible_query_returns_no_rows():
    question, asker = PreparedRows(lambda user: Task.objects.none()), behind_session(UserFactory())
    TaskFactory(stakeholder=StakeholderFactory(responsible=UserFactory()))
    assert [question(asker), question(asker)] == [[], []]


def test_each_language_has_its_own_form(question):
    asker = behind_session(UserFactory())
    for language in ("zh-hans", "en"):
        with translation.override(language):
            question(asker)
    assert len(question.known) == 2


def test_statement_uses_values_of_the_user():
    statement = PreparedSql(lambda user: ("SELECT %s, %s, %s", (user.pk, 7, user.department_id)))
    for person in (UserFactory(department=DepartmentFactory()), UserFactory(department=DepartmentFactory())):
        asker = behind_session(person)
        assert statement(asker) == ("SELECT %s, %s, %s", (person.pk, 7, person.department_id))
    assert len(statement.known) == 1


def test_first_of_a_period_is_not_taken_for_another_day():
    """Compiled on the first of a month, of which the first of its month is the same day."""

    def since_the_first(user, day):
        return Task.objects.filter(due_on__gte=day.replace(day=1))

    question, asker = PreparedRows(since_the_first), behind_session(UserFactory(director=True))
    task = TaskFactory(stakeholder=StakeholderFactory(responsible=UserFactory()), due_on=TODAY)
    assert question(asker, day=date(2026, 10, 1)) == [task]
    assert question(asker, day=date(2026, 10, 31)) == [task]
    assert question(asker, day=date(2026, 11, 2)) == []


def test_department_of_the_user_is_not_the_department_asked_for():
    statement = PreparedSql(
        lambda user, department: ("SELECT %s, %s, %s", (user.pk, user.department_id, department))
    )
    asker = behind_session(UserFactory(department=DepartmentFactory()))
    for department in (7, 8):
        expected = (asker.pk, asker.department_id, department)
        assert statement(asker, department=department)[1] == expected
        assert statement.fetch(asker, department=department) == [expected]
    assert forms(statement) == [True]


# Subqueries of pks.


def sources():
    """Returns (access source, what its SQL hangs on) for every access source."""
    return [(name, source.declared()) for name, source in access.ACCESS_SOURCES.items()]


def prepared_subqueries():
    """Returns (PreparedPks, its key) for everything that the rule of access prepares."""
    opened = [(prepared, key) for prepared in (access.OPENED, access.OPENED_TO_ABSENT) for key in sources()]
    return [*opened, (access.ABSENT, ()), (access.LED_BY_ABSENT, (access.leading_roles("client"),))]


@pytest.mark.parametrize("day", [TODAY, date(2024, 2, 29)])
def test_prepared_subquery_is_the_one_that_is_built(day):
    assert len(prepared_subqueries()) >= 12
    for user in (UserFactory(), UserFactory(director=True)):
        user.request_day = day
        for prepared, key in prepared_subqueries():
            expression = prepared(user, *key)
            found = (expression.sql, tuple(expression.params))
            assert found == (sql_of_pks(prepared.build(user, *key))), key


def test_subquery_that_reads_more_of_the_user_is_found():
    """Control: one that reads the department is compiled without it, so the comparison above notices it."""
    careless = PreparedPks(
        lambda user: Stakeholder.objects.filter(department=user.department_id).values("pk")
    )
    user = UserFactory()
    expression = careless(user)
    assert (expression.sql, tuple(expression.params)) != sql_of_pks(careless.build(user))


def test_empty_subquery_opens_nothing():
    nothing = PreparedPks(lambda user: Stakeholder.objects.none().values("pk"))
    StakeholderFactory()
    assert not Stakeholder.objects.filter(pk__in=nothing(UserFactory())).exists()
