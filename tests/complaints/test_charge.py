"""谁负责: changed by those who appoint; what is open goes over, but for what is kept from the new head."""

import pytest

from accounts.roles import Permission, Role, roles_with
from complaints import charge, handing_over
from complaints.models import ActKind, Complaint, InCharge
from complaints.record import broken_chains
from reminders.models import Reminder
from tests.factories.accounts import UserFactory
from tests.factories.complaints import ComplaintFactory, take

CHARGE = "/complaints/charge/"


@pytest.fixture
def heir(head):
    return UserFactory(roles=[Role.HEAD], name="方主任")


@pytest.fixture
def asking(client, head, director):
    client.force_login(director)
    return client


def told(head, alternate, **more):
    return {"head": head.pk, "alternate": alternate.pk, "reason": "周主任调走"} | more


@pytest.mark.parametrize("role", [role for role in Role if role not in roles_with(Permission.APPOINT_HEAD)])
def test_others_neither_look_nor_change(client, head, heir, council, role):
    client.force_login(UserFactory(roles=[role]))
    assert client.get(CHARGE).status_code == 403
    assert client.post(CHARGE, told(heir, council)).status_code == 403
    assert not InCharge.objects.exists()


def test_stranger_is_sent_to_the_log_in(client, head):
    assert client.get(CHARGE).url.startswith("/login/")


def test_page_shows_no_complaint_and_no_number_of_them(asking, registrar):
    before = asking.get(CHARGE).content.decode().partition("<main")[2].partition("<form")[0]
    ComplaintFactory(by=registrar)
    assert asking.get(CHARGE).content.decode().partition("<main")[2].partition("<form")[0] == before


def test_new_head_receives_what_comes_in(asking, heir, council, registrar, director):
    assert asking.post(CHARGE, told(heir, council), follow=True).status_code == 200
    assert ComplaintFactory(by=registrar).head == heir
    kept = InCharge.objects.get()
    assert (kept.head, kept.alternate, kept.set_by, kept.reason) == (heir, council, director, "周主任调走")
    assert "周主任调走" in asking.get(CHARGE).content.decode()


@pytest.mark.parametrize(
    ("changes", "field"),
    [({"alternate": "same"}, "alternate"), ({"reason": " "}, "reason"), ({"head": ""}, "head")],
)
def test_two_people_and_a_reason_are_needed(asking, heir, council, changes, field):
    changes = {name: heir.pk if value == "same" else value for name, value in changes.items()}
    assert field in asking.post(CHARGE, told(heir, council) | changes).context["form"].errors
    assert not InCharge.objects.exists()


def test_only_those_who_lead_may_be_chosen(asking, council, registrar):
    left = UserFactory(roles=[Role.HEAD], is_active=False)
    for nobody in (registrar, left):
        assert "head" in asking.post(CHARGE, told(nobody, council)).context["form"].errors
    assert registrar not in charge.eligible()


def test_open_ones_stay_unless_it_is_asked(asking, case, heir, council, head):
    asking.post(CHARGE, told(heir, council))
    case.refresh_from_db()
    assert case.head == head


def test_open_ones_go_over_with_an_act_a_reminder_and_no_more_sight(
    asking, case, heir, council, head, director
):
    answer = asking.post(CHARGE, told(heir, council, open_ones_too="on"), follow=True)
    case.refresh_from_db()
    act = case.acts.last()
    assert (case.head, act.kind, act.by) == (heir, ActKind.HEAD_CHANGED, director)
    assert "方主任" in act.text
    assert [Complaint.objects.visible_to(user).exists() for user in (head, heir, director)] == [
        False,
        True,
        False,
    ]
    assert Reminder.objects.open().filter(recipient=heir, is_personal=True).count() == 1
    assert not Reminder.objects.open().filter(recipient=head).exists()
    assert broken_chains() == set()
    assert case.number not in answer.content.decode()
    assert "1件" not in answer.content.decode()


def test_what_is_kept_from_the_new_head_stays(asking, case, heir, council, head, registrar):
    about = ComplaintFactory(by=registrar, accused=[heir])
    hidden = ComplaintFactory(by=registrar, not_told=[heir])
    asking.post(CHARGE, told(heir, council, open_ones_too="on"))
    heads = {one.pk: one.head for one in Complaint.objects.all()}
    assert heads == {case.pk: heir, about.pk: head, hidden.pk: head}
    assert set(Complaint.objects.visible_to(heir)) == {case}


def test_the_file_goes_over_without_a_word_and_what_others_head_stays(
    head, heir, council, registrar, today, director
):
    void, theirs = ComplaintFactory(by=registrar), ComplaintFactory(by=registrar, accused=[head])
    take(void, "void", head, text="登记错了")
    assert handing_over.take_over(head, heir, by=director, today=today, reason="调走") == 1
    assert set(Complaint.objects.visible_to(heir)) == {void}
    assert not Reminder.objects.filter(recipient=heir).exists()
    assert Complaint.objects.get(pk=theirs.pk).head == council


def test_handler_who_becomes_head_stands_on_the_list_as_both(case, head, handler, today, director):
    take(case, "appoint", head, user=handler)
    handing_over.take_over(head, handler, by=director, today=today, reason="调走")
    take(case, "note", handler, text="接着办")
    assert (case.head, case.handler) == (handler, handler)


def test_to_the_same_person_nothing_happens(case, head, today, director):
    assert handing_over.take_over(head, head, by=director, today=today, reason="x") == 0
    assert case.acts.count() == 2
