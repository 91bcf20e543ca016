"""A right requires two people: who may request and who confirms it, what becomes of the request, who is notified."""

from datetime import timedelta
from threading import Barrier, Thread

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from accounts import rights
from accounts.approvals import engine
from accounts.approvals.forms import OpinionForm
from accounts.approvals.models import Sheet, Step
from accounts.models import Department, User
from accounts.roles import GRANTS, SENSITIVE_PERMISSIONS, Role, Scope, is_sensitive
from complaints.appointments.in_charge import ELIGIBLE
from relations.approvals.forms import AnswerForm
from reminders.models import Reminder
from tests.factories.accounts import DepartmentFactory, UserFactory

pytestmark = pytest.mark.django_db
ORDINARY = {Role.DEPARTMENT_STAFF, Role.RESIDENT, Role.FRONT_LINE, Role.VOLUNTEER}


@pytest.fixture
def administrator():
    return UserFactory(administrator=True, name="管")


@pytest.fixture
def director():
    return UserFactory(director=True, name="总")


@pytest.fixture
def council():
    return UserFactory(council=True, name="理")


@pytest.fixture
def worker():
    return UserFactory(name="吴浩然")


@pytest.fixture
def centre(administrator, director, council, worker):
    """{name: user}: the three people who run the centre, and a worker."""
    return {"administrator": administrator, "director": director, "council": council, "worker": worker}


def request_roles(user, by, *roles, department="same", reason="工作需要"):
    """The Sheet with which `by` requests these roles for `user`, or None when no confirmation is needed."""
    user = User.objects.get(pk=user.pk)
    user.roles = list(roles)
    if department != "same":
        user.department = department
    return rights.change_account(user, by=by, reason=reason)


def roles_of(user):
    """The stored roles of `user`."""
    return User.objects.get(pk=user.pk).roles


def page_data(user, roles, **more):
    """The form data of the account with these roles."""
    fresh = User.objects.get(pk=user.pk)
    data = {"name": fresh.name, "department": fresh.department_id or "", "phone": "", "email": ""}
    return data | {"roles": roles, "version": fresh.version, "reason": "工作需要"} | more


# The forms.


def test_opinion_may_be_as_long_as_it_is_stored():
    stored = [model._meta.get_field("opinion").max_length for model in (Sheet, Step)]
    assert stored == [
        OpinionForm.base_fields["opinion"].max_length,
        AnswerForm.base_fields["note"].max_length,
    ]


# Which roles need confirmation.


def test_roles_that_see_are_derived_from_what_they_open():
    assert {role for role in Role if not is_sensitive(role)} == ORDINARY
    for role in ORDINARY:
        assert not SENSITIVE_PERMISSIONS & GRANTS[role].permissions
        assert GRANTS[role].scope != Scope.ALL
    assert all(is_sensitive(role) for role in ELIGIBLE)


@pytest.mark.parametrize("role", Role)
def test_role_waits_for_a_second_name_when_it_sees(centre, role):
    worker = centre["worker"]
    sheet = request_roles(worker, centre["administrator"], Role.RESIDENT, role)
    if role in ORDINARY:
        assert sheet is None
        assert role in roles_of(worker)
        return
    assert sheet.is_open
    assert roles_of(worker) == [Role.RESIDENT]
    engine.approve(sheet, by=centre["director"])
    assert roles_of(worker) == [Role.RESIDENT, role]


def test_harmless_rest_is_saved_at_once_and_the_page_says_who_confirms(client, centre):
    worker = centre["worker"]
    client.force_login(centre["administrator"])
    data = page_data(worker, ["resident", "front_line", "supervisor"], phone="13700000000")
    answer = client.post(f"/accounts/{worker.pk}/", data, follow=True)
    worker.refresh_from_db()
    assert (worker.phone, worker.roles) == ("13700000000", ["resident", "front_line"])
    assert (
        "要等总、理确认后才生效" in answer.content.decode()
        or "要等理、总确认后才生效" in answer.content.decode()
    )


def test_reason_is_asked_for_when_somebody_has_to_confirm(client, centre):
    worker = centre["worker"]
    client.force_login(centre["administrator"])
    page = client.post(f"/accounts/{worker.pk}/", page_data(worker, ["supervisor"], reason=" "))
    assert list(page.context["form"].errors) == ["reason"]
    assert (
        client.post(f"/accounts/{worker.pk}/", page_data(worker, ["front_line"], reason="")).status_code
        == 302
    )


def test_ordinary_role_beside_one_that_sees_waits_too(centre):
    """Together they allow more than each alone: a user who sees the whole centre could then also write there."""
    finance = UserFactory(finance=True)
    assert request_roles(finance, centre["administrator"], Role.FINANCE, Role.RESIDENT).is_open
    assert roles_of(finance) == [Role.FINANCE]


def test_exchanged_role_stays_until_the_new_one_is_confirmed(centre):
    worker = centre["worker"]
    sheet = request_roles(worker, centre["administrator"], Role.SUPERVISOR)
    assert roles_of(worker) == [Role.RESIDENT]
    engine.approve(sheet, by=centre["council"])
    assert roles_of(worker) == [Role.SUPERVISOR]


def test_another_department_of_one_who_sees_theirs_waits(centre):
    supervisor, other = UserFactory(supervisor=True), DepartmentFactory()
    was = supervisor.department
    sheet = request_roles(supervisor, centre["administrator"], Role.SUPERVISOR, department=other)
    assert User.objects.get(pk=supervisor.pk).department == was
    engine.approve(sheet, by=centre["director"])
    assert User.objects.get(pk=supervisor.pk).department == other


def test_taking_away_takes_effect_at_once_and_is_told(centre):
    supervisor = UserFactory(roles=[Role.SUPERVISOR, Role.RESIDENT])
    assert request_roles(supervisor, centre["administrator"], Role.RESIDENT) is None
    assert roles_of(supervisor) == [Role.RESIDENT]
    sheet = Sheet.objects.get()
    assert sheet.state == "at_once"
    notices = Reminder.objects.open().filter(subject=f"sheet:{sheet.pk}:told")
    assert {each.recipient for each in notices} == {supervisor, centre["director"], centre["council"]}


def test_closing_is_told_and_reopening_gives_no_role_back_alone(centre, at):
    today = at("2026-11-23")
    other = UserFactory(roles=[Role.RESIDENT, Role.DEPUTY])
    rights.close_account(other, by=centre["administrator"], today=today)
    assert Sheet.objects.get().state == "at_once"
    other = User.objects.get(pk=other.pk)
    _answer, sheet = rights.reopen_account(other, by=centre["administrator"])
    other.refresh_from_db()
    assert (other.is_active, roles_of(other)) == (True, [Role.RESIDENT])
    engine.approve(sheet, by=centre["director"])
    assert roles_of(other) == [Role.RESIDENT, Role.DEPUTY]


# The user's own rights.


def test_own_roles_and_department_are_text(client, centre):
    administrator = centre["administrator"]
    client.force_login(administrator)
    page = client.get(f"/accounts/{administrator.pk}/")
    assert set(page.context["form"].fields) == {"name", "email", "phone", "version"}
    assert "系统管理员" in page.content.decode()


@pytest.mark.parametrize("changes", [{"roles": ["director"]}, {"department": "other"}])
def test_crafted_form_for_oneself_is_refused_and_kept(client, centre, changes):
    administrator = centre["administrator"]
    if "department" in changes:
        changes = {"department": DepartmentFactory().pk}
    client.force_login(administrator)
    data = page_data(administrator, ["administrator"]) | changes
    assert client.post(f"/accounts/{administrator.pk}/", data).status_code == 403
    administrator.refresh_from_db()
    assert (administrator.roles, administrator.department) == (["administrator"], None)
    sheet = Sheet.objects.get()
    assert (sheet.state, sheet.asked_by) == ("barred", administrator)
    assert Reminder.objects.filter(recipient=centre["council"]).count() == 1


def test_crafted_forms_of_one_day_are_kept_and_told_once(client, centre, time_machine):
    administrator = centre["administrator"]
    for day, kept in (("2026-10-12T02:00Z", 1), ("2026-10-12T15:59Z", 1), ("2026-10-12T16:01Z", 2)):
        time_machine.move_to(day, tick=False)
        client.force_login(administrator)
        data = page_data(administrator, ["director"])
        for _each in range(2):
            assert client.post(f"/accounts/{administrator.pk}/", data).status_code == 403
        assert Sheet.objects.filter(state="barred").count() == kept
        assert Reminder.objects.filter(recipient=centre["council"]).count() == kept


def test_own_name_is_changed_by_oneself(client, centre):
    administrator = centre["administrator"]
    client.force_login(administrator)
    data = {"name": "新名", "email": "", "phone": "", "version": administrator.version}
    assert client.post(f"/accounts/{administrator.pk}/", data).status_code == 302
    assert User.objects.get(pk=administrator.pk).name == "新名"


def test_act_refuses_oneself_as_well(centre):
    with pytest.raises(rights.OwnRightsError):
        request_roles(centre["administrator"], centre["administrator"], Role.ADMINISTRATOR, Role.DIRECTOR)


def test_administrator_makes_themselves_head_of_no_department(client, centre):
    department = DepartmentFactory(name="项目部")
    client.force_login(centre["administrator"])
    address = f"/departments/{department.pk}/"
    data = {"name": "项目部", "head": centre["administrator"].pk, "version": department.version}
    assert "head" in client.post(address, data).context["form"].errors
    client.post(address, data | {"head": centre["worker"].pk})
    assert Department.objects.get(pk=department.pk).head is None
    engine.approve(Sheet.objects.get(), by=centre["director"])
    assert Department.objects.get(pk=department.pk).head == centre["worker"]


# Who confirms.


@pytest.mark.parametrize("who", ["administrator", "worker"])
def test_neither_asker_nor_subject_nor_anybody_else_confirms(centre, who):
    sheet = request_roles(centre["worker"], centre["administrator"], Role.SUPERVISOR)
    with pytest.raises(PermissionDenied):
        engine.approve(sheet, by=centre[who])
    assert Sheet.objects.get().is_open


def test_director_confirms_nothing_for_themselves(centre):
    sheet = request_roles(centre["director"], centre["administrator"], Role.DIRECTOR, Role.HEAD)
    assert set(engine.who_decides(sheet)[0]) == {centre["council"]}


def test_database_refuses_one_name_twice(centre):
    sheet = request_roles(centre["worker"], centre["administrator"], Role.SUPERVISOR)
    for user in (centre["administrator"], centre["worker"]):
        changed = {"state": "approved", "decided_by": user, "decided_at": timezone.now()}
        with pytest.raises(IntegrityError), transaction.atomic():
            Sheet.objects.filter(pk=sheet.pk).update(**changed)


def test_second_sheet_about_the_same_is_refused(centre):
    request_roles(centre["worker"], centre["administrator"], Role.RESIDENT, Role.SUPERVISOR)
    with pytest.raises(ValidationError, match="请先撤回"):
        request_roles(centre["worker"], centre["administrator"], Role.RESIDENT, Role.DEPUTY)
    engine.withdraw(Sheet.objects.get(), by=centre["administrator"])
    assert request_roles(centre["worker"], centre["administrator"], Role.RESIDENT, Role.DEPUTY).is_open


def test_others_take_the_place_only_while_one_of_the_kind_is_there(administrator, director, worker):
    """The director is the only user of this kind, and is the one who gains."""
    head = UserFactory(department_head=True)
    sheet = request_roles(director, administrator, Role.DIRECTOR, Role.HEAD)
    people, exception = engine.who_decides(sheet)
    assert set(people) == {head}
    assert "有审批权限" in exception
    User.objects.filter(pk=head.pk).update(roles=[Role.RESIDENT])
    assert worker in set(engine.who_decides(sheet)[0])
    User.objects.filter(pk=director.pk).update(is_active=False)
    assert not engine.who_decides(sheet)[0].exists()


def test_new_account_is_no_fallback_confirmer_in_established_centre(administrator, director, worker):
    User.objects.filter(pk=administrator.pk).update(date_joined=timezone.now() - timedelta(days=400))
    sheet = request_roles(director, administrator, Role.DIRECTOR, Role.HEAD)
    assert not engine.who_decides(sheet)[0].exists()
    User.objects.filter(pk=worker.pk).update(date_joined=timezone.now() - timedelta(days=91))
    assert set(engine.who_decides(sheet)[0]) == {worker}


def test_closing_those_who_confirm_opens_no_way(centre, at):
    """The attack: close director and council, then let an ally confirm, or grant alone as in a new centre."""
    today, administrator = at("2026-11-23"), centre["administrator"]
    crony = UserFactory(date_joined=timezone.now() - timedelta(days=400))
    for who in ("director", "council"):
        rights.close_account(centre[who], by=administrator, today=today)
    sheet = request_roles(centre["worker"], administrator, Role.DIRECTOR)
    assert sheet.is_open
    assert not engine.who_decides(sheet)[0].exists()
    with pytest.raises(PermissionDenied):
        engine.approve(sheet, by=crony)


# What becomes of a request.


def test_what_has_changed_since_makes_it_void(centre):
    supervisor = UserFactory(roles=[Role.SUPERVISOR])
    sheet = request_roles(supervisor, centre["administrator"], Role.SUPERVISOR, Role.DEPUTY)
    User.objects.filter(pk=supervisor.pk).update(roles=[Role.RESIDENT])
    assert engine.approve(sheet, by=centre["director"]) is False
    sheet.refresh_from_db()
    assert (sheet.state, roles_of(supervisor)) == ("void", [Role.RESIDENT])


def test_role_taken_away_meanwhile_makes_it_void_at_once(centre):
    supervisor = UserFactory(roles=[Role.SUPERVISOR, Role.RESIDENT])
    sheet = request_roles(supervisor, centre["administrator"], Role.SUPERVISOR, Role.RESIDENT, Role.DEPUTY)
    request_roles(supervisor, centre["administrator"], Role.RESIDENT)
    sheet.refresh_from_db()
    assert sheet.state == "void"


def test_changed_phone_does_not_void_the_sheet(centre):
    sheet = request_roles(centre["worker"], centre["administrator"], Role.SUPERVISOR)
    User.objects.filter(pk=centre["worker"].pk).update(phone="1", version=7)
    assert engine.approve(sheet, by=centre["director"])


def test_refused_with_a_reason_and_withdrawn_by_the_asker_alone(centre):
    sheet = request_roles(centre["worker"], centre["administrator"], Role.SUPERVISOR)
    with pytest.raises(ValidationError):
        engine.send_back(sheet, by=centre["director"], opinion=" ")
    with pytest.raises(PermissionDenied):
        engine.withdraw(sheet, by=centre["director"])
    engine.send_back(sheet, by=centre["director"], opinion="再等等")
    for late in (
        lambda: engine.approve(sheet, by=centre["council"]),
        lambda: engine.withdraw(sheet, by=centre["administrator"]),
    ):
        with pytest.raises(ValidationError, match="已经处理过"):
            late()
    assert roles_of(centre["worker"]) == [Role.RESIDENT]


def test_history_says_number_and_both_names(centre):
    sheet = request_roles(centre["worker"], centre["administrator"], Role.SUPERVISOR)
    engine.approve(sheet, by=centre["director"])
    version = centre["worker"].history.first()
    assert version.history_change_reason == f"第{sheet.pk}号确认单：管提出，总确认"
    assert version.history_user == centre["director"]


def test_old_form_gives_back_no_role_that_was_taken_away(client, centre):
    supervisor = UserFactory(roles=[Role.RESIDENT, Role.DEPARTMENT_STAFF])
    old = page_data(supervisor, ["resident", "department_staff"], phone="2")
    client.force_login(centre["administrator"])
    client.post(f"/accounts/{supervisor.pk}/", page_data(supervisor, ["resident"]))
    answer = client.post(f"/accounts/{supervisor.pk}/", old)
    assert answer.status_code == 409
    assert '<input type="hidden" name="keep_roles" value="theirs">' in answer.content.decode()
    supervisor.refresh_from_db()
    assert (supervisor.roles, supervisor.phone) == (["resident"], "")
    resolved = old | {"version": supervisor.version, "resolving": "1", "keep_roles": "theirs"}
    assert client.post(f"/accounts/{supervisor.pk}/", resolved).status_code == 302
    supervisor.refresh_from_db()
    assert (supervisor.roles, supervisor.phone) == (["resident"], "2")


def test_concurrent_role_edits_show_both_values(client, centre):
    worker = UserFactory()
    old = page_data(worker, ["resident", "volunteer"])
    client.force_login(centre["administrator"])
    client.post(f"/accounts/{worker.pk}/", page_data(worker, ["resident", "front_line"]))
    answer = client.post(f"/accounts/{worker.pk}/", old)
    assert answer.status_code == 409
    assert "驻点社工、一线社工" in answer.content.decode()
    assert "驻点社工、志愿者" in answer.content.decode()


def test_old_form_takes_away_no_role_that_a_sheet_gave_meanwhile(client, centre):
    worker = centre["worker"]
    old = page_data(worker, ["resident"])
    engine.approve(
        request_roles(worker, centre["administrator"], Role.RESIDENT, Role.FINANCE), by=centre["director"]
    )
    client.force_login(centre["administrator"])
    client.post(f"/accounts/{worker.pk}/", old)
    assert roles_of(worker) == [Role.RESIDENT, Role.FINANCE]


@pytest.mark.django_db(transaction=True)
def test_of_two_confirmers_at_once_one_wins(centre):
    sheet = request_roles(centre["worker"], centre["administrator"], Role.SUPERVISOR)
    start, answers = Barrier(2), []

    def answer(user):
        start.wait()
        try:
            answers.append(engine.approve(sheet, by=user))
        except ValidationError:
            answers.append("late")
        finally:
            connection.close()

    threads = [Thread(target=answer, args=[centre[who]]) for who in ("director", "council")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(map(str, answers)) == ["True", "late"]
    assert roles_of(centre["worker"]) == [Role.SUPERVISOR]
    assert centre["worker"].history.filter(history_change_reason__startswith="第").count() == 1


@pytest.mark.django_db(transaction=True)
def test_taking_away_and_confirming_at_once_never_leave_the_role(centre):
    """In either order the account ends closed or without the removed role, and no thread waits forever."""
    worker = UserFactory(roles=[Role.SUPERVISOR, Role.RESIDENT])
    sheet = request_roles(worker, centre["administrator"], Role.SUPERVISOR, Role.RESIDENT, Role.DEPUTY)
    start, failed = Barrier(2), []

    def run(act):
        start.wait()
        try:
            act()
        except ValidationError:
            pass
        except Exception as problem:  # of any kind: the test reports it
            failed.append(problem)
        finally:
            connection.close()

    acts = (
        lambda: engine.approve(sheet, by=centre["director"]),
        lambda: request_roles(worker, centre["administrator"], Role.RESIDENT),
    )
    threads = [Thread(target=run, args=[act]) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    assert Role.SUPERVISOR not in roles_of(worker)
    assert not Sheet.objects.open().exists()


# New centre and rescue.


def test_administrator_sets_a_new_centre_up_alone_and_it_is_kept(administrator, worker):
    sheet = request_roles(worker, administrator, Role.DIRECTOR)
    assert (sheet.state, roles_of(worker)) == ("at_once", [Role.DIRECTOR])
    assert "一人设置" in sheet.exception
    other = UserFactory()
    assert request_roles(other, administrator, Role.SUPERVISOR).is_open


def test_set_up_gives_nobody_their_own_roles(administrator):
    with pytest.raises(rights.OwnRightsError):
        request_roles(administrator, administrator, Role.ADMINISTRATOR, Role.DIRECTOR)


def test_set_up_does_not_come_back_with_the_last_who_confirmed(administrator, director, worker, at):
    User.objects.filter(pk=director.pk).update(is_active=False, roles=[Role.RESIDENT])
    assert not User.objects.with_role(Role.DIRECTOR).exists()
    assert not engine.is_setting_up()
    assert request_roles(worker, administrator, Role.SUPERVISOR).is_open


def test_command_gives_a_role_and_everybody_is_told(administrator, worker, capsys):
    left = UserFactory(director=True, left=True)
    call_command("grant_role", worker.username, "director", reason="总干事离职，没有人能确认")
    assert roles_of(worker) == [Role.RESIDENT, Role.DIRECTOR]
    sheet = Sheet.objects.get()
    assert (sheet.asked_by, sheet.state) == (None, "at_once")
    assert {each.recipient for each in Reminder.objects.open()} == {administrator, worker}
    assert "服务器命令" in worker.history.first().history_change_reason
    for name, role in ((left.username, "director"), ("nobody", "director"), (worker.username, "director")):
        with pytest.raises(CommandError):
            call_command("grant_role", name, role, reason="x")


# The pages.


def test_confirmer_is_counted_for_reminded_and_confirms_in_two_taps(client, centre):
    sheet = request_roles(centre["worker"], centre["administrator"], Role.SUPERVISOR)
    client.force_login(centre["director"])
    reminder = Reminder.objects.get(recipient=centre["director"])
    page = client.get("/approvals/")
    assert sheet.get_absolute_url() == reminder.link
    assert reminder.link in page.content.decode()
    [entry] = [
        item for _g, items in page.context["nav"].groups for item in items if item.href == "/approvals/"
    ]
    assert entry.count == 1
    shown = client.get(reminder.link).content.decode()
    assert "本部门" in shown
    client.post(f"{reminder.link}confirm/", {"opinion": "同意"})
    assert Role.SUPERVISOR in roles_of(centre["worker"])
    assert not Reminder.objects.open().filter(subject=f"sheet:{sheet.pk}:ask").exists()


def test_information_is_put_away_by_its_reader(client, centre):
    engine.approve(
        request_roles(centre["worker"], centre["administrator"], Role.SUPERVISOR), by=centre["director"]
    )
    sheet = Sheet.objects.get()
    client.force_login(centre["worker"])
    notices = Reminder.objects.open().filter(recipient=centre["worker"])
    assert notices.count() == 1
    client.get(sheet.get_absolute_url())
    assert notices.count() == 1
    client.post(f"{sheet.get_absolute_url()}noted/")
    assert notices.count() == 0
    assert Reminder.objects.open().filter(recipient=centre["administrator"]).exists()


def test_stranger_to_a_sheet_does_not_find_it(client, centre):
    sheet = request_roles(centre["worker"], centre["administrator"], Role.SUPERVISOR)
    client.force_login(UserFactory())
    assert client.get(sheet.get_absolute_url()).status_code == 404
    assert client.post(f"{sheet.get_absolute_url()}confirm/").status_code == 404
    assert str(sheet) not in client.get("/approvals/").content.decode()


def test_refusal_keeps_what_was_typed(client, centre):
    sheet = request_roles(centre["worker"], centre["administrator"], Role.SUPERVISOR)
    client.force_login(centre["director"])
    page = client.post(f"{sheet.get_absolute_url()}refuse/", {"opinion": ""})
    assert "请写明不同意的原因" in page.content.decode()
    client.force_login(centre["worker"])
    page = client.post(f"{sheet.get_absolute_url()}confirm/", {"opinion": "我自己同意"})
    assert page.status_code == 403
    assert "不能由您确认" in page.content.decode()


def test_somebody_who_becomes_director_is_asked_as_well(centre):
    sheet = request_roles(centre["worker"], centre["administrator"], Role.SUPERVISOR)
    successor = UserFactory()
    engine.approve(request_roles(successor, centre["administrator"], Role.DIRECTOR), by=centre["council"])
    asking = Reminder.objects.open().filter(recipient=successor, subject=f"sheet:{sheet.pk}:ask")
    assert asking.count() == 1


def test_list_costs_the_same_for_many_confirmed_ones(client, centre, queries_of):
    """Few requests are open; the decided ones grow in number."""
    client.force_login(centre["director"])
    engine.approve(
        request_roles(centre["worker"], centre["administrator"], Role.SUPERVISOR), by=centre["director"]
    )
    few = queries_of("/approvals/")
    for _one in range(4):
        engine.approve(
            request_roles(UserFactory(), centre["administrator"], Role.SUPERVISOR), by=centre["director"]
        )
    assert queries_of("/approvals/") == few
