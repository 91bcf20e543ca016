"""Records shared with a user beyond their role: given, ended, opened in an emergency, reviewed (R381)."""

import re
from datetime import date, timedelta

import pytest
from django.core import mail
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts import rights
from accounts.exceptions import ActionRefused
from accounts.models import RefusedAttempt, Supervision, User
from accounts.roles import Role
from relations.models import Share, Stakeholder
from relations.shares import actions, emergencies
from relations.shares.who_sees import who_sees
from reminders import clock
from reminders.deliveries import deliver
from reminders.models import Reminder
from reminders.steps import sweep
from tests.factories.accounts import DepartmentFactory, StandInFactory, UserFactory
from tests.relations.test_sight_table import record, seen_by

pytestmark = pytest.mark.django_db
TODAY = date(2026, 10, 12)
LAST = TODAY + timedelta(9)


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
def client(here):
    return record(
        "client", "黄伯", of=UserFactory(department=here, name="苏文"), department=here, number="FW-1"
    )


@pytest.fixture
def leader(here):
    return UserFactory(department_head=True, department=here, name="罗主任")


@pytest.fixture
def colleague():
    return UserFactory(name="吴敏")


def give(client, user, leader, **days):
    """Shares the client with `user`."""
    days = {"starts_on": TODAY, "ends_on": LAST} | days
    return actions.create_share(client, user, by=leader, reason="共同服务", today=TODAY, **days)


@pytest.mark.parametrize(
    ("day", "sees"),
    [(TODAY - timedelta(1), False), (TODAY, True), (LAST, True), (LAST + timedelta(1), False)],
    ids=["day before", "first day", "last day", "day after"],
)
@pytest.mark.parametrize("kind", ["employer", "client", "staff"])
def test_share_runs_from_the_first_to_the_last_day(at, leader, colleague, kind, day, sees):
    give(record(kind, "记录", of=UserFactory(), department=leader.department), colleague, leader)
    at(day)
    assert (seen_by(colleague) == {"记录"}) is sees


def test_what_was_taken_back_is_closed_on_the_next_request(client, leader, colleague):
    share, session = give(client, colleague, leader), browse(colleague)
    page = reverse("relations:plain_record", args=[client.pk])
    assert session.get(page).status_code == 200
    actions.revoke_share(share, by=leader, today=TODAY)
    assert session.get(page).status_code == 404
    actions.revoke_share(share, by=colleague, today=TODAY)
    share.refresh_from_db()
    assert share.taken_back_by == leader


def reads_cautions(user, stakeholder):
    """Whether `user`, asking anew, may read the notes of caution of the record."""
    return stakeholder.may_see_caution(User.objects.get(pk=user.pk))


@pytest.mark.parametrize("kind", ["employer", "client", "staff"])
def test_share_alone_does_not_open_notes_of_caution(here, leader, kind):
    """R38: a supervisor of another department, whose role reads such notes, sees the record without them."""
    supervisor = UserFactory(supervisor=True, department=DepartmentFactory())
    shared = record(kind, "记录", of=UserFactory(), department=here)
    give(shared, supervisor, leader)
    assert seen_by(supervisor) == {"记录"}
    assert not reads_cautions(supervisor, shared)
    assert reads_cautions(leader, shared)


def test_share_takes_no_notes_of_caution_from_who_sees_the_record_without_it(client, leader):
    supervisor = UserFactory(supervisor=True)
    give(client, supervisor, leader)
    assert not reads_cautions(supervisor, client)
    Supervision.objects.create(
        worker=client.responsible, supervisor=supervisor, starts_on=TODAY, set_by=leader
    )
    assert reads_cautions(supervisor, client)


def test_emergency_opens_notes_of_caution_to_roles_that_read_them(client, leader):
    """R38, R381: in an urgent crisis they are what has to be known; a resident does not read them even then."""
    director, resident = UserFactory(director=True), UserFactory()
    for user in (director, resident):
        emergencies.open_in_emergency(client, user, reason="有人受伤", today=TODAY)
    assert (reads_cautions(director, client), reads_cautions(resident, client)) == (True, False)


def test_closed_notes_of_caution_take_one_query_for_many_records(here, leader, django_assert_num_queries):
    supervisor = UserFactory(supervisor=True)
    shared = [record("client", name, of=UserFactory(), department=here) for name in "甲乙丙"]
    for each in shared:
        give(each, supervisor, leader)
    supervisor = User.objects.get(pk=supervisor.pk)
    with django_assert_num_queries(1):
        assert [each.may_see_caution(supervisor) for each in shared] == [False, False, False]


def test_share_is_not_passed_on_to_who_stands_in(client, leader, colleague):
    give(client, colleague, leader)
    deputy = UserFactory()
    StandInFactory(absent=colleague, stand_in=deputy, starts_on=TODAY, ends_on=TODAY)
    assert seen_by(deputy) == set()


@pytest.mark.parametrize(
    "role", [Role.COUNCIL, Role.FINANCE, Role.ADMINISTRATOR, Role.PERSONNEL, Role.VOLUNTEER]
)
def test_who_sees_numbers_or_nothing_is_given_no_name(client, leader, role):
    other = UserFactory(roles=[role])
    with pytest.raises(ActionRefused, match="授权也没有用"):
        give(client, other, leader)
    Share.objects.create(
        stakeholder=client, user=other, reason="共同服务", starts_on=TODAY, ends_on=TODAY, given_by=leader
    )
    assert seen_by(other) == set()


@pytest.mark.parametrize(
    ("starts_on", "ends_on"),
    [
        (TODAY, TODAY - timedelta(1)),
        (TODAY - timedelta(9), TODAY - timedelta(1)),
        (TODAY, TODAY + timedelta(180)),
    ],
)
def test_days_that_make_no_sense_are_refused(client, leader, colleague, starts_on, ends_on):
    with pytest.raises(ActionRefused, match="最多180天"):
        give(client, colleague, leader, starts_on=starts_on, ends_on=ends_on)


def test_second_share_of_the_same_days_is_refused(client, leader, colleague):
    give(client, colleague, leader)
    with pytest.raises(ActionRefused, match="已经有授权"):
        give(client, colleague, leader, starts_on=LAST)
    give(client, colleague, leader, starts_on=LAST + timedelta(1), ends_on=LAST + timedelta(2))


@pytest.mark.parametrize(
    ("roles", "is_near", "may"),
    [
        ([Role.DEPARTMENT_HEAD], True, True),
        ([Role.HEAD], False, True),
        ([Role.DEPARTMENT_HEAD], False, False),
        ([Role.DIRECTOR], True, False),
        ([Role.SUPERVISOR], True, False),
        ([Role.RESIDENT], True, False),
    ],
)
def test_who_leads_shows_a_client_to_others(here, client, colleague, roles, is_near, may):
    asker = UserFactory(roles=roles, department=here if is_near else DepartmentFactory())
    form = {"user": colleague.pk, "reason": "共同服务", "starts_on": TODAY, "ends_on": LAST}
    answer = browse(asker).post(reverse("relations:share", args=[client.pk]), form)
    assert answer.status_code == (302 if may else 404)
    assert Share.objects.exists() is may


def test_form_that_is_refused_says_why_and_begins_today(client, leader, colleague):
    session, address = browse(leader), reverse("relations:share", args=[client.pk])
    page = session.get(reverse("relations:access", args=[client.pk])).content.decode()
    assert f'value="{TODAY.isoformat()}"' in page
    form = {"user": colleague.pk, "reason": "", "starts_on": TODAY, "ends_on": TODAY - timedelta(1)}
    assert "error" in session.post(address, form).content.decode()
    answer = session.post(address, form | {"reason": "共同服务"})
    assert "最多180天" in answer.content.decode()
    assert not Share.objects.exists()


def test_share_gives_no_right_to_share(client, leader, colleague):
    """A head of another department with a share sees the page of shares and may not create one."""
    guest = UserFactory(department_head=True)
    give(client, guest, leader)
    session = browse(guest)
    assert session.get(reverse("relations:access", args=[client.pk])).status_code == 200
    form = {"user": colleague.pk, "reason": "也看看", "starts_on": TODAY, "ends_on": LAST}
    assert session.post(reverse("relations:share", args=[client.pk]), form).status_code == 403


def test_page_names_who_sees_and_why(client, leader, colleague):
    give(client, colleague, leader)
    head = UserFactory(roles=[Role.HEAD], name="中心负责人甲")
    deputy = UserFactory(name="代理乙")
    StandInFactory(absent=client.responsible, stand_in=deputy, starts_on=TODAY, ends_on=TODAY)
    reasons = {seer.user: str(seer.words) for seer in who_sees(client, TODAY)}
    assert reasons == {
        client.responsible: "负责社工",
        leader: "部门",
        head: "全中心",
        colleague: "授权",
        deputy: "代理苏文",
    }
    page = browse(leader).get(reverse("relations:access", args=[client.pk])).content.decode()
    assert all(user.name in page for user in reasons)


def test_page_names_an_emergency_as_such(client, leader, colleague):
    """Who opened the record alone was not given it: an emergency is no 授权."""
    guest = UserFactory(name="被授权的同事")
    give(client, guest, leader)
    emergencies.open_in_emergency(client, colleague, reason="走失，要照片", today=TODAY)
    reasons = {seer.user: (seer.words, seer.share.ends_on) for seer in who_sees(client, TODAY) if seer.share}
    assert reasons == {guest: ("授权", LAST), colleague: ("紧急查看", TODAY)}


@pytest.mark.parametrize("waiting", [0, 1, 2])
def test_page_has_one_primary_act(client, leader, waiting):
    """The review that is owed comes first; without one, the form to share."""
    for _each in range(waiting):
        emergencies.open_in_emergency(client, UserFactory(), reason="走失，要照片", today=TODAY)
    page = browse(leader).get(reverse("relations:access", args=[client.pk])).content.decode()
    main = page[page.index("<main") : page.index("</main>")]
    primary = re.findall(r"<button\s[^>]*btn-primary[^>]*>\s*([^<\s]+)", main)
    assert primary == (["复核"] if waiting else ["授权给这位同事"])
    assert main.count("/review/") == waiting


def test_page_agrees_with_what_everybody_sees(client, leader, colleague):
    """The page names exactly the users who may view the record."""
    people = [UserFactory(roles=[role], department=client.department) for role in Role]
    give(client, people[5], leader)
    named = {seer.user for seer in who_sees(client, TODAY)}
    assert named == {user for user in User.objects.all() if seen_by(user)}
    assert people[5] in named


@pytest.fixture
def emergency(client, colleague, leader):
    return emergencies.open_in_emergency(client, colleague, reason="老人失联", today=TODAY)


def test_emergency_opens_the_record_and_tells_who_leads(client, colleague, leader, emergency):
    head = UserFactory(roles=[Role.HEAD])
    assert seen_by(colleague) == {"黄伯"}
    assert Reminder.objects.get().recipient == leader
    assert "吴敏紧急查看了黄伯" in Reminder.objects.get().title
    sweep(TODAY)
    reminders = Reminder.objects.open().filter(subject=f"share:{emergency.pk}")
    assert set(reminders.values_list("recipient", flat=True)) == {leader.pk, head.pk}


def pages_in_menu(user):
    """The addresses that the menus of a page show to `user`."""
    navigation = browse(user).get("/me/").context["nav"]
    items = [item for _group, shown in navigation.groups for item in shown] + navigation.personal
    return {item.href for item in items}


@pytest.mark.parametrize("role", Role)
def test_menu_leads_to_emergencies_who_may_open_or_review_them(here, role):
    user = UserFactory(roles=[role], department=here)
    shown, session = pages_in_menu(user), browse(user)
    opens = reverse("relations:emergency") in shown
    reviews = reverse("relations:emergencies") in shown
    assert opens == bool(emergencies.emergency_kinds(user))
    assert reviews == (role in (Role.HEAD, Role.SERVICE_HEAD, Role.DEPARTMENT_HEAD))
    assert session.get(reverse("relations:emergencies")).status_code == (200 if reviews else 403)
    found = session.get(reverse("search"), {"q": "没有这个人"})
    if found.status_code == 200:
        assert ("负责的同事联系不上" in found.content.decode()) == opens


def test_list_of_reviews_shows_what_others_opened_where_one_leads(client, leader, colleague, emergency):
    other = UserFactory(department_head=True)
    own = emergencies.open_in_emergency(
        record("client", "别处", of=UserFactory(), department=other.department),
        leader,
        reason="急",
        today=TODAY,
    )
    address = reverse("relations:emergencies")
    assert list(browse(leader).get(address).context["waiting"]) == [emergency]
    assert list(browse(other).get(address).context["waiting"]) == [own]
    head = UserFactory(roles=[Role.HEAD])
    assert set(browse(head).get(address).context["waiting"]) == {emergency, own}
    give(client, other, leader)
    assert list(browse(other).get(address).context["waiting"]) == [own]


def test_reviewed_emergency_moves_down_the_list(leader, emergency):
    browse(leader).post(reverse("relations:share_review", args=[emergency.pk]), {"opinion": "情况属实"})
    page = browse(leader).get(reverse("relations:emergencies"))
    assert (list(page.context["waiting"]), list(page.context["reviewed"])) == ([], [emergency])
    assert "情况属实" in page.content.decode()


def test_list_of_reviews_asks_as_much_for_many(here, leader, colleague, django_assert_num_queries):
    def opened(number):
        for _place in range(number):
            one = record("client", "张婆婆", of=UserFactory(department=here), department=here)
            actions.save_with_history(
                Share(
                    stakeholder=one,
                    user=colleague,
                    kind=Share.Kind.EMERGENCY,
                    reason="急",
                    starts_on=TODAY,
                    ends_on=TODAY,
                    given_by=colleague,
                ),
                colleague,
            )

    session, address = browse(leader), reverse("relations:emergencies")
    opened(1)
    session.get(address)
    with CaptureQueriesContext(connection) as few:
        session.get(address)
    opened(3)
    with django_assert_num_queries(len(few)):
        assert len(session.get(address).context["waiting"]) == 4


def test_emergency_is_over_the_next_day_and_waits_for_its_review(at, colleague, emergency):
    at(TODAY + timedelta(1))
    assert seen_by(colleague) == set()
    assert Share.objects.to_review().get() == emergency


def test_letter_about_an_emergency_names_nobody(leader, emergency):
    User.objects.filter(pk=leader.pk).update(email="luo@example.com", confirmed_email="luo@example.com")
    emergencies.close_reminders([emergencies.reminder_subject(emergency)])
    Reminder.objects.all().delete()
    emergencies.notify_reviewers(emergency, TODAY)
    deliver(clock.now())
    (letter,) = mail.outbox
    text = letter.body + letter.alternatives[0].content
    assert "服务对象，请登录后查看" in text
    assert "黄伯" not in text


def test_review_is_done_by_another_and_once(colleague, leader, emergency):
    address = reverse("relations:share_review", args=[emergency.pk])
    assert browse(colleague).post(address, {"opinion": "没问题"}).status_code == 403
    assert browse(leader).post(address, {"opinion": "情况属实"}).status_code == 302
    emergency.refresh_from_db()
    assert (emergency.reviewed_by, emergency.opinion) == (leader, "情况属实")
    assert not Reminder.objects.open().exists()
    with pytest.raises(ActionRefused, match="已经复核"):
        emergencies.review_emergency(
            emergency, by=UserFactory(roles=[Role.HEAD]), opinion="再看", today=TODAY
        )


def test_review_without_an_opinion_is_asked_again(leader, emergency):
    answer = browse(leader).post(reverse("relations:share_review", args=[emergency.pk]), {"opinion": ""})
    assert answer.status_code == 200
    assert Share.objects.to_review().exists()


def test_emergency_page_opens_by_number_or_whole_name(client, leader, colleague):
    session, address = browse(colleague), reverse("relations:emergency")
    for typed, is_found in (("黄", False), ("FW-2", False), ("fw-1", True)):
        answer = session.post(address, {"record": typed, "reason": "老人失联"})
        assert (answer.status_code == 302) is is_found
    assert Share.objects.get().user == colleague
    assert RefusedAttempt.objects.filter(user=colleague, route="relations:emergency").exists()


def test_emergency_asks_why(client, colleague):
    browse(colleague).post(reverse("relations:emergency"), {"record": "FW-1", "reason": " "})
    assert not Share.objects.exists()


@pytest.mark.parametrize("kind", ["employer", "partner", "staff"])
def test_emergency_is_for_clients_alone(here, colleague, kind):
    record(kind, "别的", of=UserFactory(), department=here, number="X-1")
    browse(colleague).post(reverse("relations:emergency"), {"record": "X-1", "reason": "急"})
    assert not Share.objects.exists()


@pytest.mark.parametrize(
    ("role", "status"),
    [
        (Role.FINANCE, 403),
        (Role.ADMINISTRATOR, 403),
        (Role.PERSONNEL, 403),
        (Role.VOLUNTEER, 403),
        (Role.COUNCIL, 200),
    ],
)
def test_emergency_opens_nothing_to_who_sees_numbers(client, role, status):
    answer = browse(UserFactory(roles=[role])).post(
        reverse("relations:emergency"), {"record": "FW-1", "reason": "急"}
    )
    assert answer.status_code == status
    assert not Share.objects.exists()


def test_emergencies_of_a_day_are_numbered(client, here, colleague):
    """Attempts to find names that do not exist count as well."""
    RefusedAttempt.objects.create(
        user=colleague,
        method="POST",
        route="relations:emergency",
        status=404,
        minute=clock.now(),
        last_at=clock.now(),
        times=5,
    )
    with pytest.raises(ActionRefused, match="次数已经用完"):
        emergencies.open_in_emergency(client, colleague, reason="急", today=TODAY)


def test_record_one_sees_is_opened_without_an_emergency(client):
    answer = browse(client.responsible).post(
        reverse("relations:emergency"), {"record": "FW-1", "reason": "急"}
    )
    assert answer.status_code == 302
    assert not Share.objects.exists()


@pytest.mark.parametrize(
    "fields",
    [
        {"ends_on": TODAY - timedelta(1)},
        {"reason": ""},
        {"given_by": "user"},
        {"kind": "emergency"},
        {"taken_back_at": "2026-10-12T00:00:00Z"},
        {
            "kind": "emergency",
            "given_by": "user",
            "reviewed_by": "user",
            "reviewed_at": "2026-10-12T00:00:00Z",
        },
    ],
    ids=["ends first", "no reason", "to oneself", "by another", "back by nobody", "own review"],
)
def test_database_refuses_what_cannot_be(client, leader, colleague, fields):
    values = {"stakeholder": client, "user": colleague, "given_by": leader, "reason": "共同服务"}
    values |= {"starts_on": TODAY, "ends_on": TODAY}
    values |= {name: colleague if value == "user" else value for name, value in fields.items()}
    with pytest.raises(IntegrityError), transaction.atomic():
        Share.objects.create(**values)
    assert Stakeholder.objects.filter(pk=client.pk).exists()


def shown_errors(answer):
    return [str(each) for each in answer.context["form"].errors.values()]


def test_emergency_form_says_the_same_of_found_and_not_found_after_the_limit(client, colleague):
    """Whatever opened nothing is counted, also a hit after the limit; those who lead are told once."""
    head = UserFactory(roles=[Role.HEAD])
    session, address = browse(colleague), reverse("relations:emergency")
    for turn in range(5):
        answer = session.post(address, {"record": f"没有这个人{turn}", "reason": "急"})
        assert "没有找到" in str(shown_errors(answer))
    typed = {"record": "FW-2", "reason": "急"}
    missed, hit = session.post(address, typed), session.post(address, {"record": "FW-1", "reason": "急"})
    assert shown_errors(missed) == shown_errors(hit)
    assert "次数已经用完" in str(shown_errors(hit))
    assert hit.context["form"]["reason"].value() == "急"
    attempts = RefusedAttempt.objects.filter(user=colleague, route="relations:emergency")
    assert sum(attempts.values_list("times", flat=True)) == 7
    assert not Share.objects.exists()
    assert Reminder.objects.filter(recipient=head, subject__startswith="emergency-limit:").count() == 1


def test_emergency_is_not_opened_again_before_its_review_nor_soon_after_it_was_revoked(
    at, client, colleague, leader, emergency
):
    typed = {"record": "FW-1", "reason": "再看"}

    def opens_on(day):
        at(day)
        before = Share.objects.count()
        browse(colleague).post(reverse("relations:emergency"), typed)
        return Share.objects.count() > before

    assert not opens_on(TODAY + timedelta(1))
    emergencies.review_emergency(emergency, by=leader, opinion="属实", today=TODAY)
    assert opens_on(TODAY + timedelta(2))
    second = Share.objects.latest("pk")
    actions.revoke_share(second, by=leader, today=TODAY + timedelta(2))
    emergencies.review_emergency(second, by=leader, opinion="不必要", today=TODAY + timedelta(2))
    assert not opens_on(TODAY + timedelta(3))
    assert opens_on(TODAY + timedelta(120))


def test_emergency_that_nobody_can_review_is_told_without_a_name(here, colleague):
    orphan = record("client", "黄伯", of=UserFactory(department=None), department=None, number="FW-9")
    with pytest.raises(ActionRefused, match="没有人可以复核"):
        emergencies.open_in_emergency(orphan, colleague, reason="急", today=TODAY)
    assert not Share.objects.exists()
    director = UserFactory(director=True)
    emergencies.open_in_emergency(orphan, colleague, reason="急", today=TODAY)
    sweep(TODAY)
    told = Reminder.objects.open().get(recipient=director, subject__startswith="emergency-")
    assert "吴敏" in told.title
    assert "黄伯" not in told.title


def test_shares_in_a_row_last_no_longer_than_one(client, leader, colleague):
    """Neither from today on, nor one after another with a few days between."""
    with pytest.raises(ActionRefused, match="从今天算起最多180天"):
        give(client, colleague, leader, starts_on=TODAY + timedelta(100), ends_on=TODAY + timedelta(180))
    first = give(client, colleague, leader, ends_on=TODAY + timedelta(100))
    after = {"today": TODAY + timedelta(90), "by": leader, "reason": "还要看"}
    long = {"starts_on": TODAY + timedelta(107), "ends_on": TODAY + timedelta(180)}
    with pytest.raises(ActionRefused, match="连着的授权一共最多180天"):
        actions.create_share(client, colleague, **after, **long)
    actions.create_share(client, colleague, **after, **long | {"starts_on": TODAY + timedelta(108)})
    assert Share.objects.exclude(pk=first.pk).get().ends_on == TODAY + timedelta(180)


def test_closed_account_has_no_share_when_it_is_opened_again(client, leader, colleague):
    share, administrator = give(client, colleague, leader), UserFactory(administrator=True)
    rights.close_account(colleague, by=administrator, today=TODAY)
    rights.reopen_account(User.objects.get(pk=colleague.pk), by=administrator)
    assert seen_by(User.objects.get(pk=colleague.pk)) == set()
    share.refresh_from_db()
    assert share.taken_back_by == administrator
