"""Registering and editing employers and their contact persons."""

import uuid
from datetime import date, time
from threading import Barrier, Thread

import pytest
from django.db import connection
from django.forms import ModelForm

from employers.models import Employer
from relations.models import ContactPerson, Cycle, Duty, Interaction
from relations.parties.forms import PersonForm
from reminders.models import Reminder
from reminders.steps import sweep
from tests.employers.desk import MARKER, asking, errors
from tests.factories.accounts import DepartmentFactory, UserFactory
from tests.factories.employers import EmployerFactory
from tests.factories.relations import ContactPersonFactory

pytestmark = pytest.mark.django_db
NEW = "/employers/new/"


def typed(place, **changed):
    """Returns the form data of a new employer."""
    return {
        "kind": "employer",
        "name": "青岚镇社会事务局",
        "body_type": "government",
        "relation": "both",
        "supervision": "direct",
        "town": "青岚镇",
        "source": "they_came",
        "responsible": place.worker.pk,
        "first_contact_on": "2026-10-09",
        "first_contact_time": "10:30",
        "received_by": place.staff.pk,
        "preliminary_needs": "希望开展长者服务。",
        "person_level": "clerk",
        "token": str(uuid.uuid4()),
    } | changed


def test_registering_is_for_those_who_edit(place):
    assert asking(place.finance).get(NEW).status_code == 403
    assert asking(place.finance).post(NEW, typed(place)).status_code == 403
    assert not Employer.objects.exists()


@pytest.mark.parametrize(
    ("changed", "field", "words"),
    [
        ({"source": ""}, "source", "请填写这一项。"),
        ({"source": "other"}, "source_detail", "来源选了“其他”，请写明是怎样联系上的。"),
        ({"kind": "client"}, "kind", "这里登记用人单位；服务对象请在它自己的名册里登记。"),
        ({"first_contact_on": "2026-10-13"}, "first_contact_on", "首次联系不能在今天以后，请检查日期。"),
        ({"first_contact_on": ""}, "first_contact_on", "请填写这一项。"),
        ({"received_by": ""}, "received_by", "请填写这一项。"),
        ({"name": "  "}, "name", "请填写这一项。"),
        ({"person_title": "局长"}, "person_name", "请写对接人的姓名。"),
        (
            {"person_name": "梁晓东", "person_phone": "问他秘书"},
            "person_phone",
            "请只写电话号码，例如 0769-80001234 转 8，或 13700004521。",
        ),
    ],
)
def test_registering_says_what_is_missing(place, changed, field, words):
    """R5-R6, R12, R15-R16, R34."""
    answer = asking(place.worker).post(NEW, typed(place, **changed))
    assert errors(answer) == {field: [words]}
    assert not Employer.objects.exists()


def test_registering_keeps_the_first_contact_and_the_main_liaison(place):
    answer = asking(place.worker).post(
        NEW,
        typed(
            place,
            person_name="梁晓东",
            person_title="局长",
            person_level="bureau_director",
            person_phone="0769-80001234 转 8",
        ),
    )
    employer = Employer.objects.get()
    cycle, person = Cycle.objects.get(), ContactPerson.objects.get()
    assert answer.url == f"/employers/{employer.pk}/"
    assert (employer.number, employer.department) == (f"YR-{employer.pk:04d}", place.department)
    assert (cycle.first_contact_on, cycle.first_contact_time) == (date(2026, 10, 9), time(10, 30))
    assert (cycle.received_by, cycle.class_confirmed) == (place.staff, True)
    assert (person.name, person.is_main, person.level) == ("梁晓东", True, "bureau_director")
    assert list(asking(place.worker).get("/employers/?q=梁晓").context["rows"])


def test_form_sent_twice_makes_one_employer(place):
    client, data = asking(place.worker), typed(place)
    first, second = client.post(NEW, data), client.post(NEW, data)
    assert first.url == second.url
    assert Employer.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_form_sent_by_many_hands_at_once_makes_one_employer(place):
    client_count, data, statuses = 4, typed(place), []
    start = Barrier(client_count)

    def send():
        client = asking(place.worker)
        start.wait()
        try:
            statuses.append(client.post(NEW, data).status_code)
        finally:
            connection.close()

    threads = [Thread(target=send) for _ in range(client_count)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    assert statuses == [302] * client_count
    assert Employer.objects.count() == 1


def test_similar_name_within_sight_is_shown_once(place):
    known = EmployerFactory(name="青岚镇社会事务局", responsible=place.worker)
    client = asking(place.worker)
    answer = client.post(NEW, typed(place, name="青岚镇社会事务分局"))
    assert errors(answer) == {"name": ["已经有名称相同或相近的单位，请先看看是不是同一家。"]}
    assert f'href="/employers/{known.pk}/"' in answer.content.decode()
    assert client.post(NEW, typed(place, name="青岚镇社会事务分局", anyway="on")).status_code == 302


@pytest.mark.parametrize("name", ["青岚镇社会事务局", "青岚镇社会事务分局"])
def test_same_or_similar_name_out_of_sight_is_not_told(place, name):
    EmployerFactory(name="青岚镇社会事务局", responsible=place.stranger)
    assert asking(place.worker).post(NEW, typed(place, name=name)).status_code == 302


def test_hidden_record_gives_404_before_403(place):
    employer = EmployerFactory(responsible=place.worker)
    assert asking(place.stranger).get(f"/employers/{employer.pk}/edit/").status_code == 404
    assert asking(place.finance).get(f"/employers/{employer.pk}/edit/").status_code == 403


def edited(employer, **changed):
    """Returns the form data of `employer`, at version 1, with the fields that are `changed`."""
    names = ("name", "body_type", "relation", "supervision", "town", "address", "source")
    data = {name: getattr(employer, name) for name in names}
    return (
        data
        | {"responsible": employer.responsible_id, "department": employer.department_id, "version": 1}
        | changed
    )


def test_edit_can_be_found_under_the_new_name(place):
    employer = EmployerFactory(responsible=place.worker)
    client = asking(place.worker)
    client.post(f"/employers/{employer.pk}/edit/", edited(employer, name="白鹭街道总工会"))
    assert [row.record.name for row in client.get("/employers/?q=bljd").context["rows"]] == ["白鹭街道总工会"]


def test_edit_does_not_hand_over(place):
    employer = EmployerFactory(responsible=place.worker)
    data = edited(employer, responsible=place.stranger.pk)
    assert asking(place.head).post(f"/employers/{employer.pk}/edit/", data).status_code == 302
    employer.refresh_from_db()
    assert employer.responsible == place.worker


def test_edit_of_the_department_moves_its_duties(place):
    employer = EmployerFactory(responsible=place.worker, active=True)
    other = DepartmentFactory()
    url = f"/employers/{employer.pk}/edit/"
    asking(place.worker).post(url, edited(employer, department=other.pk))
    assert set(Duty.objects.values_list("department", flat=True)) == {place.department.pk}
    answer = asking(place.head).post(url, edited(employer, department=other.pk, version=2))
    assert answer.url == "/employers/"
    assert set(Duty.objects.filter(stakeholder=employer).values_list("department", flat=True)) == {other.pk}


def test_workers_offered_are_those_in_office_who_log(place):
    gone = UserFactory(left=True, department=place.department)

    def offered(user):
        field = asking(user).get(NEW).context["form"].fields["responsible"]
        return set(field.queryset)

    assert place.stranger not in offered(place.worker)
    assert place.stranger in offered(place.head)
    for user in (place.worker, place.head):
        assert not {gone, place.finance} & offered(user)


def test_user_cannot_make_a_record_invisible_to_themselves(place):
    employer = EmployerFactory(responsible=place.worker)
    url = f"/employers/{employer.pk}/edit/"
    answer = asking(place.head).post(url, edited(employer, is_confidential="on"))
    assert errors(answer) == {"is_confidential": ["标为保密后您自己也看不到它；请由负责社工或管理层来标。"]}
    assert asking(place.worker).post(url, edited(employer, is_confidential="on")).status_code == 302


def test_marked_confidential_it_is_named_no_more_to_whom_it_is_closed(place):
    """Reminders of users who may no longer view the record are closed at once, not by the next sweep."""
    employer = EmployerFactory(responsible=place.worker, active=True, watched_from=date(2026, 9, 1))
    sweep(date(2026, 10, 12))
    reminders = Reminder.objects.open().filter(link=f"/relations/{employer.pk}/")
    assert place.supervisor.pk in reminders.values_list("recipient", flat=True)
    url = f"/employers/{employer.pk}/edit/"
    asking(place.director).post(url, edited(employer, is_confidential="on"))
    assert set(reminders.values_list("recipient", flat=True)) == {place.worker.pk, place.director.pk}


def test_registering_for_a_colleague_ends_in_the_list(place):
    answer = asking(place.worker).post(NEW, typed(place, responsible=place.staff.pk))
    assert answer.url == "/employers/"
    assert Employer.objects.get().responsible == place.staff


def test_update_of_the_sheet_logs_what_changed(place):
    employer = EmployerFactory(responsible=place.worker, active=True)
    url = f"/employers/{employer.pk}/edit/?sheet=1"
    asking(place.worker).post(url, edited(employer, address="和风路20号", town="白鹭街道"))
    check = Interaction.objects.get()
    assert (check.purpose, check.content) == ("sheet_check", "更新了：所属镇街、地址")
    duty = Duty.objects.get(stakeholder=employer, rule__code="sheet-check", period_start=date(2026, 10, 1))
    assert duty.met_on == date(2026, 10, 12)


def test_plain_edit_is_no_check(place):
    employer = EmployerFactory(responsible=place.worker)
    asking(place.worker).post(f"/employers/{employer.pk}/edit/", edited(employer, address="和风路20号"))
    assert not Interaction.objects.exists()


def test_second_editor_keeps_what_was_typed(place):
    employer = EmployerFactory(responsible=place.worker, address="和风路12号", caution=MARKER)
    url = f"/employers/{employer.pk}/edit/"
    asking(place.head).post(url, edited(employer, address="和风路20号"))
    answer = asking(place.worker).post(url, edited(employer, address="和风路30号"))
    text = answer.content.decode()
    assert answer.status_code == 409
    assert "程思敏在10:00改了这一份" in text
    assert "和风路20号" in text
    assert "和风路30号" in text
    data = edited(employer, address="和风路30号", version=2, resolving="1", keep_address="mine")
    assert asking(place.worker).post(url, data).status_code == 302
    employer.refresh_from_db()
    assert (employer.address, employer.version) == ("和风路30号", 3)


def test_caution_is_dated_and_named(place):
    employer = EmployerFactory(responsible=place.worker)
    url = f"/employers/{employer.pk}/caution/"
    assert asking(place.staff).post(url, {"caution": MARKER, "version": 1}).status_code == 403
    assert asking(place.worker).post(url, {"caution": MARKER, "version": 1}).status_code == 302
    employer.refresh_from_db()
    assert (employer.caution, employer.caution_by, employer.caution_on) == (
        MARKER,
        place.worker,
        date(2026, 10, 12),
    )


def person(**changed):
    """Returns the form data of a contact person."""
    return {"name": "梁晓东", "title": "局长", "level": "bureau_director", "phone": "0769-80001234"} | changed


def mains(employer):
    """Returns the names of the main contact persons who have not left."""
    return list(employer.contacts.filter(is_main=True, left_on=None).values_list("name", flat=True))


def test_first_contact_person_becomes_the_main_one(place):
    employer = EmployerFactory(responsible=place.worker)
    client, url = asking(place.worker), f"/employers/{employer.pk}/people/new/"
    client.post(url, person())
    client.post(url, person(name="温秀珍", title="办事员", level="clerk"))
    assert mains(employer) == ["梁晓东"]
    client.post(url, person(name="黎国华", title="副主任", make_main="on"))
    assert mains(employer) == ["黎国华"]


def test_main_one_who_leaves_hands_on_to_the_next(place):
    employer = EmployerFactory(responsible=place.worker)
    main = ContactPersonFactory(stakeholder=employer, name="梁晓东", main=True)
    ContactPersonFactory(stakeholder=employer, name="温秀珍")
    url = f"/employers/{employer.pk}/people/{main.pk}/left/"
    assert asking(place.finance).post(url).status_code == 403
    asking(place.worker).post(url)
    main.refresh_from_db()
    assert (main.left_on, mains(employer)) == (date(2026, 10, 12), ["温秀珍"])
    assert asking(place.worker).get(f"/employers/{employer.pk}/people/{main.pk}/").status_code == 404


def test_same_person_is_not_added_twice(place):
    employer = EmployerFactory(responsible=place.worker)
    client, url = asking(place.worker), f"/employers/{employer.pk}/people/new/"
    client.post(url, person())
    assert errors(client.post(url, person())) == {"name": ["这家单位已经有同名同职务的对接人。"]}


def test_same_person_added_by_two_at_once_is_refused_in_words(place, monkeypatch):
    """Both forms were valid when they were checked."""
    employer = EmployerFactory(responsible=place.worker)
    client, url = asking(place.worker), f"/employers/{employer.pk}/people/"
    client.post(f"{url}new/", person())
    other = ContactPersonFactory(stakeholder=employer, name="温秀珍")
    monkeypatch.setattr(PersonForm, "clean", ModelForm.clean)

    refusal = {"name": ["梁晓东刚刚已经添加过了。"]}
    assert errors(client.post(f"{url}new/", person())) == refusal
    assert errors(client.post(f"{url}{other.pk}/", person(version=1))) == refusal
    assert mains(employer) == ["梁晓东"]


@pytest.mark.parametrize(
    ("phone", "kept"),
    [
        ("13700004521", "13700004521"),
        ("0769-80001234转8", "0769-80001234转8"),
        ("０７６９－8000 1234", "0769-8000 1234"),
        ("13700004521、13700004522", "13700004521、13700004522"),
        ("", ""),
    ],
)
def test_telephone_is_taken_as_people_write_it(place, phone, kept):
    employer = EmployerFactory(responsible=place.worker)
    answer = asking(place.worker).post(f"/employers/{employer.pk}/people/new/", person(phone=phone))
    assert answer.status_code == 302
    assert ContactPerson.objects.get().phone == kept


def test_caution_of_a_person_is_out_of_reach_of_others(place):
    employer = EmployerFactory(responsible=place.worker)
    contact = ContactPersonFactory(stakeholder=employer, caution=MARKER)
    url = f"/employers/{employer.pk}/people/{contact.pk}/"
    assert MARKER not in asking(place.staff).get(url).content.decode()
    asking(place.staff).post(url, person(version=1, caution="改掉"))
    contact.refresh_from_db()
    assert (contact.name, contact.caution) == ("梁晓东", MARKER)


def test_two_editors_of_a_person(place):
    employer = EmployerFactory(responsible=place.worker)
    contact = ContactPersonFactory(stakeholder=employer, main=True, phone="0769-80001234")
    url = f"/employers/{employer.pk}/people/{contact.pk}/"
    asking(place.head).post(url, person(version=1, phone="0769-80003391"))
    answer = asking(place.worker).post(url, person(version=1, phone="0769-80003390"))
    assert answer.status_code == 409
    assert "0769-80003391" in answer.content.decode()
