"""Refused requests of logged-in users are recorded for those who oversee; the list reveals no more than needed."""

from datetime import date, datetime

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import RefusedAttempt
from accounts.refusals import recording as refusals
from accounts.roles import Role
from reminders import steps
from tests.attack.resolver import by_name
from tests.factories.accounts import UserFactory
from tests.factories.approvals import propose
from tests.factories.complaints import ComplaintFactory
from tests.factories.employers import EmployerFactory
from tests.factories.relations import CycleFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def today(at):
    return at("2026-10-12")


@pytest.fixture
def worker(today, client):
    worker = UserFactory(name="吴浩然", roles=[Role.RESIDENT])
    client.force_login(worker)
    return worker


def rows():
    """The recorded refusals as tuples, oldest first."""
    fields = ("user__name", "method", "route", "key", "status", "times")
    return list(RefusedAttempt.objects.order_by("pk").values_list(*fields))


def test_page_that_is_not_open_to_the_role_leaves_a_row(client, worker):
    assert client.get(reverse("accounts:list")).status_code == 403
    assert rows() == [("吴浩然", "GET", "accounts:list", "", 403, 1)]


def test_act_that_is_not_open_leaves_a_row_with_the_key(client, worker):
    employer = EmployerFactory(responsible=worker)
    assert client.post(reverse("employers:void", args=[employer.pk]), {"reason": "x"}).status_code == 403
    assert rows() == [("吴浩然", "POST", "employers:void", str(employer.pk), 403, 1)]


def test_row_has_the_first_argument_of_the_url_as_its_key(client, worker):
    client.get(reverse("rule_change", args=["visit"]))
    assert [row[2:5] for row in rows()] == [("rule_change", "visit", 404)]


def test_record_is_the_first_argument_of_its_urls():
    """Nothing is stored of the numbers of complaints; one URL of the admin site has the type before the record."""
    stored = [
        each for each in by_name().values() if not each.name.startswith(("complaints:", "admin:view_on"))
    ]
    with_record = [address for address in stored if {"pk", "object_id"} & set(address.parameters)]
    assert len(with_record) > 100
    assert [each.name for each in with_record if each.parameters[0] not in ("pk", "object_id")] == []


def test_what_is_out_of_sight_and_what_is_absent_leave_the_same_row(client, worker):
    hidden = EmployerFactory(is_confidential=True)
    for pk in (hidden.pk, 987654):
        RefusedAttempt.objects.all().delete()
        assert client.get(reverse("employers:detail", args=[pk])).status_code == 404
        assert rows() == [("吴浩然", "GET", "employers:detail", str(pk), 404, 1)]


def test_own_proposal_approved_by_oneself_leaves_a_row(client, today):
    head = UserFactory(name="何婉清", roles=[Role.DEPARTMENT_HEAD])
    client.force_login(head)
    cycle = CycleFactory(stakeholder=EmployerFactory(responsible=head))
    own = propose(cycle, head)
    answer = client.post(reverse("relations:answer", args=[own.pk, "approve"]), {"note": ""})
    assert answer.status_code == 403
    assert rows() == [("何婉清", "POST", "relations:answer", str(own.pk), 403, 1)]


def test_admin_site_counts_as_well(client, today):
    client.force_login(UserFactory(name="总干事", roles=[Role.DIRECTOR]))
    assert client.get("/admin/accounts/user/").status_code == 403
    assert [(row[2], row[4]) for row in rows()] == [("admin:accounts_user_changelist", 403)]


def test_same_attempt_within_a_minute_is_counted(client, worker, at):
    for _attempt in range(5):
        client.get(reverse("accounts:list"))
    client.get(reverse("departments"))
    assert [(row[2], row[5]) for row in rows()] == [("accounts:list", 5), ("departments", 1)]


@pytest.mark.parametrize("name", ["my_work", "roles"])
def test_what_is_open_leaves_no_row(client, worker, name):
    client.get(reverse(name))
    assert rows() == []


def test_strangers_and_the_public_door_leave_no_row(client, today):
    assert client.get(reverse("accounts:list")).status_code == 302
    client.force_login(UserFactory())
    client.get(reverse("portal:case"))
    client.get(reverse("portal:receipt"))
    assert rows() == []


def test_public_door_is_left_out_by_its_name(client, worker):
    """Control: without the namespace `portal` the same refusal is recorded."""
    match = client.get(reverse("accounts:list")).resolver_match
    RefusedAttempt.objects.all().delete()
    match.namespace = "portal"
    refusals.record_refusal(worker, "GET", match, 404)
    assert rows() == []
    match.namespace = ""
    refusals.record_refusal(worker, "GET", match, 404)
    assert len(rows()) == 1


def test_refused_complaint_is_the_same_whether_it_exists_or_not(client, worker):
    for role in (Role.HEAD, Role.DIRECTOR, Role.COUNCIL):
        UserFactory(roles=[role])
    case = ComplaintFactory()
    for number in (case.number, "2026-ZZZZZZ"):
        RefusedAttempt.objects.all().delete()
        client.get(reverse("complaints:case", args=[number]))
        assert rows() == [("吴浩然", "GET", "complaints:case", "", 404, 1)]
        assert RefusedAttempt.objects.get().is_secret
    RefusedAttempt.objects.all().delete()
    client.get(reverse("complaints:charge"))
    assert [row[4] for row in rows()] == [404]


@pytest.mark.parametrize(
    ("role", "seen"),
    [
        (Role.DIRECTOR, {"complaints:case", "accounts:list"}),
        (Role.COUNCIL, {"complaints:case", "accounts:list"}),
        (Role.ADMINISTRATOR, {"accounts:list"}),
    ],
)
def test_administrator_sees_nothing_of_complaints(client, worker, role, seen):
    client.get(reverse("complaints:case", args=["2026-ZZZZZZ"]))
    client.get(reverse("accounts:list"))
    client.force_login(UserFactory(roles=[role]))
    shown = client.get(reverse("refused_attempts")).context["rows"]
    assert {row.route for row, *_words in shown} == seen


@pytest.mark.parametrize("role", [Role.RESIDENT, Role.DEPARTMENT_HEAD, Role.HEAD, Role.VOLUNTEER])
def test_nobody_else_sees_them(client, today, role):
    user = UserFactory(roles=[role])
    client.force_login(user)
    assert client.get(reverse("refused_attempts")).status_code == 403
    assert not refusals.visible_to(user).exists()


def test_page_is_narrowed_by_person_and_day(client, worker, at):
    client.get(reverse("accounts:list"))
    at("2026-10-13")
    client.force_login(worker)
    client.get(reverse("departments"))
    director = UserFactory(roles=[Role.DIRECTOR])
    client.force_login(director)
    page = reverse("refused_attempts")
    rows_of = {
        query: [row.route for row, *_words in client.get(page + query).context["rows"]]
        for query in (f"?who={worker.pk}", f"?who={director.pk}", "?day=2026-10-12", "?day=x", "?page=99")
    }
    both = ["departments", "accounts:list"]
    assert list(rows_of.values()) == [both, [], ["accounts:list"], both, both]


def test_page_costs_the_same_for_one_and_for_many(client, worker, django_assert_max_num_queries):
    for name in ("accounts:list", "departments", "accounts:new", "complaints:charge", "dashboard"):
        client.get(reverse(name))
    client.force_login(UserFactory(roles=[Role.DIRECTOR]))
    with django_assert_max_num_queries(8):
        client.get(reverse("refused_attempts"))


def test_failure_to_write_changes_no_answer(client, worker, monkeypatch):
    """A table that does not exist makes the SQL fail."""
    monkeypatch.setattr(RefusedAttempt._meta, "db_table", "no_such_table")
    assert client.get(reverse("accounts:list")).status_code == 403
    monkeypatch.undo()
    assert rows() == []


@pytest.mark.django_db(transaction=True)
def test_row_stays_although_the_act_is_taken_back(client, today):
    worker = UserFactory(name="吴浩然", roles=[Role.RESIDENT])
    client.force_login(worker)
    employer = EmployerFactory(responsible=worker)
    client.post(reverse("employers:void", args=[employer.pk]), {"reason": "x"})
    assert not transaction.get_connection().in_atomic_block
    assert len(rows()) == 1


def test_rows_are_kept_as_long_as_the_number_says(client, worker, at):
    client.get(reverse("accounts:list"))
    assert steps.sweep(at("2027-04-10"))[1] == []
    assert len(rows()) == 1
    assert steps.sweep(date(2027, 4, 11))[1] == []
    assert rows() == []


def test_what_is_older_than_a_day_goes_by_the_index(worker):
    """The day begins at midnight in Shanghai, and the query compares the plain column, so that it can use the index."""
    for minute in ("2026-10-11T15:59:00+00:00", "2026-10-11T16:00:00+00:00"):
        moment = datetime.fromisoformat(minute)
        RefusedAttempt.objects.create(user=worker, route=minute, status=403, minute=moment, last_at=moment)
    with CaptureQueriesContext(connection) as captured:
        assert refusals.delete_before(date(2026, 10, 12)) == 1
    assert RefusedAttempt.objects.get().route == "2026-10-11T16:00:00+00:00"
    assert not [query for query in captured if "date" in query["sql"].lower().partition("where")[2]]


def test_list_shows_the_address_that_was_asked_for(client, today):
    client.force_login(UserFactory(roles=[Role.RESIDENT]))
    client.get("/slips/987654/")
    client.get("/accounts/")
    now = timezone.now()
    gone = {"method": "GET", "route": "gone:page", "key": "5", "status": 404}
    RefusedAttempt.objects.create(user=UserFactory(), minute=now, last_at=now, **gone)
    client.force_login(UserFactory(administrator=True))
    page = client.get(reverse("refused_attempts")).content.decode()
    assert all(
        f'<span class="sub">{shown}</span>' in page for shown in ("/slips/987654/", "/accounts/", "gone:page")
    )
