"""Who supervises whom, and in which period (R299): the actions, the constraints and the pages."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from accounts import rights
from accounts.approvals import engine
from accounts.approvals.engine import NotApprover
from accounts.approvals.models import Sheet
from accounts.models import Department, Supervision, User
from accounts.offboarding import hand_over_items
from accounts.roles import Role
from accounts.supervision import actions
from tests.factories.accounts import DepartmentFactory, UserFactory

pytestmark = pytest.mark.django_db
TODAY = date(2026, 10, 12)
NEXT = TODAY + timedelta(30)


def browse(user):
    """A browser in which `user` is logged in."""
    browser = Client()
    browser.force_login(user)
    return browser


@pytest.fixture
def here(at):
    at(TODAY)
    return DepartmentFactory(name="社会服务部")


@pytest.fixture
def administrator():
    return UserFactory(administrator=True, name="管理员")


@pytest.fixture
def worker(here):
    return UserFactory(department=here, name="苏文")


@pytest.fixture
def supervisors(here):
    return [UserFactory(supervisor=True, department=here, name=name) for name in ("郑督导", "吴督导")]


def supervisor_on(worker, day):
    """The supervisor of `worker` on `day`, or None."""
    return User.objects.supervisor_on(worker, day).first()


def give(worker, supervisor, by, day=TODAY):
    """Assigns the supervisor from `day` on."""
    return actions.assign_supervisor(worker, supervisor, by=by, starts_on=day)


def test_supervisor_of_a_day(worker, supervisors, administrator):
    first, second = supervisors
    give(worker, first, administrator)
    give(worker, second, administrator, NEXT)
    days = [TODAY - timedelta(1), TODAY, NEXT - timedelta(1), NEXT, NEXT + timedelta(500)]
    assert [supervisor_on(worker, day) for day in days] == [None, first, first, second, second]


def test_change_leaves_one_open_row_and_a_history(worker, supervisors, administrator):
    earlier = give(worker, supervisors[0], administrator)
    give(worker, supervisors[1], administrator, NEXT)
    assert Supervision.objects.open().get(worker=worker).supervisor == supervisors[1]
    versions = earlier.history.values_list("history_type", "ends_on", "history_user")
    day_before = NEXT - timedelta(1)
    assert list(versions) == [("~", day_before, administrator.pk), ("+", None, administrator.pk)]


def test_ending_supervision_twice_changes_nothing(worker, supervisors, administrator):
    row = give(worker, supervisors[0], administrator)
    actions.end_supervision(row, by=administrator, ends_on=NEXT)
    actions.end_supervision(row, by=administrator, ends_on=NEXT + timedelta(9))
    assert supervisor_on(worker, NEXT) == supervisors[0]
    assert supervisor_on(worker, NEXT + timedelta(1)) is None


def test_end_before_the_beginning_is_refused(worker, supervisors, administrator):
    row = give(worker, supervisors[0], administrator)
    with pytest.raises(ValidationError, match="结束比开始早"):
        actions.end_supervision(row, by=administrator, ends_on=TODAY - timedelta(1))


@pytest.mark.parametrize("day", [TODAY - timedelta(5), TODAY])
def test_days_that_are_taken_are_refused(worker, supervisors, administrator, day):
    give(worker, supervisors[0], administrator)
    with pytest.raises(ValidationError, match="请选这以后的日期"):
        give(worker, supervisors[1], administrator, day)
    assert Supervision.objects.get().supervisor == supervisors[0]


def test_nobody_supervises_themselves_or_each_other(worker, supervisors, administrator):
    first, second = supervisors
    with pytest.raises(ValidationError, match="不能是本人"):
        give(worker, worker, administrator)
    give(first, second, administrator)
    with pytest.raises(ValidationError, match="互相督导"):
        give(second, first, administrator)
    row = Supervision.objects.get()
    actions.end_supervision(row, by=administrator, ends_on=TODAY)
    assert give(second, first, administrator, TODAY + timedelta(1)).supervisor == first


def test_closed_account_and_who_may_log_nothing_supervise_nobody(worker, administrator):
    for person in (UserFactory(supervisor=True, left=True), UserFactory(finance=True)):
        with pytest.raises(ValidationError, match="不能当督导"):
            give(worker, person, administrator)


def test_nobody_gives_others_records_to_themselves(worker):
    """For example an administrator who works with clients; the head of the department may view the records anyway."""
    both = UserFactory(roles=[Role.ADMINISTRATOR, Role.RESIDENT])
    with pytest.raises(ValidationError, match="不能把别人的记录交给自己"):
        give(worker, both, both)
    head = UserFactory(department_head=True, department=worker.department)
    assert give(worker, head, head).supervisor == head


@pytest.mark.parametrize(
    "fields",
    [
        {"ends_on": TODAY - timedelta(1)},
        {"supervisor": "worker"},
    ],
    ids=["ends before it starts", "oneself"],
)
def test_database_refuses_what_cannot_be(worker, supervisors, fields):
    values = {"worker": worker, "supervisor": supervisors[0], "starts_on": TODAY, "set_by": worker}
    values |= {name: worker if value == "worker" else value for name, value in fields.items()}
    with pytest.raises(IntegrityError), transaction.atomic():
        Supervision.objects.create(**values)


def test_database_keeps_one_open_row_of_each_worker(worker, supervisors):
    for starts_on, is_stored in ((TODAY, True), (NEXT, False)):
        row = Supervision(worker=worker, supervisor=supervisors[0], starts_on=starts_on, set_by=worker)
        if is_stored:
            row.save()
            continue
        with pytest.raises(IntegrityError), transaction.atomic():
            row.save()


@pytest.mark.parametrize(
    ("roles", "department", "may"),
    [
        ([Role.ADMINISTRATOR], "there", True),
        ([Role.DEPARTMENT_HEAD], "here", True),
        ([Role.SERVICE_HEAD], "here", True),
        ([Role.DEPARTMENT_HEAD], "there", False),
        ([Role.HEAD], "there", True),
        ([Role.DIRECTOR], "there", False),
        ([Role.MANAGER], "here", False),
        ([Role.SUPERVISOR], "here", False),
        ([Role.RESIDENT], "here", False),
    ],
)
def test_who_says_who_supervises(here, worker, supervisors, roles, department, may):
    """A supervisor does not choose the workers they supervise, because this makes the workers' records visible."""
    asker = UserFactory(roles=roles, department=here if department == "here" else DepartmentFactory())
    page = reverse("supervision", args=[worker.pk])
    answer = browse(asker).post(page, {"supervisor": supervisors[0].pk, "starts_on": TODAY})
    assert (answer.status_code == 302) is may
    assert (supervisor_on(worker, TODAY) == supervisors[0]) is may


def test_lead_without_a_department_is_offered_nobody(here):
    near, homeless = UserFactory(department=here), UserFactory(department=None)
    leads = [UserFactory(department_head=True, department=department) for department in (here, None)]
    offered = [[user for user in (near, homeless) if may_be_offered(lead, user)] for lead in leads]
    assert offered == [[near], []]


def may_be_offered(lead, user):
    """Whether `lead` is offered `user` as a worker to supervise."""
    return actions.workers_supervisable_by(lead).filter(pk=user.pk).exists()


def test_page_shows_the_rows_and_ends_the_open_one(worker, supervisors, administrator):
    give(worker, supervisors[0], administrator)
    session = browse(administrator)
    page = reverse("supervision", args=[worker.pk])
    text = session.get(page).content.decode()
    assert "郑督导" in text
    assert f'value="{TODAY.isoformat()}"' in text
    answer = session.post(reverse("supervision_end", args=[worker.pk]), {"ends_on": TODAY - timedelta(1)})
    assert "结束比开始早" in answer.content.decode()
    session.post(reverse("supervision_end", args=[worker.pk]), {"ends_on": TODAY})
    assert supervisor_on(worker, TODAY + timedelta(1)) is None
    assert session.post(reverse("supervision_end", args=[worker.pk]), {"ends_on": TODAY}).status_code == 404


def test_list_names_the_supervisor_of_today_in_a_fixed_number_of_statements(
    worker, supervisors, administrator, django_assert_max_num_queries
):
    give(worker, supervisors[0], administrator)
    session = browse(administrator)
    session.get(reverse("supervisions"))
    with django_assert_max_num_queries(12) as few:
        assert "郑督导" in session.get(reverse("supervisions")).content.decode()
    for person in UserFactory.create_batch(5, department=worker.department):
        give(person, supervisors[0], administrator)
    with django_assert_max_num_queries(len(few)):
        session.get(reverse("supervisions"))


def test_account_page_names_the_supervisor(worker, supervisors, administrator):
    session = browse(administrator)
    page = reverse("accounts:edit", args=[worker.pk])
    assert "还没有安排" in session.get(page).content.decode()
    give(worker, supervisors[0], administrator)
    assert "郑督导" in session.get(page).content.decode()


def test_leaver_owes_another_supervisor(worker, supervisors, administrator):
    def owed():
        return {
            str(item.label): item.count for item in hand_over_items(supervisors[0], TODAY, by=administrator)
        }

    assert "正在或将要督导的同事" not in owed()
    row = give(worker, supervisors[0], administrator)
    assert owed()["正在或将要督导的同事"] == 1
    actions.end_supervision(row, by=administrator, ends_on=TODAY)
    assert owed()["正在或将要督导的同事"] == 1
    Supervision.objects.update(ends_on=TODAY - timedelta(1), starts_on=TODAY - timedelta(9))
    assert "正在或将要督导的同事" not in owed()


@pytest.fixture
def council():
    return UserFactory(council=True, name="何理事")


def ask(by, worker, supervisor, day=TODAY):
    """Submits the page of the worker's supervisor as `by`. Returns the response."""
    page = reverse("supervision", args=[worker.pk])
    return browse(by).post(page, {"supervisor": supervisor.pk, "starts_on": day})


def test_administrator_alone_opens_no_clients(worker, supervisors, administrator, council):
    """The supervision waits for a second user; the page says so, and all concerned are notified of the outcome."""
    first, second = supervisors
    assert ask(administrator, worker, first).status_code == 302
    assert supervisor_on(worker, TODAY) is None
    sheet = Sheet.objects.open().get(matter="supervision")
    page = browse(administrator).get(reverse("supervision", args=[worker.pk])).content.decode()
    assert sheet.get_absolute_url() in page
    with pytest.raises(NotApprover):
        engine.approve(sheet, by=administrator)
    assert engine.approve(sheet, by=council)
    assert supervisor_on(worker, TODAY) == first
    ask(administrator, worker, second, NEXT)
    told = set(Sheet.objects.open().get(matter="supervision").notified_users.all())
    assert told >= {worker, first, second, council, administrator}


def test_request_about_another_supervisor_is_void_when_there_is_one_by_then(
    worker, supervisors, administrator, council
):
    ask(administrator, worker, supervisors[0])
    give(worker, supervisors[1], administrator)
    sheet = Sheet.objects.open().get(matter="supervision")
    assert engine.approve(sheet, by=council) is False
    assert supervisor_on(worker, TODAY) == supervisors[1]


def test_leader_arranges_alone_and_all_concerned_are_notified(worker, supervisors, council):
    head = UserFactory(roles=[Role.HEAD], name="周主任")
    lead = UserFactory(department_head=True, department=worker.department)
    Department.objects.filter(pk=worker.department_id).update(head=lead)
    director = UserFactory(director=True)
    ask(lead, worker, supervisors[0])
    assert supervisor_on(worker, TODAY) == supervisors[0]
    sheet = Sheet.objects.get(matter="supervision", state=Sheet.State.AT_ONCE)
    assert set(sheet.notified_users.all()) >= {worker, supervisors[0], head, lead, director, council}


def test_supervision_never_begins_in_the_past(worker, supervisors, administrator, council):
    for by in (administrator, UserFactory(roles=[Role.HEAD])):
        answer = ask(by, worker, supervisors[0], "2015-01-01")
        assert "不能从以前的日期开始" in answer.content.decode()
        assert answer.context["form"]["supervisor"].value() == str(supervisors[0].pk)
    assert not Supervision.objects.exists()
    assert not Sheet.objects.exists()


def test_closed_account_supervises_nobody_when_it_is_opened_again(
    at, worker, supervisors, administrator, council
):
    at(NEXT)
    give(worker, supervisors[0], administrator, TODAY)
    others = UserFactory(department=worker.department)
    give(others, supervisors[0], administrator, NEXT)
    rights.close_account(supervisors[0], by=administrator, today=NEXT)
    rights.reopen_account(User.objects.get(pk=supervisors[0].pk), by=administrator)
    assert [supervisor_on(one, NEXT) for one in (worker, others)] == [None, None]
    assert supervisor_on(worker, NEXT - timedelta(1)) == supervisors[0]
    assert Supervision.history.filter(worker=others, history_type="-").get().history_user == administrator
    assert Sheet.objects.filter(matter="supervision", state=Sheet.State.AT_ONCE).count() == 2


def test_supervision_ends_with_the_last_leading_role(worker, supervisors, administrator, council):
    first = supervisors[0]
    give(worker, first, administrator)
    first.roles = [Role.SUPERVISOR, Role.FRONT_LINE]
    rights.change_account(first, by=administrator)
    assert supervisor_on(worker, TODAY) == first
    first.roles = [Role.FRONT_LINE]
    rights.change_account(first, by=administrator)
    assert supervisor_on(worker, TODAY) is None
