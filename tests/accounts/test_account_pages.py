"""The pages for managing accounts; refusals first."""

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from accounts.login import throttle
from accounts.models import User
from accounts.offboarding import HandOverItem, hand_over_items
from accounts.people import actions
from accounts.people.forms import NewAccountForm
from accounts.references import TAKE_OVER, moved_reference
from accounts.roles import GRANTS, Permission, Role
from tests.factories.accounts import PASSWORD, DepartmentFactory, StandInFactory, UserFactory

pytestmark = pytest.mark.django_db
OTHERS = [role for role in Role if Permission.MANAGE_ACCOUNTS not in GRANTS[role].permissions]
PAGES = ["/accounts/", "/accounts/new/", "/accounts/{}/", "/accounts/{}/history/", "/accounts/{}/deactivate/"]
ACTS = [
    "/accounts/{}/deactivate/",
    "/accounts/{}/reactivate/",
    "/accounts/{}/reset/",
    "/accounts/{}/reset/cancel/",
    "/accounts/{}/sessions/",
    "/accounts/{}/release/",
]


@pytest.fixture
def administrator(client):
    administrator = UserFactory(administrator=True, name="苏婉仪")
    client.force_login(administrator)
    return administrator


@pytest.fixture
def worker():
    return UserFactory(name="吴浩然", username="wuhaoran")


def typed(account, **changes):
    """The form data of `account` with these changes."""
    fields = {
        "name": account.name,
        "department": account.department_id or "",
        "email": account.email,
        "phone": account.phone,
        "roles": account.roles,
        "version": User.objects.get(pk=account.pk).version,
        "reason": "工作需要",
    }
    return {**fields, **changes}


@pytest.mark.parametrize("role", OTHERS)
@pytest.mark.parametrize("page", [*PAGES, "/departments/", "/departments/new/"])
def test_pages_are_closed_to_every_other_role(client, worker, role, page):
    client.force_login(UserFactory(roles=[role]))
    assert client.get(page.format(worker.pk)).status_code == 403


@pytest.mark.parametrize("act", ACTS)
def test_acts_are_closed_to_a_director(client, worker, act):
    client.force_login(UserFactory(director=True))
    assert client.post(act.format(worker.pk)).status_code == 403
    worker.refresh_from_db()
    assert worker.is_active
    assert worker.check_password(PASSWORD)


@pytest.mark.parametrize("page", PAGES)
def test_pages_ask_for_the_log_in(client, worker, page):
    address = page.format(worker.pk)
    assert client.get(address).headers["Location"] == f"/login/?next={address}"


@pytest.mark.parametrize("act", ACTS)
def test_acts_on_an_absent_account_are_not_found(client, administrator, act):
    assert client.post(act.format(99999)).status_code == 404


@pytest.mark.parametrize("act", ACTS[1:])
def test_acts_are_done_by_post_only(client, administrator, worker, act):
    assert client.get(act.format(worker.pk)).status_code == 405


def test_nobody_closes_their_own_account(client, administrator):
    UserFactory(administrator=True)
    client.post(f"/accounts/{administrator.pk}/deactivate/")
    administrator.refresh_from_db()
    assert administrator.is_active


def test_last_administrator_keeps_the_role(administrator):
    """The action itself refuses; no page lets a user remove their own role."""
    administrator.roles = ["director"]
    with pytest.raises(ValidationError, match="最后一位系统管理员"):
        actions.change_account(administrator, by=UserFactory())
    assert User.objects.get(pk=administrator.pk).roles == ["administrator"]


def test_closed_administrator_does_not_count_as_another(administrator):
    UserFactory(administrator=True, left=True)
    administrator.roles = ["director"]
    with pytest.raises(ValidationError):
        actions.change_account(administrator, by=UserFactory())


def test_one_of_two_administrators_takes_the_role_from_the_other(client, administrator):
    other = UserFactory(administrator=True)
    assert client.post(f"/accounts/{other.pk}/", typed(other, roles=["resident"])).status_code == 302
    other.refresh_from_db()
    assert other.roles == ["resident"]


@pytest.mark.parametrize("roles", [[], ["superuser"], ["resident", "nonsense"]])
def test_unknown_or_no_roles_are_refused(client, administrator, worker, roles):
    page = client.post(f"/accounts/{worker.pk}/", typed(worker, roles=roles))
    assert "roles" in page.context["form"].errors
    worker.refresh_from_db()
    assert worker.roles == ["resident"]


def test_form_changes_nothing_but_its_fields(client, administrator, worker):
    more = {
        "is_active": "",
        "must_change_password": "on",
        "password": "x",
        "username": "other",
        "session_epoch": 9,
    }
    client.post(f"/accounts/{worker.pk}/", typed(worker, **more))
    worker.refresh_from_db()
    unchanged = (worker.is_active, worker.must_change_password, worker.username, worker.session_epoch)
    assert unchanged == (True, False, "wuhaoran", 0)
    assert worker.check_password(PASSWORD)


def test_account_closed_while_its_name_was_changed_stays_closed(administrator, worker, at):
    stale = User.objects.get(pk=worker.pk)
    stale.name = "吴小然"
    actions.deactivate(worker, by=administrator, today=at("2026-11-23"))

    actions.change_account(stale, by=administrator)

    worker.refresh_from_db()
    assert (worker.name, worker.is_active, worker.session_epoch) == ("吴小然", False, 1)


def test_changed_roles_change_the_tiers_and_are_kept_in_the_history(client, administrator, worker):
    client.post(f"/accounts/{worker.pk}/", typed(worker, roles=["department_staff", "volunteer"]))
    worker.refresh_from_db()
    assert worker.tiers == ["department"]
    revision = client.get(f"/accounts/{worker.pk}/history/").context["revisions"][0]
    assert (revision.by, revision.reason) == ("苏婉仪", "修改账号")
    assert [(change.label, change.old, change.new) for change in revision.changes] == [
        ("角色", "驻点社工", "部门人员、志愿者")
    ]


def test_new_account_has_no_password_and_half_a_code_is_shown_once(client, administrator):
    department = DepartmentFactory()
    page = client.post(
        "/accounts/new/",
        {"name": "冯子健", "username": "fengzijian", "department": department.pk, "roles": ["resident"]},
    )
    account = User.objects.get(username="fengzijian")
    half = page.context["half"]
    assert half in page.content.decode()
    assert (page.headers["Cache-Control"], page.headers["Referrer-Policy"]) == ("no-store", "same-origin")
    assert not account.has_usable_password()
    assert (account.roles, account.department) == (["resident"], department)
    for address in ("", "history/"):
        assert half not in client.get(f"/accounts/{account.pk}/{address}").content.decode()


@pytest.mark.parametrize("username", ["wuhaoran", "WuHaoran", " WUHAORAN "])
def test_log_in_name_of_another_is_refused_in_any_case(client, administrator, worker, username):
    page = client.post("/accounts/new/", {"name": "吴", "username": username, "roles": ["resident"]})
    assert page.context["form"].errors == {"username": ["这个登录名已经有人用了，请换一个。"]}
    assert User.objects.filter(name="吴").count() == 0


def test_log_in_name_taken_a_moment_ago_is_refused_as_well(client, administrator, worker, monkeypatch):
    monkeypatch.setattr(NewAccountForm, "clean_username", lambda form: form.cleaned_data["username"])
    monkeypatch.setattr(User, "validate_constraints", lambda account, exclude=None: None)
    monkeypatch.setattr(User, "validate_unique", lambda account, exclude=None: None)
    page = client.post("/accounts/new/", {"name": "吴", "username": "WUHAORAN", "roles": ["resident"]})
    assert list(page.context["form"].errors) == ["username"]


def test_name_that_is_missing_is_asked_for_and_nothing_is_lost(client, administrator):
    page = client.post("/accounts/new/", {"username": "feng", "phone": "13700000000", "roles": ["finance"]})
    assert list(page.context["form"].errors) == ["name", "reason"]
    shown = page.content.decode()
    assert "13700000000" in shown
    assert [box.data["value"] for box, _opens, _is in page.context["role_boxes"] if box.data["selected"]] == [
        "finance"
    ]


def test_account_is_closed_and_reopened(client, administrator, worker):
    assert client.post(f"/accounts/{worker.pk}/deactivate/").status_code == 302
    worker.refresh_from_db()
    assert not worker.is_active
    page = client.post(f"/accounts/{worker.pk}/reactivate/")
    worker.refresh_from_db()
    assert worker.is_active
    assert not worker.has_usable_password()
    assert worker.resets.open().get() == page.context["reset"]


def test_closed_account_gets_no_reset(client, administrator):
    closed = UserFactory(left=True)
    assert client.post(f"/accounts/{closed.pk}/reset/").status_code == 302
    assert not closed.resets.exists()


def test_nobody_starts_a_reset_for_themselves(client, administrator):
    client.post(f"/accounts/{administrator.pk}/reset/")
    assert not administrator.resets.exists()


def test_shut_account_is_seen_and_released(client, administrator, worker):
    visitor = type(client)()
    for _try in range(5):
        visitor.post("/login/", {"username": worker.username, "password": "x"}, REMOTE_ADDR="10.9.9.9")
    assert client.get(f"/accounts/{worker.pk}/").context["shut"]
    client.post(f"/accounts/{worker.pk}/release/")
    assert not throttle.is_locked_out(worker)


def test_closing_twice_raises_the_epoch_once(administrator, worker, at):
    today = at("2026-11-23")
    actions.deactivate(worker, by=administrator, today=today)
    actions.deactivate(worker, by=administrator, today=today)
    worker.refresh_from_db()
    assert worker.session_epoch == 1


def test_what_is_owed_is_asked_of_every_app(administrator, worker, at, monkeypatch):
    today = at("2026-11-23")

    def app(user, by, today):
        return [HandOverItem("用人单位", 7, "/employers/"), HandOverItem("合同", 0)]

    monkeypatch.setitem(TAKE_OVER._entries, "tests.Model.user", moved_reference(app))
    assert hand_over_items(worker, today, by=administrator) == [HandOverItem("用人单位", 7, "/employers/")]


def test_what_is_owed_names_departments_and_colleagues_stood_in_for(administrator, worker, at):
    today = at("2026-12-07")
    DepartmentFactory(head=worker)
    StandInFactory(stand_in=worker)
    StandInFactory(stand_in=worker, cancelled_at="2026-12-01 00:00Z")
    assert [(owed.label, owed.count) for owed in hand_over_items(worker, today, by=administrator)] == [
        ("担任负责人的部门", 1),
        ("正在或将要代理的同事", 1),
    ]
    assert [owed.count for owed in hand_over_items(worker, at("2026-12-08"), by=administrator)] == [1]


def test_closing_is_not_refused_for_what_is_owed(client, administrator, worker):
    DepartmentFactory(head=worker)
    shown = client.get(f"/accounts/{worker.pk}/deactivate/").content.decode()
    assert "担任负责人的部门" in shown
    answer = client.post(f"/accounts/{worker.pk}/deactivate/", follow=True)
    worker.refresh_from_db()
    assert not worker.is_active
    assert "还有1项要转交" in answer.content.decode()


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("", ["甲", "乙", "管"]),
        ("?state=closed", ["丙"]),
        ("?state=all", ["丙", "乙", "甲", "管"]),
        ("?role=supervisor", ["乙"]),
        ("?q=甲", ["甲"]),
        ("?q=NAME-B", ["乙"]),
        ("?department=one", ["甲", "乙", "管"]),
        ("?department=²", ["甲", "乙", "管"]),
        ("?role=nonsense&state=x", ["甲", "乙", "管"]),
        ("?q=没有这个人", []),
        ("?page=999", ["甲", "乙", "管"]),
    ],
)
def test_list_finds(client, query, names):
    client.force_login(UserFactory(administrator=True, name="管"))
    UserFactory(name="甲", username="name-a")
    UserFactory(supervisor=True, name="乙", username="name-b")
    UserFactory(left=True, name="丙", username="name-c")
    shown = client.get(f"/accounts/{query}").context["object_list"]
    assert sorted(account.name for account in shown) == sorted(names)


@pytest.mark.parametrize("department", ["0", "²", "9" * 19, "x"])
def test_department_that_is_no_key_is_ignored(client, administrator, worker, department):
    rows = client.get("/accounts/", {"department": department}).context["object_list"]
    assert {row.pk for row in rows} == {administrator.pk, worker.pk}


def test_list_is_narrowed_to_a_department(client, administrator, worker):
    UserFactory()
    shown = client.get(f"/accounts/?department={worker.department_id}").context["object_list"]
    assert list(shown) == [worker]


def test_list_costs_the_same_for_many_accounts(client, administrator, queries_of):
    UserFactory.create_batch(3)
    few = queries_of("/accounts/")
    UserFactory.create_batch(40)
    assert queries_of("/accounts/") == few <= 8


def test_list_turns_its_pages(client, administrator):
    UserFactory.create_batch(60)
    first = client.get("/accounts/")
    assert len(first.context["object_list"]) == 50
    second = client.get(reverse("accounts:list") + first.context["older"])
    assert len(second.context["object_list"]) == 11


def test_department_is_opened_renamed_and_given_a_head(client, administrator, worker):
    client.post("/departments/new/", {"name": "社会服务部", "head": ""})
    client.post(
        f"/departments/{worker.department_id}/", {"name": "禁毒项目部", "head": worker.pk, "version": 1}
    )
    shown = client.get("/departments/").context["object_list"]
    assert {(each.name, each.head, each.people) for each in shown} == {
        ("社会服务部", None, 0),
        ("禁毒项目部", worker, 1),
    }


def test_department_of_the_same_name_is_refused(client, administrator, worker):
    page = client.post("/departments/new/", {"name": worker.department.name})
    assert page.context["form"].errors == {"name": ["已经有这个部门了。"]}


def test_volunteer_or_closed_account_heads_no_department(client, administrator, worker):
    for unfit in (UserFactory(volunteer=True), UserFactory(left=True)):
        page = client.post(
            f"/departments/{worker.department_id}/", {"name": "甲", "head": unfit.pk, "version": 1}
        )
        assert list(page.context["form"].errors) == ["head"]


def test_head_who_has_left_does_not_block_a_new_name(client, administrator):
    left = UserFactory(left=True)
    department = DepartmentFactory(head=left)
    assert (
        client.post(
            f"/departments/{department.pk}/", {"name": "甲", "head": left.pk, "version": 1}
        ).status_code
        == 302
    )
