"""A reset gives no password to whoever asks for it: nothing an administrator is shown or sent opens another account.

The controls: two people, or the person's own mailbox, do open it.
"""

import re
from itertools import permutations

import pytest
from django.core import mail
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from accounts import codes, resets
from accounts.credential_models import WrittenOnce
from accounts.models import AccountEvent, PasswordReset, SecurityLetter, User
from accounts.record import record
from accounts.roles import Role
from accounts.tasks import tell_about_passwords
from reminders.models import Reminder
from tests.factories.accounts import PASSWORD, DepartmentFactory, UserFactory

pytestmark = pytest.mark.django_db
NEW = "another-river-77"
HALF = re.compile(r"\b[0-9A-HJKMNP-TV-Z]{5}(?:-[0-9A-HJKMNP-TV-Z]{5}){2}\b")
EVIL = "administrator@evil.example"


def logged_in(user):
    client = Client()
    client.force_login(user)
    return client


def enter(username, password):
    """A client that has tried to log in, and whether it is in."""
    client = Client()
    client.post("/login/", {"username": username, "password": password})
    return "_auth_user_id" in client.session


def activate(first, second, password=NEW, client=None, **more):
    typed = {"first": first, "second": second, "new_password1": password, "new_password2": password}
    return (client or Client()).post("/activate/", typed | more)


@pytest.fixture
def centre():
    """The smallest centre: an administrator, a director, a member of the council."""
    return {
        "administrator": UserFactory(administrator=True, username="admin", name="管理员", email=EVIL),
        "director": UserFactory(director=True, username="director", name="总干事"),
        "council": UserFactory(council=True, username="council", name="理事"),
    }


# What an administrator alone can reach.


def steps_of_an_administrator(subject):
    """Every act on an account that could lead to a credential, as (address, data)."""
    own = {"name": subject.name, "roles": subject.roles, "email": EVIL, "version": 1}
    pk = subject.pk
    return [
        (f"/accounts/{pk}/", own),
        (f"/admin/accounts/user/{pk}/change/", {"name": subject.name, "email": EVIL, "change_reason": "试"}),
        (f"/accounts/{pk}/reset/", {}),
        (f"/accounts/{pk}/reset/", {"letter": "1"}),
        (f"/accounts/{pk}/sessions/", {"void": "1"}),
        (f"/accounts/{pk}/deactivate/", {}),
        (f"/accounts/{pk}/reactivate/", {}),
        ("/accounts/new/", {"name": "新总干事", "username": "newdirector", "roles": ["director"]}),
        ("/forgotten/", {"username": subject.username}),
        ("/me/email/", {"password": PASSWORD}),
    ]


def everything_shown_to(client, subject):
    """The text of every page an administrator reaches about `subject`, and of every act, and each slip asked for."""
    seen = []
    for url, data in steps_of_an_administrator(subject):
        seen.append(client.post(url, data, follow=True).content.decode())
        for reset in PasswordReset.objects.all():
            for address in (f"/slips/{reset.pk}/", f"/accounts/{reset.user_id}/", "/slips/"):
                seen += [client.get(address).content.decode(), client.post(address).content.decode()]
        for address in (f"/accounts/{subject.pk}/history/", f"/admin/accounts/user/{subject.pk}/history/"):
            seen.append(client.get(address).content.decode())
        tell_about_passwords()
    return seen


@pytest.mark.parametrize("role", ["director", "council", "resident", "left"])
def test_administrator_alone_finds_nothing_that_opens_another_account(centre, role):
    subject = centre.get(role) or UserFactory(left=role == "left", department=DepartmentFactory())
    User.objects.filter(pk=subject.pk).update(email="own@example.org", confirmed_email="own@example.org")
    seen = everything_shown_to(logged_in(centre["administrator"]), User.objects.get(pk=subject.pk))
    mine = [letter.body for letter in mail.outbox if EVIL in letter.to]
    found = {half for text in seen + mine for half in HALF.findall(text)}
    assert found  # first halves are shown: the search does find codes
    for first, second in permutations(found, 2):
        assert resets.find(first, second) is None
    for half in found:
        assert resets.find(half, half) is None
        assert resets.find(half, "") is None
    assert not any(enter(name, half) for name in (subject.username, "newdirector") for half in found)
    assert not PasswordReset.objects.exclude(used_at=None).exists()


def test_such_a_code_would_have_been_found(centre):
    """The control of the search: with the second person's page beside it the same pairs do open the account."""
    subject = centre["council"]
    seen = [logged_in(centre["administrator"]).post(f"/accounts/{subject.pk}/reset/").content.decode()]
    reset = PasswordReset.objects.get()
    seen.append(logged_in(centre["director"]).post(f"/slips/{reset.pk}/").content.decode())
    found = {half for text in seen for half in HALF.findall(text)}
    assert [pair for pair in permutations(found, 2) if resets.find(*pair)]


# The right way: two people.


@pytest.mark.parametrize(
    ("subject", "starter", "second"),
    [
        ("director", "administrator", "council"),
        ("council", "administrator", "director"),
        ("administrator", "director", "council"),
        ("administrator", "council", "director"),
    ],
)
def test_centre_of_three_helps_each_of_them(centre, subject, starter, second):
    person, by = centre[subject], logged_in(centre[starter])
    by_page = reverse("slip_start" if subject == "administrator" else "accounts:reset", args=[person.pk])
    first = by.post(by_page).context["half"]
    reset = PasswordReset.objects.get()
    assert enter(person.username, PASSWORD)  # nobody is put out by a mere start
    other = logged_in(centre[second])
    assert f"/slips/{reset.pk}/" in other.get("/slips/").content.decode()
    half = other.post(f"/slips/{reset.pk}/").context["half"]
    assert activate(half.lower().replace("-", " "), first).headers["Location"] == "/login/"
    assert enter(person.username, NEW)
    assert not enter(person.username, PASSWORD)


def test_new_colleague_without_email_takes_two_forms_and_one_click(centre):
    """Administrator: the form. Department head: the notice leads to the button. The person: the codes."""
    head = UserFactory(department_head=True)
    typed = {"name": "新社工", "username": "newone", "roles": ["resident"], "department": head.department_id}
    first = logged_in(centre["administrator"]).post("/accounts/new/", typed).context["half"]
    reset = PasswordReset.objects.get()
    assert Reminder.objects.open().filter(recipient=head, link="/slips/").exists()
    half = logged_in(head).post(f"/slips/{reset.pk}/").context["half"]
    assert not Reminder.objects.open().filter(subject=f"slip:{reset.pk}").exists()
    activate(first, half)
    client = Client()
    answer = client.post("/login/", {"username": "newone", "password": NEW})
    assert answer.headers["Location"] == reverse("my_work")  # nothing to be told of one's own opening


def test_neither_the_starter_nor_the_person_nor_a_bystander_prints(centre):
    resident = UserFactory()
    reset, _halves = resets.start(resident, by=centre["administrator"], way="slip")
    for nobody in (centre["administrator"], resident, UserFactory(), UserFactory(department_head=True)):
        assert logged_in(nobody).post(f"/slips/{reset.pk}/").status_code == 404
    own = UserFactory(department_head=True, department=resident.department)
    assert logged_in(own).post(f"/slips/{reset.pk}/").status_code == 200


def test_an_administrator_who_also_directs_does_not_print_what_they_started(centre):
    both = UserFactory(roles=[Role.ADMINISTRATOR, Role.DIRECTOR])
    reset, _halves = resets.start(centre["council"], by=both, way="slip")
    assert logged_in(both).post(f"/slips/{reset.pk}/").status_code == 404
    assert both not in resets.second_people(centre["council"], both)


def test_who_may_print_is_the_same_asked_from_both_sides():
    department = DepartmentFactory()
    people = [UserFactory(roles=[role], department=dep) for role in Role for dep in (department, None)]
    people += [UserFactory(roles=[Role.RESIDENT], left=True)]
    heading = UserFactory(roles=[Role.FRONT_LINE])
    department.head = heading
    department.save()
    starter = UserFactory(administrator=True)
    for subject in people:
        if not subject.is_active:
            continue
        reset, _halves = resets.start(subject, by=starter, way="slip")
        asked = set(resets.second_people(subject, starter))
        may = {
            one
            for one in [*people, heading, starter]
            if one.is_active and PasswordReset.objects.printable_by(one).filter(pk=reset.pk).exists()
        }
        assert may == asked, subject.roles


# By letter: only to a mailbox that the person has confirmed.


def confirmed(person, address="own@example.org"):
    User.objects.filter(pk=person.pk).update(email=address, confirmed_email=address)
    return User.objects.get(pk=person.pk)


def halves_in(letter):
    return re.search(r"/activate/#(\S+)", letter.body)[1].split(codes.BETWEEN)


def test_link_goes_to_the_persons_own_mailbox_and_opens_the_account(centre):
    person = confirmed(centre["director"])
    answer = logged_in(centre["administrator"]).post(
        f"/accounts/{person.pk}/reset/", {"letter": "1"}, follow=True
    )
    assert [letter.to for letter in mail.outbox] == [["own@example.org"]]
    assert not HALF.findall(answer.content.decode())
    activate(*halves_in(mail.outbox[0]))
    assert enter(person.username, NEW)


CHANGES_OF_ADDRESS = {
    "the account form": lambda client, person: client.post(
        f"/accounts/{person.pk}/", {"name": person.name, "roles": person.roles, "email": EVIL, "version": 1}
    ),
    "the admin site": lambda client, person: client.post(
        f"/admin/accounts/user/{person.pk}/change/",
        {
            "name": person.name,
            "email": EVIL,
            "phone": "",
            "department": "",
            "change_reason": "试",
            "seen": client.get(f"/admin/accounts/user/{person.pk}/change/")
            .context["adminform"]
            .form["seen"]
            .value(),
        },
    ),
}


@pytest.mark.parametrize("way", CHANGES_OF_ADDRESS)
def test_address_changed_by_somebody_else_gets_no_link_and_the_old_one_is_told(centre, way):
    person, client = confirmed(centre["director"]), logged_in(centre["administrator"])
    CHANGES_OF_ADDRESS[way](client, person)
    person.refresh_from_db()
    assert (person.email, person.has_confirmed_email) == (EVIL, False)
    client.post(f"/accounts/{person.pk}/reset/", {"letter": "1"})
    Client().post("/forgotten/", {"username": person.username})
    tell_about_passwords()
    assert not person.resets.exists()
    assert {address for letter in mail.outbox for address in letter.to} == {"own@example.org"}
    assert Reminder.objects.open().filter(recipient=centre["council"], kind="account").exists()


@pytest.mark.parametrize("way", CHANGES_OF_ADDRESS)
def test_old_address_is_told_though_it_was_never_confirmed(centre, way):
    person = centre["director"]
    User.objects.filter(pk=person.pk).update(email="own@example.org", confirmed_email="")
    person.refresh_from_db()
    CHANGES_OF_ADDRESS[way](logged_in(centre["administrator"]), person)
    tell_about_passwords()
    assert "own@example.org" in {address for letter in mail.outbox for address in letter.to}


def test_address_is_confirmed_by_password_and_mailbox_both(centre):
    person = centre["director"]
    User.objects.filter(pk=person.pk).update(email="own@example.org")
    client = logged_in(person)
    client.post("/me/email/", {"password": "wrong"})
    assert mail.outbox == []
    client.post("/me/email/", {"password": PASSWORD})
    code = re.search(r"/me/email/#(\S+)", mail.outbox[0].body)[1]
    assert (
        logged_in(centre["council"]).post("/me/email/", {"code": code}).status_code == 302
    )  # no address: to me
    client.post("/me/email/", {"code": code[:-1] + ("A" if code[-1] != "A" else "B")})
    assert not User.objects.get(pk=person.pk).has_confirmed_email
    client.post("/me/email/", {"code": code})
    assert User.objects.get(pk=person.pk).has_confirmed_email


def test_code_for_one_address_confirms_no_other(centre):
    person = centre["director"]
    User.objects.filter(pk=person.pk).update(email="own@example.org")
    client = logged_in(person)
    client.post("/me/email/", {"password": PASSWORD})
    code = re.search(r"/me/email/#(\S+)", mail.outbox[0].body)[1]
    User.objects.filter(pk=person.pk).update(email=EVIL)
    client.post("/me/email/", {"code": code})
    assert User.objects.get(pk=person.pk).confirmed_email == ""


def test_a_slip_takes_the_trust_from_the_mailbox(centre):
    """Whoever used it may have been somebody else: the address of before, or theirs, is asked for anew."""
    person = confirmed(centre["director"])
    reset, (first, _none) = resets.start(person, by=centre["administrator"], way="slip")
    activate(first, resets.second_half(reset, by=centre["council"]))
    assert not User.objects.get(pk=person.pk).has_confirmed_email


def test_letter_that_is_not_sent_is_said_and_shown(centre, settings):
    settings.EMAIL_BACKEND = "tests.attack.test_resets.AwayBackend"
    person = confirmed(centre["director"])
    client = logged_in(centre["administrator"])
    answer = client.post(f"/accounts/{person.pk}/reset/", {"letter": "1"}, follow=True)
    assert "链接没有发出去" in answer.content.decode()
    assert person.account_events.filter(kind=AccountEvent.Kind.NOT_SENT).exists()


class AwayBackend:
    """A mail server that is away."""

    def __init__(self, *args, **kwargs):
        pass

    def send_messages(self, letters):
        raise ConnectionRefusedError("away")


def test_letter_about_a_reset_is_tried_again_and_then_shown(centre, settings, at, time_machine):
    at("2026-11-28", 23)  # a Saturday night: these letters do not wait for working hours
    person = confirmed(centre["director"])
    resets.start(person, by=centre["administrator"], way="slip")
    settings.EMAIL_BACKEND = "tests.attack.test_resets.AwayBackend"
    for _hour in range(9):
        tell_about_passwords()
        time_machine.shift(5 * 3600)
    assert SecurityLetter.objects.get().state == "failed"
    page = logged_in(centre["administrator"]).get(f"/accounts/{person.pk}/")
    assert page.context["unsent"] == 1


def test_letter_about_a_reset_goes_out_at_night(centre, at):
    at("2026-11-28", 23)
    person = confirmed(centre["director"])
    resets.start(person, by=centre["administrator"], way="slip")
    tell_about_passwords()
    tell_about_passwords()
    assert [letter.to for letter in mail.outbox] == [["own@example.org"]]
    assert not HALF.findall(mail.outbox[0].body)


# The code itself.


@pytest.fixture
def code(centre):
    """(reset, first, second) for the director, ready to be used."""
    reset, (first, _none) = resets.start(centre["director"], by=centre["administrator"], way="slip")
    return reset, first, resets.second_half(reset, by=centre["council"])


def test_code_is_used_once(centre, code):
    assert activate(*code[1:]).status_code == 302
    assert activate(*code[1:], password="third-river-99").status_code == 200
    assert enter("director", NEW)


def dies_by(centre, how, reset, time_machine):
    administrator, director = centre["administrator"], centre["director"]
    ways = {
        "a newer one": lambda: resets.start(director, by=administrator, way="slip"),
        "cancelling": lambda: resets.cancel(director, by=administrator),
        "closing": lambda: logged_in(administrator).post(f"/accounts/{director.pk}/deactivate/"),
        "time": lambda: time_machine.shift(72 * 3600 + 1),
    }
    return ways[how]


@pytest.mark.parametrize("how", ["a newer one", "cancelling", "closing", "time"])
def test_code_dies(centre, how, at, time_machine):
    at("2026-11-23")
    reset, (first, _none) = resets.start(centre["director"], by=centre["administrator"], way="slip")
    second = resets.second_half(reset, by=centre["council"])
    assert resets.find(first, second)
    dies_by(centre, how, reset, time_machine)()
    assert resets.find(first, second) is None
    assert activate(first, second).status_code == 200


def test_code_of_a_closed_account_stays_dead_after_reopening(centre, code):
    client = logged_in(centre["administrator"])
    client.post(f"/accounts/{centre['director'].pk}/deactivate/")
    client.post(f"/accounts/{centre['director'].pk}/reactivate/")
    assert resets.find(*code[1:]) is None


def test_only_hashes_are_kept(code):
    _reset, first, second = code
    stored = str(list(PasswordReset.objects.values())) + str(list(AccountEvent.objects.values()))
    stored += str(list(SecurityLetter.objects.values())) + str(list(Reminder.objects.values()))
    for half in (first, second):
        assert codes.plain(half)[:8] not in stored
        assert half not in stored
    assert codes.hash_of(first) in stored  # the control


def test_each_half_alone_is_more_than_anybody_guesses():
    assert len(codes.SIGNS) ** codes.LENGTH > 2**64
    drawn = {codes.new_half() for _time in range(200)}
    assert len(drawn) == 200
    assert all(HALF.fullmatch(half) for half in drawn)


def test_guessing_codes_is_stopped_by_address(code):
    for number in range(5):
        answer = activate(code[1], f"{number:015}")
        assert answer.status_code == 200
    assert activate(*code[1:]).status_code == 429
    assert activate(*code[1:], client=Client(REMOTE_ADDR="10.0.0.7")).status_code == 302


def test_unfit_password_keeps_the_code_and_costs_no_try(code):
    for unfit in ("short-9", "password123", "director"):
        page = activate(*code[1:], password=unfit)
        assert "new_password1" in page.context["form"].errors
        assert code[1] in page.content.decode()
    assert activate(*code[1:]).status_code == 302


def test_page_tells_no_other_page_where_it_came_from():
    for answer in (Client().get("/activate/"), activate("x", "y")):
        assert (
            answer.headers["Referrer-Policy"] == "same-origin"
        )  # stricter, and browsers send "Origin: null"
        assert answer.headers["Cache-Control"] == "no-store"


def test_setting_a_password_needs_the_token_of_the_form(code):
    strict = Client(enforce_csrf_checks=True)
    assert activate(*code[1:], client=strict).status_code == 403


def test_session_of_the_thief_ends_with_the_use(centre, code):
    thief = logged_in(centre["director"])
    assert thief.get("/me/").status_code == 200
    activate(*code[1:])
    assert thief.get("/me/").status_code == 302


# The person is told.


def test_notice_stands_before_every_page_until_it_is_acknowledged(centre, code):
    activate(*code[1:])
    client = Client()
    answer = client.post("/login/", {"username": "director", "password": NEW, "next": "/stand-ins/"})
    assert answer.headers["Location"] == "/login/notice/?next=%2Fstand-ins%2F"
    for address in ("/", "/employers/", "/admin/", "/accounts/"):
        assert client.get(address).headers["Location"] == "/login/notice/"
    page = client.get("/login/notice/?next=/stand-ins/")
    for told in ("管理员", "发起了重设密码", "理事", "打印了纸条的另一半", "用重设码设了新密码"):
        assert told in page.content.decode()
    assert client.post("/login/notice/", {"next": "/stand-ins/"}).headers["Location"] == "/stand-ins/"
    assert client.get("/stand-ins/").status_code == 200
    client.post("/logout/")
    assert client.post("/login/", {"username": "director", "password": NEW}).headers["Location"] == "/"


def test_thief_who_acknowledges_hides_nothing(centre, code):
    """Whoever used a stolen code reads the notice first; the person, back by another code, sees both."""
    activate(*code[1:], password="stolen-river-66")
    thief = Client()
    thief.post("/login/", {"username": "director", "password": "stolen-river-66"})
    thief.post("/login/notice/", {})
    again, (first, _none) = resets.start(centre["director"], by=centre["administrator"], way="slip")
    activate(first, resets.second_half(again, by=centre["council"]))
    client = Client()
    client.post("/login/", {"username": "director", "password": NEW})
    assert client.get("/login/notice/").content.decode().count("用重设码设了新密码") == 2


def test_notice_leads_nowhere_else(centre, code):
    activate(*code[1:])
    client = Client()
    client.post("/login/", {"username": "director", "password": NEW})
    answer = client.post("/login/notice/", {"next": "https://evil.example/"})
    assert answer.headers["Location"] == reverse("my_work")


def test_objection_is_heard_by_who_appoints(centre, code):
    activate(*code[1:])
    client = Client()
    client.post("/login/", {"username": "director", "password": NEW})
    assert client.post("/login/notice/", {"objected": "1"}).headers["Location"] == "/password/"
    heard = Reminder.objects.open().filter(recipient=centre["council"], kind="account")
    assert heard.filter(title__contains="不是自己要的").exists()


def test_who_confirms_hears_of_resets_of_sensitive_accounts_alone(centre):
    resets.start(centre["director"], by=centre["administrator"], way="slip")
    heard = Reminder.objects.open().filter(recipient=centre["council"], subject__startswith="account:")
    assert heard.count() == 1
    resets.start(UserFactory(), by=centre["administrator"], way="slip")
    assert heard.count() == 1


def test_record_is_written_once(centre):
    line = record(centre["director"], AccountEvent.Kind.STARTED, by=centre["administrator"])
    for attempt in (line.save, line.delete, AccountEvent.objects.all().delete):
        with pytest.raises(WrittenOnce):
            attempt()
    with pytest.raises(WrittenOnce):
        AccountEvent.objects.update(by=None)


def test_record_is_on_the_page_of_the_account(centre, code):
    page = (
        logged_in(centre["administrator"]).get(f"/accounts/{centre['director'].pk}/history/").content.decode()
    )
    assert "发起了重设密码" in page
    assert "打印了纸条的另一半" in page


# A lost phone; rights that grow; the server.


@pytest.mark.parametrize("void", [False, True])
def test_lost_phone_puts_every_device_out(centre, void):
    thief = logged_in(centre["director"])
    logged_in(centre["administrator"]).post(
        f"/accounts/{centre['director'].pk}/sessions/", {"void": "1"} if void else {}
    )
    assert thief.get("/me/").status_code == 302
    assert enter("director", PASSWORD) is not void


def test_own_password_is_one_that_nobody_else_could_know(centre, code):
    director = centre["director"]
    resets.void_password(director, by=centre["administrator"])
    director.refresh_from_db()
    assert not resets.has_own_password(director)
    activate(*code[1:])
    director.refresh_from_db()
    assert resets.has_own_password(director)
    assert not resets.has_own_password(UserFactory(temporary_password=True))


def test_password_from_the_server_is_recorded_told_and_changed_at_once(centre, monkeypatch):
    monkeypatch.setattr("getpass.getpass", lambda prompt=None: NEW)
    thief = logged_in(centre["director"])
    call_command("changepassword", "director", verbosity=0)
    assert thief.get("/me/").status_code == 302
    director = User.objects.get(username="director")
    assert not resets.has_own_password(director)
    client = Client()
    client.post("/login/", {"username": "director", "password": NEW})
    assert client.get("/").headers["Location"] == "/password/"
    assert director.account_events.get().kind == AccountEvent.Kind.COMMAND


def test_code_from_the_server_opens_the_first_accounts(capsys):
    only = UserFactory(administrator=True, username="only")
    call_command("reset_password", "only")
    page, first, second = capsys.readouterr().out.split()
    assert page.endswith("/activate/")
    activate(first, second)
    assert enter("only", NEW)
    assert only.account_events.untold().exists()


# Asked for on the log-in page.


def test_forgotten_password_is_answered_alike_for_every_name(centre):
    confirmed(centre["director"])
    left = UserFactory(left=True, email="a@example.org", confirmed_email="a@example.org")
    pages = {
        Client(REMOTE_ADDR=f"10.0.3.{place}").post("/forgotten/", {"username": name}).content
        for place, name in enumerate(("director", "council", "nobody", left.username))
    }
    assert len({len(page) for page in pages}) == 1
    assert mail.outbox == []  # nothing is sent while anybody could measure it
    tell_about_passwords()
    assert [letter.to for letter in mail.outbox] == [["own@example.org"]]
    activate(*halves_in(mail.outbox[0]))
    assert enter("director", NEW)


def test_letters_that_anybody_can_ask_for_are_few(centre):
    confirmed(centre["director"])
    for number in range(9):
        Client(REMOTE_ADDR=f"10.0.4.{number}").post("/forgotten/", {"username": "director"})
        tell_about_passwords()
    assert len(mail.outbox) == 3
    for _time in range(5):
        Client().post("/forgotten/", {"username": "council"})
    assert Client().post("/forgotten/", {"username": "council"}).status_code == 429


def test_asking_does_not_end_the_reset_of_a_colleague(centre):
    person = confirmed(centre["director"])
    reset, _halves = resets.start(person, by=centre["administrator"], way="slip")
    Client().post("/forgotten/", {"username": "director"})
    tell_about_passwords()
    assert PasswordReset.objects.live().get() == reset
