"""Sight for some days gives nothing for longer: guests, stand-ins and supervisors do not pass a record on (R381)."""

from datetime import date, timedelta

import pytest
from django.test import Client
from django.urls import reverse

from accounts.approvals import chains
from accounts.models import Supervision, User
from accounts.roles import Permission, Role
from accounts.supervision import actions as supervision
from relations.approvals import decisions
from relations.models import Decision, Share, Stage, Stakeholder
from relations.parties import actions as register
from relations.parties.own_right import is_guest, may_act, may_change_entry
from relations.shares import actions as shares
from relations.shares import emergencies
from tests.factories.accounts import DepartmentFactory, StandInFactory, UserFactory
from tests.factories.employers import EmployerFactory
from tests.factories.relations import CycleFactory, InteractionFactory, StakeholderFactory
from tests.relations.test_sight_table import record

pytestmark = pytest.mark.django_db
TODAY = date(2026, 10, 12)
NEXT = TODAY + timedelta(1)
REFER = {
    "justification": "对照预估。",
    "referral_form": "formal",
    "referred_to": "康复中心",
    "course": "refer",
}


def browse(user):
    """A browser in which `user` is logged in."""
    browser = Client()
    browser.force_login(User.objects.get(pk=user.pk), backend="accounts.backends.RoleBackend")
    return browser


def may_change(user, contact):
    return may_change_entry(user, contact.stakeholder, contact.entered_by_id)


@pytest.fixture
def here(at):
    at(TODAY)
    return DepartmentFactory(name="社会服务部")


@pytest.fixture
def there(here):
    return DepartmentFactory(name="项目部")


@pytest.fixture
def head(here):
    return UserFactory(roles=[Role.HEAD], department=None, name="周主任")


@pytest.fixture
def employer(here):
    return EmployerFactory(name="记录镇办", responsible=UserFactory(department=here), department=here)


@pytest.fixture
def secret(here):
    worker = UserFactory(department=here)
    return EmployerFactory(name="保密镇办", responsible=worker, department=here, confidential=True)


@pytest.fixture
def guest(there):
    return UserFactory(department_head=True, department=there, name="邻部门主任")


def open_to(what, user, head, way="share"):
    """Makes the record visible to `user` today."""
    if way == "stand-in":
        StandInFactory(absent=what.responsible, stand_in=user, starts_on=TODAY, ends_on=TODAY)
        return
    shares.create_share(what, user, by=head, reason="看一天", starts_on=TODAY, ends_on=TODAY, today=TODAY)


def sees(user, what):
    return Stakeholder.objects.visible_to(User.objects.get(pk=user.pk)).filter(pk=what.pk).exists()


def values_of(form):
    """What a browser would submit of an unchanged form."""
    values = {name: form[name].value() for name in form.fields}
    return {
        name: "on" if value is True else value for name, value in values.items() if value not in (None, False)
    }


WAYS = ["share", "stand-in"]


@pytest.mark.parametrize("way", WAYS)
def test_record_is_not_handed_over_by_who_sees_it_for_a_day(at, employer, guest, head, way):
    open_to(employer, guest, head, way)
    session, page = browse(guest), f"{reverse('employers:hand_over')}?pick={employer.pk}"
    seen = session.get(page).context["form"]["seen"].value()
    answer = session.post(page, {"to": guest.pk, "seen": seen})
    assert answer.status_code == 200
    assert "记录镇办您只是代理、督导或者经授权才看得到" in answer.content.decode()
    assert answer.context["form"]["to"].value() == str(guest.pk)
    at(NEXT)
    assert not sees(guest, employer)


@pytest.mark.parametrize("way", WAYS)
def test_record_is_not_voided_by_who_sees_it_for_a_day(employer, guest, head, way):
    open_to(employer, guest, head, way)
    session = browse(guest)
    acts = session.get(employer.get_absolute_url()).context["more_acts"]
    assert reverse("employers:void", args=[employer.pk]) not in [act["href"] for act in acts]
    assert (
        session.post(reverse("employers:void", args=[employer.pk]), {"reason": "不要了"}).status_code == 403
    )
    with pytest.raises(register.ActionRefused, match="记录镇办"):
        register.void_record(employer, by=guest, reason="不要了", today=TODAY)
    assert sees(head, employer)


def test_stand_in_edits_but_moves_no_record_and_opens_none(secret, there):
    deputy = UserFactory(department_head=True, department=there)
    open_to(secret, deputy, None, "stand-in")
    session, page = browse(deputy), reverse("employers:edit", args=[secret.pk])
    form = session.get(page).context["form"]
    assert not {"department", "is_confidential"} & set(form.fields)
    answer = session.post(page, values_of(form) | {"address": "新路八号", "department": there.pk})
    assert answer.status_code == 302
    secret.refresh_from_db()
    assert (secret.address, secret.is_confidential) == ("新路八号", True)
    assert secret.department != there


def test_worker_and_leader_still_move_and_open_their_records(secret, there, head):
    for user, field in ((secret.responsible, "is_confidential"), (head, "department")):
        form = browse(user).get(reverse("employers:edit", args=[secret.pk])).context["form"]
        assert field in form.fields
    acts = [act["href"] for act in browse(head).get(secret.get_absolute_url()).context["more_acts"]]
    assert reverse("employers:void", args=[secret.pk]) in acts


def test_guest_reads_and_logs_and_does_nothing_else(employer, there, head):
    guest = UserFactory(department=there, roles=[Role.RESIDENT])
    open_to(employer, guest, head)
    session, cycle = browse(guest), employer.cycles.get()
    shown = session.get(employer.get_absolute_url())
    assert (shown.status_code, shown.context["may_log"], shown.context["may_edit"]) == (200, True, False)
    assert not shown.context["panel"].next_step
    assert session.get(reverse("quick_log_for", args=[employer.pk])).status_code == 200
    refused = {
        "edit": reverse("employers:edit", args=[employer.pk]),
        "decide": reverse("relations:decide", args=[cycle.pk]),
        "stage": reverse("relations:contact", args=[cycle.pk]),
        "move": reverse("relations:move", args=[cycle.pk, "assess"]),
        "task": reverse("relations:add_task", args=[employer.pk]),
    }
    assert {name: session.get(url).status_code for name, url in refused.items()} == dict.fromkeys(
        refused, 403
    )


@pytest.mark.parametrize("way", WAYS)
def test_confidential_record_seen_for_a_day_is_not_shown_on(secret, there, head, way):
    manager, friend = UserFactory(roles=[Role.MANAGER], department=there), UserFactory()
    open_to(secret, manager, head, way)
    form = {"user": friend.pk, "reason": "也看看", "starts_on": TODAY, "ends_on": TODAY}
    session = browse(manager)
    assert not session.get(reverse("relations:access", args=[secret.pk])).context["can_give"]
    assert session.post(reverse("relations:share", args=[secret.pk]), form).status_code == 403
    with pytest.raises(shares.ActionRefused, match="按角色"):
        shares.create_share(
            secret, friend, by=manager, reason="看", starts_on=TODAY, ends_on=TODAY, today=TODAY
        )
    assert not sees(friend, secret)


def test_supervisor_does_not_show_a_client_on(here, head):
    worker, boss = UserFactory(department=here), UserFactory(department_head=True, department=here)
    client = record("client", "黄伯", of=worker, department=here, is_confidential=True)
    supervision.assign_supervisor(worker, boss, by=head, starts_on=TODAY)
    assert sees(boss, client)
    form = {"user": UserFactory().pk, "reason": "也看看", "starts_on": TODAY, "ends_on": TODAY}
    assert browse(boss).post(reverse("relations:share", args=[client.pk]), form).status_code == 403
    assert not Share.objects.exists()


def test_stand_in_who_decided_sees_the_client_for_those_days_only(at, here):
    worker, deputy = UserFactory(department=here), UserFactory(roles=[Role.FRONT_LINE])
    leader = UserFactory(department_head=True, department=here)
    client = StakeholderFactory(kind="client", name="黄伯", responsible=worker, department=here)
    cycle = CycleFactory(stakeholder=client, stage=Stage.DECISION)
    decision = decisions.propose(Decision(cycle=cycle, **REFER), by=worker)
    StandInFactory(absent=leader, stand_in=deputy, starts_on=TODAY, ends_on=TODAY)
    browse(deputy).post(reverse("relations:answer", args=[decision.pk, "approve"]), {"note": "好"})
    decision.refresh_from_db()
    assert decision.decided_by == deputy
    at(NEXT)
    assert not sees(deputy, client)


@pytest.fixture
def supervised(here, head):
    """A worker and their supervisor of the year 2020."""
    worker, boss = UserFactory(department=here), UserFactory()
    Supervision.objects.create(
        worker=worker, supervisor=boss, starts_on=date(2020, 1, 1), ends_on=date(2020, 12, 31), set_by=head
    )
    return worker, boss


def hand_over(what, to, head):
    register.hand_over(Stakeholder.objects.filter(pk=what.pk), to=to, by=head, today=TODAY)


def test_former_supervisor_does_not_see_what_came_to_the_worker_after_closing(here, head, supervised):
    worker, boss = supervised
    closed = record("client", "旧案", of=UserFactory(), department=here, closed_on=date(2020, 6, 1))
    hand_over(closed, worker, head)
    assert not sees(boss, closed)


def test_former_supervisor_keeps_what_the_worker_gave_away_after_closing(here, head, supervised):
    worker, boss = supervised
    closed = record("client", "旧案", of=worker, department=here, closed_on=date(2020, 6, 1))
    hand_over(closed, UserFactory(department=here), head)
    assert sees(boss, closed)


def test_stand_in_of_who_is_asked_is_a_guest_as_well(here, there):
    """A request that asks the absent colleague opens the client to the stand-in, to read and decide, not to work on."""
    worker, boss = UserFactory(department=here), UserFactory(roles=[Role.BUSINESS_LEAD], department=None)
    chains.change_chain(
        "decision", steps=[("business_lead", None)], by=UserFactory(director=True), reason="试行"
    )
    client = StakeholderFactory(kind="client", name="黄伯", responsible=worker, department=here)
    cycle = CycleFactory(stakeholder=client, stage=Stage.DECISION)
    decisions.propose(Decision(cycle=cycle, **REFER), by=worker)
    deputy = UserFactory(roles=[Role.RESIDENT], department=there)
    StandInFactory(absent=boss, stand_in=deputy, starts_on=TODAY, ends_on=TODAY)
    assert [sees(user, client) for user in (boss, deputy)] == [True, True]
    for user in (boss, deputy):
        assert is_guest(user, client)
        assert not may_act(user, client, Permission.EDIT)
        assert may_act(user, client, Permission.LOG)


def test_review_list_and_review_agree(here, there, head):
    """Who leads a client reviews its emergencies and finds them in the list; who sees it for a day does neither."""
    worker, leader = UserFactory(department=here), UserFactory(department_head=True, department=here)
    client = record("client", "黄伯", of=worker, department=here)
    people = {
        "head": head,
        "leader": leader,
        "guest": UserFactory(department_head=True, department=there),
        "stand-in": UserFactory(department_head=True, department=there),
        "worker": worker,
    }
    open_to(client, people["guest"], head)
    open_to(client, people["stand-in"], head, "stand-in")
    emergency = emergencies.open_in_emergency(
        client, UserFactory(department=there), reason="老人失联", today=TODAY
    )
    assert all(sees(user, client) for user in people.values())
    listed = {who for who, user in people.items() if emergencies.reviewable_by(user).exists()}
    may = {who for who, user in people.items() if emergencies.may_review(user, emergency)}
    assert listed == may == {"head", "leader"}


def test_contact_in_the_own_record_is_not_corrected_by_who_it_is_about(here, head):
    subject = UserFactory(department_head=True, department=here)
    own = StakeholderFactory(kind="staff", responsible=None, account=subject, department=here, by=head)
    contact = InteractionFactory(stakeholder=own)
    assert [may_change(user, contact) for user in (subject, head)] == [False, True]


@pytest.mark.parametrize("way", ["share", "stand-in"])
def test_guest_who_may_approve_elsewhere_corrects_no_contact_of_others(way, employer, guest, head):
    """A guest reads and logs (R381); a stand-in does the work of the absent colleague."""
    theirs, own = InteractionFactory(stakeholder=employer), InteractionFactory(stakeholder=employer, by=guest)
    open_to(employer, guest, head, way)
    statuses = [browse(guest).get(f"/interactions/{one.pk}/correct/").status_code for one in (theirs, own)]
    assert statuses == [403 if way == "share" else 200, 200]
