"""Statements prepared in PostgreSQL: the same rows as without, once for each connection, and never too many."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.db import connection, transaction
from django.db.utils import OperationalError, ProgrammingError

from accounts import server_statements
from accounts.query_cache import PreparedRows, PreparedSql
from relations.models import Task
from tests.accounts.test_query_cache import TODAY, behind_session
from tests.factories.accounts import DepartmentFactory, UserFactory
from tests.factories.relations import StakeholderFactory, TaskFactory

pytestmark = [pytest.mark.postgres, pytest.mark.django_db]
ODD_TEXT = "五五%开 'O''Neil' $1 %s"


@pytest.fixture(autouse=True)
def _nothing_prepared():
    """Each test begins with a connection in which nothing is prepared."""
    with connection.cursor() as cursor:
        cursor.execute("DEALLOCATE ALL")
    server_statements.PREPARED.clear()


def prepared_names():
    with connection.cursor() as cursor:
        cursor.execute("SELECT name FROM pg_prepared_statements WHERE name LIKE 'lezhi%'")
        return {name for (name,) in cursor.fetchall()}


def due_by(user, day):
    return Task.objects.filter(owner=user, due_on__lte=day).order_by("pk")


def sums(user, first, second):
    return "SELECT %s + %s, %s, %s, %s", (first, second, first, user.pk, ODD_TEXT)


def test_rows_are_those_of_the_user_and_the_values(django_assert_num_queries):
    people = UserFactory.create_batch(2, director=True)
    tasks = [
        TaskFactory(stakeholder=StakeholderFactory(responsible=person), due_on=TODAY) for person in people
    ]
    question = PreparedRows(due_by)
    for person, task in [*zip(people, tasks, strict=True)] * 2:
        asker = behind_session(person)
        with django_assert_num_queries(1) as queries:
            assert question(asker, day=TODAY) == [task]
        assert queries[0]["sql"].startswith("EXECUTE lezhi_")
        assert question(asker, day=date(2026, 10, 11)) == []
    assert len(prepared_names()) == 1


def test_a_value_used_twice_is_one_parameter_and_texts_stay_as_they_are():
    asker, statement = behind_session(UserFactory()), PreparedSql(sums)
    assert statement.fetch(asker, first=3, second=4) == [(7, 3, asker.pk, ODD_TEXT)]
    assert statement.fetch(asker, first=5, second=-6) == [(-1, 5, asker.pk, ODD_TEXT)]
    (name,) = prepared_names()
    assert server_statements.DEFINITIONS[name].startswith("(bigint, bigint, bigint) AS ")


def test_department_of_the_user_is_not_the_department_asked_for():
    def departments(user, department):
        return "SELECT %s, %s", (user.department_id, department)

    asker, statement = behind_session(UserFactory(department=DepartmentFactory())), PreparedSql(departments)
    assert statement.fetch(asker, department=7) == [(asker.department_id, 7)]
    assert prepared_names()


@pytest.mark.parametrize("how", ["setting", "statement"])
def test_without_preparing_the_rows_are_the_same(settings, how):
    settings.PREPARED_STATEMENTS = how != "setting"
    asker = behind_session(UserFactory())
    statement = PreparedSql(sums, is_planned_once=how != "statement")
    assert statement.fetch(asker, first=3, second=4) == [(7, 3, asker.pk, ODD_TEXT)]
    assert prepared_names() == set()


def test_a_connection_holds_no_more_than_so_many(monkeypatch):
    monkeypatch.setattr(server_statements, "MAX_STATEMENTS", 2)
    asker = behind_session(UserFactory())
    statements = [
        PreparedSql(lambda user, value, sign=sign: (f"SELECT %s {sign} 1", (value,))) for sign in "+-*/"
    ]
    for _again in range(2):
        found = [statement.fetch(asker, value=6) for statement in statements]
        assert found == [[(7,)], [(5,)], [(6,)], [(6,)]]
        assert 0 < len(prepared_names()) <= 2


def test_what_is_rolled_back_stays_prepared():
    asker, statement = behind_session(UserFactory()), PreparedSql(sums)
    with transaction.atomic():
        statement.fetch(asker, first=1, second=1)
        transaction.set_rollback(True)
    assert len(prepared_names()) == 1
    assert statement.fetch(asker, first=1, second=2)[0][0] == 3


def test_bad_sql_is_refused_as_elsewhere():
    asker = behind_session(UserFactory())
    statement = PreparedSql(lambda user, value: ("SELECT nothing_like_this(%s)", (value,)))
    with pytest.raises(ProgrammingError), transaction.atomic():
        statement.fetch(asker, value=1)
    assert prepared_names() == set()


@pytest.mark.django_db(transaction=True)
def test_another_connection_prepares_anew():
    asker, statement = behind_session(UserFactory()), PreparedSql(sums)
    for _connection in range(2):
        assert statement.fetch(asker, first=1, second=1)[0][0] == 2
        assert len(prepared_names()) == 1
        connection.close()


@pytest.fixture
def longer_titles():
    """Undoes what the test below does to a column."""
    yield
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE relations_task ALTER COLUMN title TYPE varchar(200)")


CHANGES = {
    "type of a column": "ALTER TABLE relations_task ALTER COLUMN title TYPE varchar(500)",
    "statement removed": "DEALLOCATE ALL",
}


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_what_the_server_refuses_is_prepared_again(longer_titles, change):
    """An upgrade changes a column while the site runs; a pooler has reset the connection."""
    asker, question, statement = behind_session(UserFactory()), PreparedRows(due_by), PreparedSql(sums)
    for _again in range(2):
        assert question(asker, day=TODAY) == []
        assert statement.fetch(asker, first=1, second=1)[0][0] == 2
        with connection.cursor() as cursor:
            cursor.execute(change)
    assert question(asker, day=TODAY) == []


def test_in_a_transaction_the_refusal_is_raised_and_the_next_one_works():
    asker, statement = behind_session(UserFactory()), PreparedSql(sums)
    statement.fetch(asker, first=1, second=1)
    with connection.cursor() as cursor:
        cursor.execute("DEALLOCATE ALL")
    with pytest.raises(OperationalError), transaction.atomic():
        statement.fetch(asker, first=1, second=1)
    assert statement.fetch(asker, first=1, second=1)[0][0] == 2


@pytest.mark.django_db(transaction=True)
def test_lost_connection_is_replaced_and_prepares_anew():
    asker, statement = behind_session(UserFactory()), PreparedSql(sums)
    statement.fetch(asker, first=1, second=1)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        (pid,) = cursor.fetchone()
    with pytest.raises(OperationalError), connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s)", [pid])
    connection.close()
    assert statement.fetch(asker, first=2, second=1)[0][0] == 3


@pytest.mark.parametrize(
    "constant",
    [None, True, False, Decimal("1.50"), [1, 2], datetime(2026, 10, 12, 9, tzinfo=UTC), "%", "%%s", "$1"],
    ids=repr,
)
def test_constants_of_any_type_are_kept(constant):
    asker = behind_session(UserFactory())
    statement = PreparedSql(lambda user, value: ("SELECT %s, %s, '100%%'", (constant, value)))
    assert statement.fetch(asker, value=7) == [(constant, 7, "100%")]
    assert prepared_names()
