"""No user gives themselves rights: whatever an administrator posts, no right grows without a second user.

The administrator submits to every URL what its form accepts, together with every field that could give rights: all
roles, other departments, headship, an appointment, a stand-in, records of others. What all users hold is compared, so
that an account created for the purpose counts as well.
"""

import pytest

from accounts.approvals import engine
from accounts.approvals.models import Sheet
from accounts.models import Department, StandIn, Supervision, User
from accounts.people import actions
from accounts.roles import Role, is_sensitive
from complaints.appointments import in_charge
from complaints.models import Access, Appointment
from relations.models import Share, Stakeholder
from tests.attack.answers import asking, session_for, undone
from tests.attack.declared import ACCOUNTS, COMPLAINTS, EXPECTED, NOBODY
from tests.attack.filling import filled, forms_of
from tests.attack.resolver import by_name
from tests.attack.world import FAR, OWN
from tests.factories.accounts import UserFactory

pytestmark = pytest.mark.django_db
SITE = by_name()
POSTED = sorted(name for name, line in EXPECTED.items() if line.post != NOBODY and name in SITE)
ADMIN_PAGES = [
    "admin:accounts_user_change",
    "admin:accounts_department_change",
    "admin:accounts_standin_change",
]
RIGHTS = [
    name
    for name in POSTED
    if name in ACCOUNTS or name in COMPLAINTS or name.startswith(("stand_in", "sheet", "supervision"))
]


AIMED = {
    "head",
    "alternate",
    "supervisor",
    "responsible",
    "worker",
    "owner",
    "user",
}  # fields that name a user who would gain rights


@pytest.fixture
def crony(world):
    """An ordinary account that the administrator has opened alone."""
    return UserFactory(name="熟人", department=world.near)


@pytest.fixture
def administrator(world):
    return world.people[Role.ADMINISTRATOR]


def held():
    """Returns every right that gives access.

    Sensitive roles, departments, heads, stand-ins, supervision, shares, access lists.
    """
    people = User.objects.filter(is_active=True)
    found = {("role", user.pk, role) for user in people for role in user.roles if is_sensitive(role)}
    found |= {
        ("department", user.pk, user.department_id)
        for user in people
        if any(map(is_sensitive, user.roles)) and user.department_id
    }
    found |= {("heads", *row) for row in Department.objects.exclude(head=None).values_list("pk", "head")}
    arranged = StandIn.objects.uncancelled()
    found |= {
        ("stands in", *row) for row in arranged.values_list("absent", "stand_in", "starts_on", "ends_on")
    }
    supervised = Supervision.objects.values_list("worker", "supervisor", "starts_on", "ends_on")
    found |= {("supervises", *row) for row in supervised}
    shared = Share.objects.filter(taken_back_at=None)
    found |= {("shared", *row) for row in shared.values_list("stakeholder", "user", "kind", "ends_on")}
    now = in_charge.current_appointment()
    found |= {("in charge", now.head_id), ("alternate", now.alternate_id)} if now else set()
    live = Access.objects.current()
    return found | {("knows", *row) for row in live.values_list("complaint", "user", "role")}


def growth(before, *people):
    """Returns the rights added since `before`; access to complaints counts only for `people` (others are heads)."""
    pks = {user.pk for user in people}
    return {right for right in held() - before if right[0] != "knows" or right[2] in pks}


def records_of(*people):
    """Returns the number of records each user is responsible for."""
    return [Stakeholder.objects.filter(responsible=user).count() for user in people]


def greed(world, crony, administrator, target, roles):
    """Returns every field that gives rights, filled in for `target`."""
    director = world.people[Role.DIRECTOR]
    return {
        "roles": roles,
        "department": world.other.pk,
        "head": target.pk,
        "alternate": administrator.pk,
        "supervisor": target.pk,
        "absent": director.pk,
        "stand_in": crony.pk,
        "starts_on": "2026-10-12",
        "ends_on": "2026-10-20",
        "responsible": target.pk,
        "worker": target.pk,
        "owner": target.pk,
        "user": target.pk,
        "by": administrator.pk,
        "asked_by": director.pk,
        "decided_by": director.pk,
        "state": "approved",
        "is_active": "on",
        "reason": "工作需要",
        "change_reason": "更正",
        "username": "crony-of-crony",
        "name": "新同事",
        "email": "",
        "open_ones_too": "on",
        "opinion": "同意",
    }


def addresses_of(world, name, people):
    """Returns the URLs to which the administrator posts: of a record of the world, or of the accounts of `people`."""
    values = world.values(EXPECTED[name].of, OWN)
    pks = [user.pk for user in people] if EXPECTED[name].of == "account" else [values["pk"]]
    return list(dict.fromkeys(SITE[name].url({**values, "pk": pk}) for pk in pks))


def plain(client, address):
    """Returns (the data that the forms of the page would submit, the names of their fields)."""
    shown = forms_of(client.get(address).context)
    return (
        {name: value for form in shown for name, value in filled(form, "字").items()},
        {name for form in shown for name in form.fields},
    )


def post(client, address, data):
    """Posts `data`, added to what the forms of the page would submit; returns the response."""
    return client.post(address, plain(client, address)[0] | data)


def tried(world, crony, administrator, names, roles):
    """Posts everything as the administrator; returns the rights that grew."""
    found, client = [], asking(world.sessions[Role.ADMINISTRATOR])
    before, records = held(), records_of(administrator, crony)
    for name in names:
        for address in addresses_of(world, name, [crony, administrator]):
            sent, fields = plain(client, address)
            for target in (crony, administrator) if fields & AIMED else (crony,):
                with undone():
                    client.post(address, sent | greed(world, crony, administrator, target, roles))
                    if grown := growth(before, administrator, crony):
                        found.append((address, target.name, sorted(grown, key=str)))
                    if records_of(administrator, crony) > records:
                        found.append((address, target.name, "records"))
    return found


@pytest.mark.parametrize("role", [role for role in Role if is_sensitive(role)])
def test_no_form_of_rights_gives_a_role_alone(world, crony, administrator, role):
    assert tried(world, crony, administrator, ACCOUNTS_POSTED, [role, Role.RESIDENT]) == []


ACCOUNTS_POSTED = [
    name for name in RIGHTS if name in ("accounts:new", "accounts:edit", "accounts:reactivate")
]


def test_no_address_at_all_gives_a_right_alone(world, crony, administrator):
    others = [name for name in POSTED if name not in ACCOUNTS_POSTED]
    assert tried(world, crony, administrator, others, [Role.DIRECTOR, Role.ADMINISTRATOR]) == []


@pytest.mark.parametrize("name", ADMIN_PAGES)
def test_no_page_of_the_admin_site_gives_a_right(world, crony, administrator, name):
    client = asking(world.sessions[Role.ADMINISTRATOR])
    row = {"user": crony, "department": world.near, "standin": world.families[FAR].rows["stand_in"]}
    address = SITE[name].url({"object_id": row[name.split("_")[1]].pk})
    with undone():
        before = held()
        departments = set(User.objects.values_list("pk", "department"))
        post(client, address, greed(world, crony, administrator, crony, [Role.DIRECTOR]))
        assert growth(before) == set()
        assert set(User.objects.values_list("pk", "department")) == departments


def test_administrator_and_accomplice_cannot_confirm_each_other(world, crony, administrator):
    with undone():
        client = asking(world.sessions[Role.ADMINISTRATOR])
        address = SITE["accounts:edit"].url({"pk": crony.pk})
        post(client, address, greed(world, crony, administrator, crony, [Role.DIRECTOR]))
        sheet = Sheet.objects.get(matter="roles", about=crony)
        before = held()
        for session in (world.sessions[Role.ADMINISTRATOR], session_for(crony)):
            asking(session).post(f"/sheets/{sheet.pk}/confirm/", {"opinion": "同意"})
        assert growth(before) == set()
        assert Sheet.objects.get(pk=sheet.pk).is_open


def test_closed_account_that_is_opened_again_brings_no_role_back(world, crony, administrator):
    client = asking(world.sessions[Role.ADMINISTRATOR])
    deputy = world.people[Role.DEPUTY]
    with undone():
        client.post(SITE["accounts:deactivate"].url({"pk": deputy.pk}))
        before = held()
        client.post(SITE["accounts:reactivate"].url({"pk": deputy.pk}))
        assert User.objects.get(pk=deputy.pk).is_active
        assert growth(before) == set()


# Controls: rights grow with a confirmation, and a bypass would be noticed.


def test_confirmed_way_lets_them_grow(world, crony, administrator):
    client = asking(world.sessions[Role.ADMINISTRATOR])
    with undone():
        address = SITE["accounts:edit"].url({"pk": crony.pk})
        post(client, address, greed(world, crony, administrator, crony, [Role.DIRECTOR]))
        sheet, before = Sheet.objects.get(matter="roles", about=crony), held()
        asking(world.sessions[Role.COUNCIL]).post(f"/sheets/{sheet.pk}/confirm/")
        assert ("role", crony.pk, Role.DIRECTOR) in growth(before)


def test_bypass_of_confirmation_is_detected(world, crony, administrator):
    with undone():
        before = held()
        crony.roles = [Role.DIRECTOR]
        actions.change_account(crony, by=administrator)
        Department.objects.filter(pk=world.other.pk).update(head=crony)
        Appointment.objects.create(head=crony, alternate=administrator, reason="x")
        Supervision.objects.create(
            worker=administrator, supervisor=crony, starts_on="2026-10-12", set_by=administrator
        )
        grown = {kind for kind, *_rest in growth(before)}
        assert grown >= {"role", "heads", "in charge", "alternate", "supervises"}


def test_appointment_by_one_alone_is_none(world, crony):
    """The director appoints themselves head: nothing changes until another user confirms; open complaints stay."""
    director = world.people[Role.DIRECTOR]
    client = asking(world.sessions[Role.DIRECTOR])
    with undone():
        Sheet.objects.filter(matter="in_charge").update(state="void", decided_at="2026-10-12T00:00Z")
        council, other = world.people[Role.COUNCIL], UserFactory(council=True)
        before = held()
        data = {"head": director.pk, "alternate": council.pk, "reason": "我来", "open_ones_too": "on"}
        post(client, "/complaints/charge/", data)
        assert growth(before) == set()
        [sheet] = Sheet.objects.open().filter(matter="in_charge")
        client.post(f"/sheets/{sheet.pk}/confirm/", {"open_ones_too": "on"})
        assert growth(before) == set()
        with pytest.raises(engine.NotApprover):
            engine.approve(sheet, by=council)
        engine.approve(sheet, by=other)
        assert {kind for kind, *_rest in growth(before)} == {"in charge", "alternate"}


# New names and reopened accounts: a confirmation counts only for the person it was given for.


def renamed(client, person, name, way="the form"):
    """Changes the name of `person` as administrator, on the account page or in the admin site; returns the response."""
    if way == "the form":
        return post(
            client,
            SITE["accounts:edit"].url({"pk": person.pk}),
            {"name": name, "email": "", "reason": "更正"},
        )
    address = SITE["admin:accounts_user_change"].url({"object_id": person.pk})
    return post(client, address, {"name": name, "email": "", "change_reason": "更正"})


WAYS = ["the form", "the admin site"]


@pytest.mark.parametrize("way", WAYS)
def test_name_given_while_a_sheet_waits_voids_it(world, crony, administrator, way):
    client = asking(world.sessions[Role.ADMINISTRATOR])
    with undone():
        address = SITE["accounts:edit"].url({"pk": crony.pk})
        post(
            client,
            address,
            {"roles": [Role.DIRECTOR, Role.RESIDENT], "name": crony.name, "email": "", "reason": "任命"},
        )
        sheet = Sheet.objects.open().get(matter="roles", about=crony)
        before = held()
        assert renamed(client, crony, "新名字", way).status_code == 302
        page = asking(world.sessions[Role.COUNCIL]).get(sheet.get_absolute_url()).content.decode()
        assert crony.username in page
        assert "提出时叫熟人" in page
        assert engine.approve(sheet, by=world.people[Role.COUNCIL]) is False
        assert growth(before) == set()


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("when", ["now", "earlier"])
def test_name_of_another_colleague_is_refused(world, crony, way, when):
    director = world.people[Role.DIRECTOR]
    client = asking(world.sessions[Role.ADMINISTRATOR])
    with undone():
        name = director.name
        if when == "earlier":
            assert renamed(client, director, "另一个名字", way).status_code == 302
        answer = renamed(client, crony, name, way)
        assert "这个名字另一位同事用过" in answer.content.decode()
        assert User.objects.get(pk=crony.pk).name == "熟人"


@pytest.mark.parametrize("way", WAYS)
def test_other_name_of_who_sees_much_is_told_and_may_be_taken_back(world, way):
    director, council = world.people[Role.DIRECTOR], world.people[Role.COUNCIL]
    client = asking(world.sessions[Role.ADMINISTRATOR])
    with undone():
        name = director.name
        assert renamed(client, director, "另一个名字", way).status_code == 302
        [sheet] = Sheet.objects.filter(matter="name", about=director)
        assert {director, council} <= set(sheet.notified_users.all())
        assert name in asking(world.sessions[Role.COUNCIL]).get(sheet.get_absolute_url()).content.decode()
        assert (
            renamed(client, director, name, way).status_code == 302
        )  # a user's own earlier name is not taken


def test_other_name_of_an_ordinary_colleague_tells_nobody(world, crony):
    with undone():
        renamed(asking(world.sessions[Role.ADMINISTRATOR]), crony, "新名字")
        assert User.objects.get(pk=crony.pk).name == "新名字"
        assert not Sheet.objects.filter(matter="name").exists()


def test_earlier_name_still_keeps_a_complaint_from_its_head(world):
    director = world.people[Role.DIRECTOR]
    with undone():
        name = director.name
        renamed(asking(world.sessions[Role.ADMINISTRATOR]), director, "另一个名字")
        assert director in in_charge.people_named_in(f"不要告诉{name}")
        assert director in in_charge.people_named_in("不要告诉另一个名字")
        assert director not in in_charge.people_named_in("不要告诉别人")


def test_account_opened_again_heads_and_stands_in_no_more(world, crony, administrator):
    client = asking(world.sessions[Role.ADMINISTRATOR])
    with undone():
        Department.objects.filter(pk=world.near.pk).update(head=crony)
        days = {"starts_on": "2020-01-01", "ends_on": "2099-12-31", "created_by": administrator}
        director = world.people[Role.DIRECTOR]
        StandIn.objects.create(absent=director, stand_in=crony, **days)
        StandIn.objects.create(absent=crony, stand_in=world.people[Role.COUNCIL], **days)
        others = StandIn.objects.uncancelled().exclude(stand_in=crony).exclude(absent=crony).count()
        client.post(SITE["accounts:deactivate"].url({"pk": crony.pk}))
        client.post(SITE["accounts:reactivate"].url({"pk": crony.pk}))
        assert User.objects.get(pk=crony.pk).is_active
        assert not crony.headed_departments.exists()
        assert StandIn.objects.uncancelled().count() == others
        sheet = Sheet.objects.get(matter="headship", subject=f"department:{world.near.pk}")
        assert (sheet.state, sheet.asked["then"]) == ("at_once", None)
        assert world.people[Role.COUNCIL] in sheet.notified_users.all()
