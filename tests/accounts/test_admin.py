"""The admin site of accounts: the same login, a reason for each change, no deletion, nothing the user may not view."""

import pytest
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.test import RequestFactory

from accounts.admin_base import CappedPaginator, CorrectionAdmin, ReadOnlyAdmin, ReferenceAdmin
from accounts.history import revisions
from accounts.models import Department, StandIn, User
from accounts.roles import GRANTS, Permission, Role
from tests.factories.accounts import DepartmentFactory, StandInFactory, UserFactory

pytestmark = pytest.mark.django_db
ENTERS = {Permission.MANAGE_ACCOUNTS, Permission.MANAGE_CALENDAR, Permission.MANAGE_RULES, Permission.CORRECT}
OUTSIDE = [role for role in Role if not GRANTS[role].permissions & ENTERS]


@pytest.fixture
def administrator(client):
    administrator = UserFactory(administrator=True, name="苏婉仪")
    client.force_login(administrator)
    return administrator


@pytest.fixture
def department():
    return DepartmentFactory(name="社会服务部")


def shown(client, row):
    """The stamp of the values that the form of `row` shows."""
    page = client.get(f"/admin/accounts/{row._meta.model_name}/{row.pk}/change/")
    return page.context["adminform"].form["seen"].value()


def change(client, department, **typed):
    """Submits the form of the department with these values."""
    typed.setdefault("seen", shown(client, department))
    return client.post(f"/admin/accounts/department/{department.pk}/change/", typed)


@pytest.mark.parametrize("role", OUTSIDE)
def test_admin_site_is_closed_to(client, role):
    client.force_login(UserFactory(roles=[role]))
    assert client.get("/admin/", follow=True).status_code == 403


def test_director_finds_no_accounts_in_the_admin_site(client):
    client.force_login(UserFactory(director=True))
    assert client.get("/admin/").status_code == 200
    assert client.get("/admin/accounts/user/").status_code == 403


def test_admin_site_has_no_door_of_its_own(client):
    answer = client.get("/admin/", follow=True)
    assert [address for address, _status in answer.redirect_chain] == [
        "/admin/login/?next=/admin/",
        "/login/?next=%2Fadmin%2F",
    ]
    assert client.post("/admin/login/", {"username": "x", "password": "y"}).status_code == 302


def test_way_out_and_password_page_are_those_of_the_house(client, administrator):
    assert client.get("/admin/password_change/").headers["Location"] == "/password/"
    assert client.post("/admin/logout/").headers["Location"] == "/login/"
    assert client.get("/me/").status_code == 302


@pytest.mark.parametrize(
    "reason", [{}, {"change_reason": ""}, {"change_reason": "  "}, {"change_reason": "长" * 101}]
)
def test_change_without_a_fit_reason_is_refused(client, administrator, department, reason):
    page = change(client, department, name="禁毒项目部", **reason)
    assert page.status_code == 200
    department.refresh_from_db()
    assert department.name == "社会服务部"


def test_change_keeps_reason_old_and_new(client, administrator, department):
    assert change(client, department, name="禁毒项目部", change_reason="登记时写错").status_code == 302
    revision = revisions(department, without=("version",))[0]
    assert (revision.reason, revision.by, revision.kind) == ("登记时写错", "苏婉仪", "修改")
    assert [(each.label, each.old, each.new) for each in revision.changes] == [
        ("名称", "社会服务部", "禁毒项目部")
    ]
    shown = client.get(f"/admin/accounts/department/{department.pk}/history/").content.decode()
    assert "登记时写错" in shown
    assert "<del>社会服务部</del>" in shown


def test_change_of_nothing_leaves_no_version(client, administrator, department):
    change(client, department, name="社会服务部", change_reason="只看看")
    assert department.history.count() == 1


def test_old_form_is_refused_with_both_values_and_holds_when_sent_once_more(
    client, administrator, department
):
    old = shown(client, department)
    assert change(client, department, name="甲部", change_reason="更名").status_code == 302
    page = change(client, department, name="乙部", change_reason="更名", seen=old)
    department.refresh_from_db()
    assert (page.status_code, department.name) == (409, "甲部")
    assert "“名称”现在是甲部，您填的是乙部" in page.content.decode()
    form = page.context["adminform"].form
    assert (form["name"].value(), form["change_reason"].value()) == ("乙部", "更名")
    change(client, department, name="乙部", change_reason="更名", seen=form["seen"].value())
    department.refresh_from_db()
    assert (department.name, department.version) == ("乙部", 3)


def test_form_without_its_stamp_is_refused(client, administrator, department):
    assert change(client, department, name="甲部", change_reason="更名", seen="").status_code == 409


def test_correction_keeps_what_the_site_wrote_beside_it(client, administrator):
    """Roles are not part of this form: a change made elsewhere while it was open is not undone."""
    worker = UserFactory(name="旧")
    seen = shown(client, worker)
    User.objects.filter(pk=worker.pk).update(roles=["volunteer"], tier_mask=0)
    typed = {"name": "新", "department": worker.department_id, "change_reason": "试", "seen": seen}
    assert client.post(f"/admin/accounts/user/{worker.pk}/change/", typed).status_code == 302
    worker.refresh_from_db()
    assert (worker.name, worker.roles) == ("新", ["volunteer"])


@pytest.mark.parametrize("model", [User, Department, StandIn])
def test_nothing_is_added_or_deleted(client, administrator, model):
    row = {User: UserFactory, Department: DepartmentFactory, StandIn: StandInFactory}[model]()
    base = f"/admin/accounts/{model._meta.model_name}"
    assert client.get(f"{base}/add/").status_code == 403
    assert client.post(f"{base}/{row.pk}/delete/", {"post": "yes"}).status_code == 403
    client.post(f"{base}/", {"action": "delete_selected", "_selected_action": [row.pk], "post": "yes"})
    assert model.objects.filter(pk=row.pk).exists()


def test_old_versions_cannot_be_put_back(client, administrator, department):
    version = department.history.get()
    address = f"/admin/accounts/department/{department.pk}/history/{version.pk}/"
    assert client.post(address, {"name": "X"}).status_code in (302, 404)
    department.refresh_from_db()
    assert department.name == "社会服务部"


def test_roles_password_and_closing_are_not_changed_here(client, administrator):
    worker = UserFactory()
    typed = {"name": "新", "roles": "administrator", "is_active": "", "password": "x", "change_reason": "试"}
    typed["seen"] = shown(client, worker)
    assert client.post(f"/admin/accounts/user/{worker.pk}/change/", typed).status_code == 302
    changed = User.objects.get(pk=worker.pk)
    assert (changed.name, changed.roles, changed.is_active) == ("新", ["resident"], True)
    assert changed.password == worker.password


def test_what_opens_records_is_not_corrected_here(client, administrator, department):
    """Department, head and stand-ins decide who may view records; their own pages require a second person."""
    worker, arranged, head = UserFactory(), StandInFactory(), UserFactory()
    was = worker.department_id
    typed = {"name": "新", "department": department.pk, "change_reason": "试"}
    typed["seen"] = shown(client, worker)
    client.post(f"/admin/accounts/user/{worker.pk}/change/", typed)
    change(client, department, name="新", head=head.pk, change_reason="试")
    typed = {"absent": worker.pk, "stand_in": head.pk, "starts_on": "2026-12-01", "ends_on": "2027-12-01"}
    answer = client.post(f"/admin/accounts/standin/{arranged.pk}/change/", typed | {"change_reason": "试"})
    worker.refresh_from_db()
    department.refresh_from_db()
    assert (worker.name, worker.department_id) == ("新", was)
    assert (department.name, department.head) == ("新", None)
    assert answer.status_code == 403
    assert StandIn.objects.get().absent == arranged.absent


def request_of(user):
    """A request of `user`."""
    request = RequestFactory().get("/")
    request.user = user
    return request


class OwnArrangements(CorrectionAdmin):
    pass


def test_list_and_choices_start_from_what_one_sees():
    worker = UserFactory()
    own, _other = StandInFactory(absent=worker), StandInFactory()
    page = OwnArrangements(StandIn, admin.site)
    assert list(page.get_queryset(request_of(worker))) == [own]
    volunteer = request_of(UserFactory(volunteer=True))
    choice = page.formfield_for_foreignkey(StandIn._meta.get_field("absent"), volunteer)
    assert not choice.queryset.exists()


def test_history_of_what_one_does_not_see_is_not_found(client, administrator, monkeypatch):
    arranged = StandInFactory()
    monkeypatch.setattr(type(StandIn.objects.all()), "visible_to", lambda self, user: self.none())
    assert client.get(f"/admin/accounts/standin/{arranged.pk}/history/").status_code == 404
    assert client.get("/admin/accounts/standin/nonsense/history/").status_code == 404


def test_reference_table_may_be_added_to_and_read_only_one_not_changed(administrator):
    request = request_of(administrator)
    assert ReferenceAdmin(Department, admin.site).has_add_permission(request)
    assert not ReferenceAdmin(Department, admin.site).has_delete_permission(request)
    assert not ReadOnlyAdmin(Department, admin.site).has_change_permission(request)
    assert ReadOnlyAdmin(Department, admin.site).has_view_permission(request)


def test_lists_cost_the_same_for_many_rows(client, administrator, queries_of):
    StandInFactory.create_batch(2)
    few = queries_of("/admin/accounts/standin/")
    StandInFactory.create_batch(10)
    assert queries_of("/admin/accounts/standin/") == few <= 8


def test_history_costs_one_query_whatever_its_length(department, django_assert_num_queries):
    for number in range(12):
        department.name = f"部门{number}"
        department.head = UserFactory()
        department.save()
    with django_assert_num_queries(1):
        changes = revisions(department)
    assert len(changes) == 13
    assert changes[-1].changes == []


def test_history_leaves_out_what_is_excluded(department):
    department.name = "新"
    department.save()
    assert revisions(department, without=("name",))[0].changes == []


def test_counting_stops_at_the_most(monkeypatch):
    monkeypatch.setattr(CappedPaginator, "MAX_COUNT", 3)
    DepartmentFactory.create_batch(5)
    assert CappedPaginator(Department.objects.all(), 2).count == 3


def test_changes_are_logged_with_who(client, administrator, department):
    change(client, department, name="新", change_reason="改名")
    assert LogEntry.objects.get().user == administrator


@pytest.mark.parametrize(
    "page", ["", "accounts/", "accounts/user/", "accounts/department/", "accounts/standin/"]
)
def test_pages_hold_no_inline_style_or_script(client, administrator, page):
    shown = client.get(f"/admin/{page}").content.decode()
    assert "style=" not in shown
    assert "<script>" not in shown
    assert " onclick=" not in shown
