"""谁负责: a new head is requested by one user and confirmed by another.

Open complaints go to the new head only if the confirming user agrees, and never those closed to that person.

"""

import re

import pytest
from django.core.exceptions import PermissionDenied

from accounts.approvals import engine
from accounts.approvals.models import Sheet
from accounts.models import User
from accounts.roles import Permission, Role, roles_with
from complaints.acts.audit_log import broken_chains
from complaints.appointments import hand_over, in_charge
from complaints.appointments import matter as appointment
from complaints.models import ActKind, Appointment, Complaint
from reminders.models import Reminder
from tests.factories.accounts import UserFactory
from tests.factories.complaints import ComplaintFactory, take_step

CHARGE = "/complaints/charge/"


@pytest.fixture
def new_head(head):
    """The user who is to become head."""
    return UserFactory(roles=[Role.HEAD], name="方主任")


@pytest.fixture
def second(council):
    """Another council member, who confirms: the new alternate does not."""
    return UserFactory(roles=[Role.COUNCIL], name="秦理事")


@pytest.fixture
def director_client(client, head, director):
    """A client logged in as the director, who may request the appointment."""
    client.force_login(director)
    return client


def form_data(head, alternate, **more):
    """Returns the form data of an appointment."""
    seen = appointment.current_stamp()
    return {"head": head.pk, "alternate": alternate.pk, "reason": "周主任调走", "seen": seen} | more


def confirmed(director_client, head, alternate, by, agrees=False):
    """Requests the appointment of `head` on its page and confirms it as `by`. Returns (approval request, response).

    `agrees`: `by` agrees to hand the open complaints over.

    """
    director_client.post(CHARGE, form_data(head, alternate))
    [sheet] = Sheet.objects.open()
    director_client.force_login(by)
    answer = director_client.post(
        f"/sheets/{sheet.pk}/confirm/", {"open_ones_too": "on"} if agrees else {}, follow=True
    )
    sheet.refresh_from_db()
    assert sheet.state == "approved"
    return sheet, answer


@pytest.mark.parametrize("role", [role for role in Role if role not in roles_with(Permission.APPOINT_HEAD)])
def test_others_neither_look_nor_change(client, head, new_head, council, role):
    client.force_login(UserFactory(roles=[role]))
    assert client.get(CHARGE).status_code == 403
    assert client.post(CHARGE, form_data(new_head, council)).status_code == 403
    assert not Appointment.objects.exists()


def test_page_shows_no_complaint_and_no_number_of_them(director_client, registrar):
    before = content(director_client, CHARGE)
    ComplaintFactory(by=registrar)
    assert content(director_client, CHARGE) == before


def test_new_head_receives_what_comes_in_once_another_confirms(
    director_client, head, new_head, council, *, second, registrar, director
):
    assert director_client.post(CHARGE, form_data(new_head, council), follow=True).status_code == 200
    assert ComplaintFactory(by=registrar).head == head
    engine.approve(Sheet.objects.get(), by=second)
    assert ComplaintFactory(by=registrar).head == new_head
    new = Appointment.objects.get()
    assert (new.head, new.alternate, new.set_by, new.reason) == (new_head, council, director, "周主任调走")
    assert new.sheet.decided_by == second
    assert "周主任调走" in director_client.get(CHARGE).content.decode()


def test_asker_new_head_and_new_alternate_confirm_nothing(
    director_client, new_head, council, director, registrar
):
    director_client.post(CHARGE, form_data(new_head, council))
    sheet = Sheet.objects.get()
    for user in (director, new_head, council, registrar):
        with pytest.raises(PermissionDenied):
            engine.approve(sheet, by=user)
    assert not Appointment.objects.exists()


def test_who_appoints_themselves_head_waits_for_another(director_client, director, council, second, head):
    director_client.post(CHARGE, form_data(director, council))
    sheet = Sheet.objects.get()
    assert set(engine.who_decides(sheet)[0]) == {second}
    assert in_charge.current_appointment().head == head


def test_old_and_new_head_alternate_and_those_above_are_told(
    director_client, head, new_head, council, director
):
    second = UserFactory(roles=[Role.COUNCIL])
    director_client.post(CHARGE, form_data(new_head, second))
    sheet = Sheet.objects.get()
    assert set(sheet.notified_users.all()) == {head, new_head, council, second, director}
    requests = Reminder.objects.open().filter(subject=f"sheet:{sheet.pk}:ask")
    assert {each.recipient for each in requests} == {head, new_head, council, second}
    engine.approve(sheet, by=council)
    assert not requests.all().exists()
    informed = Reminder.objects.open().filter(subject=f"sheet:{sheet.pk}:told")
    assert {each.recipient for each in informed} == {head, new_head, second, director}


def test_old_form_does_not_undo_a_newer_appointment(director_client, new_head, council, second, director):
    old = form_data(director, council)
    director_client.post(CHARGE, form_data(new_head, council))
    engine.approve(Sheet.objects.get(), by=second)
    answer = director_client.post(CHARGE, old)
    assert answer.status_code == 409
    assert in_charge.current_appointment().head == new_head
    assert not Sheet.objects.open().exists()
    assert f'value="{appointment.current_stamp()}"' in answer.content.decode()


def test_appointment_overtaken_by_another_is_void(director_client, new_head, council, second, director):
    director_client.post(CHARGE, form_data(new_head, council))
    Appointment.objects.create(head=director, alternate=council, reason="先定了")
    assert engine.approve(Sheet.objects.get(), by=second) is False
    assert in_charge.current_appointment().head == director


def test_same_appointment_again_and_a_second_at_once_are_refused(director_client, head, new_head, council):
    Appointment.objects.create(head=head, alternate=council, reason="先定了")
    assert director_client.post(CHARGE, form_data(head, council)).context["form"].errors
    director_client.post(CHARGE, form_data(new_head, council))
    assert director_client.post(CHARGE, form_data(new_head, council)).context["form"].errors
    assert Sheet.objects.count() == 1


@pytest.mark.parametrize("gone", ["left", "no longer eligible"])
def test_new_head_who_cannot_be_any_more_makes_it_void(director_client, new_head, council, second, gone):
    director_client.post(CHARGE, form_data(new_head, council))
    changed = {"left": {"is_active": False}, "no longer eligible": {"roles": [Role.RESIDENT]}}[gone]
    User.objects.filter(pk=new_head.pk).update(**changed)
    assert engine.approve(Sheet.objects.get(), by=second) is False


@pytest.mark.parametrize(
    ("changes", "field"),
    [({"alternate": "same"}, "alternate"), ({"reason": " "}, "reason"), ({"head": ""}, "head")],
)
def test_two_people_and_a_reason_are_needed(director_client, new_head, council, changes, field):
    changes = {name: new_head.pk if value == "same" else value for name, value in changes.items()}
    answer = director_client.post(CHARGE, form_data(new_head, council) | changes)
    assert field in answer.context["form"].errors
    assert not Appointment.objects.exists()


def test_only_those_who_lead_may_be_chosen(director_client, council, registrar):
    left = UserFactory(roles=[Role.HEAD], is_active=False)
    for user in (registrar, left):
        assert "head" in director_client.post(CHARGE, form_data(user, council)).context["form"].errors
    assert registrar not in in_charge.eligible()


def test_open_ones_stay_without_a_word(director_client, case, new_head, council, second, head):
    confirmed(director_client, new_head, council, by=second)
    case.refresh_from_db()
    assert case.head == head


def test_requester_cannot_confirm_the_hand_over(director_client, case, new_head, council, second, head):
    """The requester's tick is only a wish; the confirming user decides."""
    director_client.post(CHARGE, form_data(new_head, council, open_ones_too="on"))
    sheet = Sheet.objects.get()
    director_client.force_login(second)
    assert "checked" not in str(director_client.get(f"/sheets/{sheet.pk}/").context["extra"]["open_ones_too"])
    engine.approve(sheet, by=second)
    case.refresh_from_db()
    assert case.head == head


def test_open_ones_go_over_with_an_act_a_reminder_and_no_more_sight(
    director_client, case, new_head, council, *, second, head, director
):
    _sheet, answer = confirmed(director_client, new_head, council, by=second, agrees=True)
    case.refresh_from_db()
    act = case.acts.last()
    assert (case.head, act.kind, act.by) == (new_head, ActKind.HEAD_CHANGED, second)
    assert "方主任" in act.text
    assert [Complaint.objects.visible_to(user).exists() for user in (head, new_head, director)] == [
        False,
        True,
        False,
    ]
    about = Reminder.objects.open().filter(subject__startswith="complaint:")
    assert about.filter(recipient=new_head, is_personal=True).count() == 1
    assert not about.filter(recipient=head).exists()
    assert broken_chains() == set()
    assert case.number not in answer.content.decode()
    assert "1件" not in answer.content.decode()


def test_word_may_be_given_later_and_counts_once(
    director_client, case, new_head, council, *, second, director, registrar
):
    head = case.head
    sheet, _answer = confirmed(director_client, new_head, council, by=second)
    address = f"/complaints/charge/{sheet.pk}/word/"
    for user in (director, new_head):  # the requester, and the new head
        director_client.force_login(user)
        assert address not in director_client.get(f"/sheets/{sheet.pk}/").content.decode()
        director_client.post(address)
        assert Complaint.objects.get(pk=case.pk).head == head
    director_client.force_login(registrar)
    assert director_client.post(address).status_code == 404
    director_client.force_login(head)
    assert address in director_client.get(f"/sheets/{sheet.pk}/").content.decode()
    director_client.post(address)
    assert Complaint.objects.get(pk=case.pk).head == new_head
    director_client.post(address)
    assert case.acts.filter(kind=ActKind.HEAD_CHANGED).count() == 1
    assert Appointment.objects.get().hand_over_agreed_by == head


def test_page_of_the_sheet_shows_no_number_of_complaints(
    director_client, case, new_head, council, second, registrar
):
    sheet, _answer = confirmed(director_client, new_head, council, by=second)
    before = content(director_client, f"/sheets/{sheet.pk}/")
    ComplaintFactory(by=registrar, accused=[new_head])
    assert content(director_client, f"/sheets/{sheet.pk}/") == before


def content(client, address):
    """Returns the HTML of a page, without navigation and CSRF tokens."""
    page = client.get(address).content.decode()
    main = page[page.index('<div class="phead">') : page.index("</aside>", page.index('<div class="phead">'))]
    return re.sub(r'csrfmiddlewaretoken" value="\w+"', "", main)


def test_complaints_closed_to_the_new_head_are_not_handed_over(
    director_client, case, new_head, council, *, second, head, registrar
):
    about = ComplaintFactory(by=registrar, accused=[new_head])
    hidden = ComplaintFactory(by=registrar, not_told=[new_head])
    confirmed(director_client, new_head, council, by=second, agrees=True)
    heads = {one.pk: one.head for one in Complaint.objects.all()}
    assert heads == {case.pk: new_head, about.pk: head, hidden.pk: head}
    assert set(Complaint.objects.visible_to(new_head)) == {case}


def test_the_file_goes_over_without_a_word_and_what_others_head_stays(
    head, new_head, council, registrar, today, director
):
    void, theirs = ComplaintFactory(by=registrar), ComplaintFactory(by=registrar, accused=[head])
    take_step(void, "void", head, text="登记错了")
    assert hand_over.hand_over_to_successor(head, new_head, by=director, today=today, reason="调走") == 1
    assert set(Complaint.objects.visible_to(new_head)) == {void}
    assert not Reminder.objects.filter(recipient=new_head).exists()
    assert Complaint.objects.get(pk=theirs.pk).head == council


def test_handler_who_becomes_head_stands_on_the_list_as_both(case, head, handler, today, director):
    take_step(case, "appoint", head, user=handler)
    hand_over.hand_over_to_successor(head, handler, by=director, today=today, reason="调走")
    take_step(case, "note", handler, text="接着办")
    assert (case.head, case.handler) == (handler, handler)
