"""Who may know of a complaint: users on its list, never the accused or excluded; the right ends at once (R153-R158)."""

import pytest
from django.core.exceptions import PermissionDenied
from django.core.files.base import ContentFile
from django.urls import reverse
from hypothesis import given as generated
from hypothesis import strategies as st

from accounts.exceptions import ActionRefused
from accounts.models import User
from accounts.roles import Role
from complaints.access import access_list, masks
from complaints.appointments import hand_over, in_charge
from complaints.appointments.in_charge import NobodyInCharge
from complaints.clocks import notices
from complaints.models import (
    Access,
    AccessRole,
    Appointment,
    Complaint,
    Enclosure,
    ExcludedPerson,
    Improvement,
)
from reminders import clock, steps
from reminders.models import Reminder
from tests.factories.accounts import StandInFactory, UserFactory
from tests.factories.complaints import ComplaintFactory, take_step

pytestmark = pytest.mark.django_db
PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 64


def sees(user, case):
    """Returns whether `user`, loaded again as for a new request, may view `case`."""
    return Complaint.objects.visible_to(User.objects.get(pk=user.pk)).filter(pk=case.pk).exists()


def pages(case):
    """Returns the URLs of all pages of one complaint."""
    names = ("case", "people", "seen", "paper", "paper_word", "measure_new")
    urls = [reverse(f"complaints:{name}", args=[case.number]) for name in names]
    urls += [reverse("complaints:act", args=[case.number, "note"])]
    return urls + [
        reverse("complaints:enclosure", args=[case.number, file.pk]) for file in case.enclosures.all()
    ]


def statuses(client, user, case):
    """Requests all pages of the complaint as `user`. Returns the set of status codes."""
    client.force_login(User.objects.get(pk=user.pk))
    found = set()
    for url in pages(case):
        answer = client.get(url)
        if answer.streaming:
            b"".join(answer.streaming_content)
        found.add(answer.status_code)
    return found


@pytest.fixture
def with_file(head, registrar):
    """A complaint with one enclosure."""
    return ComplaintFactory(by=registrar, files=[(ContentFile(PNG, name="照片.png"), "image/png")])


# Masks.


@pytest.mark.parametrize(
    ("name", "masked"),
    [("", ""), ("陈小满", "陈**"), ("陈", "陈**"), ("欧阳修文", "欧**"), ("Li Wei", "L**")],
)
def test_name_is_masked(name, masked):
    assert masks.masked_name(name) == masked


@pytest.mark.parametrize(
    ("contact", "masked"),
    [
        ("", ""),
        ("13700006021", "137****6021"),
        ("电话13700006021，微信同号", "电话137****6021，微信同号"),
        ("0769-80001234", "0769-8***4"),
        ("0769-80001234 或 13700006021", "0769-8***4 或 137****6021"),
        ("QQ 123456", "QQ 1***6"),
        ("li.wei@example.com", "l***@example.com"),
        ("微信 lizi", "微**"),
        ("8000", "8**"),
    ],
)
def test_contact_is_masked(contact, masked):
    assert masks.masked_contact(contact) == masked


@generated(st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True), st.text(alphabet="微信QQ电话：, ", max_size=8))
def test_no_whole_number_comes_through(number, before):
    masked = masks.masked_contact(before + number)
    assert number not in masked
    assert number[3:7] not in masked or number[3:7] in number[:3] + number[7:]


@generated(st.text(min_size=1, max_size=40))
def test_no_whole_name_or_contact_comes_through(text):
    assert len(masks.masked_name(text)) == 3
    assert masks.masked_contact(text) != text or text.endswith("**")


# The list.


def test_no_role_opens_a_complaint(with_file, head, client):
    everybody = {role: UserFactory(roles=[role]) for role in Role} | {"all": UserFactory(roles=list(Role))}
    assert [role for role, user in everybody.items() if sees(user, with_file)] == []
    assert [role for role, user in everybody.items() if statuses(client, user, with_file) != {404}] == []
    assert sees(head, with_file)


def test_volunteer_on_the_list_reads_like_a_director(with_file, head, client):
    """The list gives access, not a permission."""
    volunteer = UserFactory(roles=[Role.VOLUNTEER])
    take_step(with_file, "list", head, user=volunteer, text="当时在场")
    assert statuses(client, volunteer, with_file) == {200, 403}
    assert client.get(reverse("complaints:case", args=[with_file.number])).status_code == 200


def test_named_person_reads_and_does_nothing(with_file, head, client):
    named = UserFactory()
    take_step(with_file, "list", head, user=named, text="当时在场")
    client.force_login(named)
    for url in (
        reverse("complaints:act", args=[with_file.number, "note"]),
        reverse("complaints:identity", args=[with_file.number]),
        reverse("complaints:paper", args=[with_file.number]),
        reverse("complaints:measure_new", args=[with_file.number]),
    ):
        assert client.post(url, {"text": "x"}).status_code == 403
    assert client.get(reverse("complaints:seen", args=[with_file.number])).status_code == 403
    page = client.get(reverse("complaints:case", args=[with_file.number])).content.decode()
    assert "陈小满" not in page
    assert "13700006021" not in page


@pytest.mark.parametrize("how", ["delisted", "accused", "not to be told", "handed over", "left"])
def test_lost_right_is_lost_at_the_next_request(with_file, head, handler, council, client, how):
    take_step(with_file, "appoint", head, user=handler)
    reader = UserFactory(name="知情人")
    take_step(with_file, "list", head, user=reader, text="当时在场")
    client.force_login(reader)
    assert {client.get(url).status_code for url in pages(with_file)[:2]} == {200}
    lose = {
        "delisted": lambda: take_step(with_file, "delist", head, user=reader),
        "accused": lambda: take_step(with_file, "accuse", handler, users=(reader,)),
        "not to be told": lambda: take_step(with_file, "mark", head, users=(reader,), text="本人要求"),
        "handed over": lambda: take_step(with_file, "pass_headship", head, user=council, text="出差"),
        "left": lambda: User.objects.filter(pk=reader.pk).update(is_active=False),
    }
    lose[how]()
    loser = head if how == "handed over" else reader
    if how == "left":
        assert client.get(pages(with_file)[0]).status_code == 302
        assert not sees(reader, with_file)
    else:
        assert statuses(client, loser, with_file) == {404}
    assert not Reminder.objects.open().filter(recipient=loser, kind="complaint").exists()
    assert not Enclosure.objects.visible_to(User.objects.get(pk=loser.pk)).exists()


def test_inactive_user_sees_nothing_even_on_the_list(case, head):
    User.objects.filter(pk=head.pk).update(is_active=False)
    gone = User.objects.get(pk=head.pk)
    assert not Complaint.objects.visible_to(gone).exists()
    assert not Access.objects.visible_to(gone).exists()
    assert access_list.roles_of(case, gone) == set()
    with pytest.raises(ActionRefused):
        access_list.add_person(case, gone, AccessRole.NAMED, by=None)


def test_stand_in_opens_nothing(with_file, head, client):
    stand_in = UserFactory(roles=[Role.DIRECTOR])
    StandInFactory(absent=head, stand_in=stand_in, starts_on=clock.today(), ends_on=clock.today())
    assert statuses(client, stand_in, with_file) == {404}
    assert with_file.number not in client.get(reverse("complaints:list")).content.decode()


def test_owner_of_a_measure_learns_the_measure_alone(with_file, head, client):
    owner = UserFactory()
    measure = Improvement.objects.create(
        complaint=with_file,
        measure="提前一天告知",
        owner=owner,
        due_on=clock.today(),
        check_on=clock.today(),
    )
    client.force_login(owner)
    page = client.get(measure.get_absolute_url()).content.decode()
    assert "提前一天告知" in page
    assert with_file.number not in page
    assert with_file.title not in page
    assert statuses(client, owner, with_file) == {404}


def test_reminder_to_check_a_measure_ends_with_the_right(case, head, council):
    measure = Improvement.objects.create(
        complaint=case,
        measure="x",
        owner=council,
        due_on=clock.today(),
        check_on=clock.today(),
        done_on=clock.today(),
    )
    steps.sweep(clock.today())
    about = Reminder.objects.open().filter(subject=f"measure:{measure.pk}:check")
    assert about.get().recipient == head
    take_step(case, "pass_headship", head, user=council, text="出差")
    assert not about.filter(recipient=head).exists()


# Adding and removing people.


def test_given_twice_is_one(case, head):
    named = UserFactory()
    first = access_list.add_person(case, named, AccessRole.NAMED, by=head, reason=f" {'在场' * 150} ")
    assert access_list.add_person(case, named, AccessRole.NAMED, by=head) == first
    assert (first.given_by, first.reason) == (head, "在场" * 100)
    access_list.add_person(case, head, AccessRole.HEAD, by=head)
    assert Access.objects.get(complaint=case, role=AccessRole.HEAD).taken_at is None


def test_there_is_one_head_and_one_handler(case, head, handler, council):
    for user in (handler, council):
        access_list.add_person(case, user, AccessRole.HANDLER, by=head)
    live = Access.objects.current().filter(complaint=case, role=AccessRole.HANDLER)
    assert live.get().user == council
    taken = Access.objects.get(complaint=case, user=handler)
    assert (taken.taken_by, taken.taken_at is None) == (head, False)


def test_reminders_end_with_the_last_place_on_the_list(case, head, handler, council):
    take_step(case, "appoint", head, user=handler)
    notices.remind_of_message(case, clock.today())
    about = Reminder.objects.open().filter(subject=f"complaint:{case.pk}:message")
    take_step(case, "appoint", head, user=council)
    assert [reminder.recipient for reminder in about.all()] == [head]
    take_step(case, "pass_headship", head, user=council, text="出差")
    assert not about.all().exists()


def test_handler_who_is_also_named_keeps_reading(case, head, handler, council):
    take_step(case, "appoint", head, user=handler)
    take_step(case, "list", head, user=handler, text="当时在场")
    notices.remind_of_message(case, clock.today())
    take_step(case, "appoint", head, user=council)
    assert Reminder.objects.open().filter(recipient=handler, subject__endswith=":message").exists()
    assert access_list.roles_of(case, handler) == {AccessRole.NAMED}
    assert sees(handler, case)


@pytest.mark.parametrize("place", ["head", "handler"])
def test_head_and_handler_are_changed_not_struck_off(case, head, handler, place):
    take_step(case, "appoint", head, user=handler)
    with pytest.raises(ActionRefused, match="换人"):
        take_step(case, "delist", head, user={"head": head, "handler": handler}[place])


def test_who_may_learn_are_the_active_ones_it_is_not_kept_from(head, council, director):
    accused, untold, gone = UserFactory(), UserFactory(), UserFactory(is_active=False)
    case = ComplaintFactory(accused=[accused], not_told=[untold], not_told_words="家里人")
    offered = set(access_list.eligible_readers(case))
    assert not offered & {accused, untold, gone}
    assert {head, council, director} <= offered
    assert access_list.excluded_users(case) == {accused.pk, untold.pk}
    assert ExcludedPerson.objects.filter(complaint=case, user=None).get().words == "家里人"


def test_a_place_on_one_list_is_none_on_another(case, head, handler, council):
    """Nor does the exclusion from one complaint exclude a user from another."""
    other = ComplaintFactory(accused=[head], not_told=[handler])
    assert access_list.roles_of(case, head) == {AccessRole.HEAD}
    assert access_list.roles_of(other, head) == set()
    assert access_list.roles_of(case, council) == set()
    assert access_list.excluded_users(case) == set()
    assert {head, handler} <= set(access_list.eligible_readers(case))
    assert not {head, handler} & set(access_list.eligible_readers(other))
    with pytest.raises(PermissionDenied):
        take_step(other, "note", head, text="x")
    assert [access.user for access in access_list.people_of(other)] == [council]


# No way leads to the accused or excluded.


@pytest.fixture(params=["accused", "not_told"])
def concerned(request, head):
    """A user who is accused or excluded, and the complaint."""
    user = UserFactory(roles=[Role.DEPUTY], name="当事人")
    return user, ComplaintFactory(**{request.param: [user]})


@pytest.mark.parametrize(
    ("step", "values"), [("appoint", {}), ("list", {"text": "x"}), ("pass_headship", {"text": "x"})]
)
def test_no_step_gives_access_to_concerned_users(concerned, head, step, values):
    user, case = concerned
    with pytest.raises(ActionRefused, match="不能知道"):
        take_step(case, step, head, user=user, **values)
    assert not sees(user, case)
    assert not Access.objects.filter(user=user).exists()


@pytest.mark.parametrize("role", AccessRole.values)
def test_no_place_on_the_list_is_given_to_the_concerned(concerned, role):
    user, case = concerned
    with pytest.raises(ActionRefused):
        access_list.add_person(case, user, role, by=None)


def test_taking_over_leaves_out_what_concerns_the_new_head(concerned, head):
    user, case = concerned
    other = ComplaintFactory()
    assert hand_over.hand_over_to_successor(head, user, by=head, today=clock.today(), reason="换人") == 1
    assert (sees(user, case), sees(user, other)) == (False, True)
    assert (sees(head, case), sees(head, other)) == (True, False)


def test_taking_over_by_oneself_changes_nothing(case, head):
    before = case.acts.count()
    assert hand_over.hand_over_to_successor(head, head, by=head, today=clock.today(), reason="x") == 0
    assert case.acts.count() == before


@pytest.mark.parametrize("word", ["accused", "not_told"])
def test_intake_passes_by_the_head_it_concerns(head, council, word):
    case = ComplaintFactory(**{word: [head]})
    assert case.head == council
    assert not sees(head, case)
    assert not Reminder.objects.filter(recipient=head, kind="complaint").exists()


def test_intake_passes_by_everybody_it_concerns(head, council, director, handler):
    case = ComplaintFactory(accused=[head, council], not_told=[director])
    assert case.head == handler
    with pytest.raises(NobodyInCharge):
        ComplaintFactory(accused=[head, council, director, handler])
    assert Complaint.objects.count() == 1


def test_accused_head_and_handler_are_replaced_at_once(case, head, handler, council):
    take_step(case, "appoint", head, user=handler)
    take_step(case, "accuse", head, users=(head, handler))
    assert (case.head, case.handler, case.state) == (council, None, "with_head")
    assert [sees(user, case) for user in (head, handler, council)] == [False, False, True]


def test_nobody_left_to_take_it_refuses_the_accusation(case, head, council, director):
    with pytest.raises(ActionRefused, match="负责人"):
        take_step(case, "accuse", head, users=(head, council, director))
    case.refresh_from_db()
    assert case.head == head
    assert not case.accused.exists()
    assert sees(head, case)


def test_head_marked_as_not_to_be_told_hands_over(case, head, council):
    take_step(case, "mark", head, users=(head,), is_strict=True, text="本人要求")
    assert (case.head, case.is_strictly_confidential) == (council, True)
    assert [sees(head, case), sees(council, case)] == [False, True]


def test_superior_is_the_next_above_whom_it_does_not_concern(head, director, council):
    assert access_list.superior(ComplaintFactory()) == director
    assert access_list.superior(ComplaintFactory(accused=[director])) == council
    assert access_list.superior(ComplaintFactory(accused=[director], not_told=[council])) is None
    assert access_list.superior(ComplaintFactory(accused=[head, director])) is None
    second = UserFactory(roles=[Role.COUNCIL])
    assert access_list.superior(ComplaintFactory(accused=[head, director])) == second
    Appointment.objects.create(head=head, alternate=second, reason="x")
    assert access_list.superior(ComplaintFactory(accused=[director])) == second
    User.objects.filter(pk=second.pk).update(is_active=False)
    assert access_list.superior(ComplaintFactory(accused=[director])) == council


@pytest.mark.parametrize("is_named", [True, False])
def test_departed_user_is_skipped(head, council, director, is_named):
    if is_named:
        Appointment.objects.create(head=head, alternate=council, reason="x")
    User.objects.filter(pk=head.pk).update(is_active=False)
    assert in_charge.head_for(set()) == (council if is_named else director)
