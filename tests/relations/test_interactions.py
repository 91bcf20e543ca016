"""The list of contacts; one contact, its correction, withdrawal and history."""

from datetime import date, timedelta
from io import BytesIO
from urllib.parse import parse_qs, urlsplit

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from openpyxl import load_workbook

from accounts.roles import Role
from relations.log.actions import Participants, correct_interaction, withdraw_interaction
from relations.models import Interaction, OurParticipant, Purpose, SavedView
from reminders.calendar import workdays
from tests.factories.accounts import StandInFactory, UserFactory
from tests.factories.employers import EmployerFactory
from tests.factories.relations import ContactPersonFactory, InteractionFactory
from tests.html import packed

pytestmark = pytest.mark.django_db


@pytest.fixture
def today(at):
    return at("2026-10-12")


@pytest.fixture
def lead(today):
    return UserFactory(supervisor=True, name="郑雅婷")


@pytest.fixture
def unit(lead):
    return EmployerFactory(
        active=True, with_person=True, person__name="梁晓东", responsible=lead, name="青岚镇社会事务局"
    )


@pytest.fixture
def desk(client, lead):
    client.force_login(lead)
    return client


def page(answer):
    return packed(answer.content.decode())


def listed(client, query=""):
    """The contents of the contacts that the list shows."""
    answer = client.get(f"/interactions/{query}")
    assert answer.status_code == 200
    return [row.content for row in answer.context["rows"]]


def create_contacts(unit, count, by=None):
    """Contacts on many days, inserted directly into the table."""
    by = by or unit.responsible
    contacts = Interaction.objects.bulk_create(
        Interaction(
            stakeholder=unit,
            contact_on=date(2026, 10, 12) - timedelta(days=place // 3),
            channel="face",
            content=f"第{place}条",
            purpose_bit=1,
            entered_by=by,
        )
        for place in range(count)
    )
    OurParticipant.objects.bulk_create(OurParticipant(interaction=row, user=by) for row in contacts)


# Visibility.


@pytest.mark.parametrize(
    ("role", "same_department", "sees"),
    [
        (Role.DIRECTOR, False, True),
        (Role.FINANCE, False, True),
        (Role.SUPERVISOR, True, True),
        (Role.SUPERVISOR, False, False),
        (Role.RESIDENT, True, False),
    ],
)
def test_contacts_are_seen_with_their_record(client, unit, role, same_department, sees):
    contact = InteractionFactory(stakeholder=unit, content="只给看得到的人")
    client.force_login(UserFactory(roles=[role], department=unit.department if same_department else None))
    assert ("只给看得到的人" in listed(client)) is sees
    for part in ("", "history/"):
        assert client.get(f"/interactions/{contact.pk}/{part}").status_code == (200 if sees else 404)


def test_contacts_of_a_confidential_record_are_its_workers(client, lead):
    unit = EmployerFactory(confidential=True, responsible=lead)
    contact = InteractionFactory(stakeholder=unit)
    client.force_login(UserFactory(supervisor=True, department=unit.department))
    assert listed(client) == []
    assert client.get(f"/interactions/{contact.pk}/").status_code == 404


def test_stand_in_sees_the_contacts_of_the_absent(client, unit, lead, today):
    InteractionFactory(stakeholder=unit, content="代理也看得到")
    stand_in = UserFactory(resident=True)
    client.force_login(stand_in)
    assert listed(client) == []
    StandInFactory(absent=lead, stand_in=stand_in, starts_on=today, ends_on=today)
    assert listed(client) == ["代理也看得到"]


def test_list_is_closed_to_volunteers(client, today):
    client.force_login(UserFactory(volunteer=True))
    assert client.get("/interactions/").status_code == 403


def test_withdrawn_contact_is_gone(desk, unit, lead):
    contact = InteractionFactory(stakeholder=unit)
    withdraw_interaction(contact, by=lead, reason="记错了")
    assert listed(desk) == []
    for part in ("", "correct/", "withdraw/", "history/", "files/"):
        assert desk.get(f"/interactions/{contact.pk}/{part}").status_code == 404


# Filters.


@pytest.fixture
def several(unit, lead):
    """Creates five contacts, two of them with another employer. Returns the colleague who had the last one."""
    other = EmployerFactory(responsible=lead, name="荷塘街道办")
    colleague = UserFactory(name="冯子健")
    InteractionFactory(stakeholder=unit, content="今天面谈")
    InteractionFactory(stakeholder=unit, content="上月电话", channel="phone", contact_on=date(2026, 9, 30))
    InteractionFactory(
        stakeholder=unit, content="紧急的事", purpose=Purpose.URGENT, contact_on=date(2026, 10, 5)
    )
    InteractionFactory(stakeholder=other, content="没人接", attempted=True, contact_on=date(2026, 1, 2))
    InteractionFactory(
        stakeholder=other, content="同事去的", ours=[colleague], by=colleague, contact_on=date(2025, 12, 31)
    )
    return colleague


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", ["今天面谈", "紧急的事", "上月电话", "没人接", "同事去的"]),
        ("?period=today", ["今天面谈"]),
        ("?period=week", ["今天面谈"]),
        ("?period=month", ["今天面谈", "紧急的事"]),
        ("?period=last_month", ["上月电话"]),
        ("?period=quarter", ["今天面谈", "紧急的事"]),
        ("?period=year", ["今天面谈", "紧急的事", "上月电话", "没人接"]),
        ("?since=2026-10-05", ["今天面谈", "紧急的事"]),
        ("?until=2026-01-02", ["没人接", "同事去的"]),
        ("?since=2026-01-02&until=2026-09-30", ["上月电话", "没人接"]),
        ("?purpose=urgent", ["紧急的事"]),
        ("?urgent=1", ["紧急的事"]),
        ("?channel=phone", ["上月电话", "没人接"]),
        ("?outcome=attempted", ["没人接"]),
        ("?q=荷塘", ["没人接", "同事去的"]),
        ("?q=htjd&outcome=reached", ["同事去的"]),
        ("?q=查无此家", []),
        (
            "?since=x&until=y&purpose=z&channel=z&outcome=z&worker=z&entered_by=z&department=z&period=z&after=z",
            5,
        ),
        ("?worker=99999999999999999999&department=-1", 5),
    ],
)
def test_list_is_narrowed_by_the_address(desk, several, query, found):
    shown = listed(desk, query)
    assert shown == found if isinstance(found, list) else len(shown) == found


def test_list_is_narrowed_to_people(desk, several, lead):
    assert listed(desk, f"?worker={several.pk}") == ["同事去的"]
    assert listed(desk, f"?entered_by={several.pk}") == ["同事去的"]
    assert len(listed(desk, f"?worker={lead.pk}")) == 4
    assert "冯子健参加的" in page(desk.get(f"/interactions/?worker={several.pk}"))


def test_filter_in_force_can_be_taken_out(desk, several):
    answer = desk.get("/interactions/?purpose=urgent&q=青岚")
    clear = next(shown["clear"] for shown in answer.context["filters"] if shown["value"] == "紧急沟通")
    assert parse_qs(urlsplit(clear).query) == {"q": ["青岚"]}


def test_empty_list_names_its_filters(desk, several):
    shown = page(desk.get("/interactions/?purpose=greeting&q=青岚"))
    assert "没有符合这2个条件的沟通记录" in shown
    assert "节日慰问、“青岚”" in shown


def test_empty_list_says_what_to_do(desk):
    assert "还没有沟通记录" in page(desk.get("/interactions/"))


# Paging.


def test_pages_go_down_and_up_without_gap(desk, unit):
    create_contacts(unit, 70)
    everything = [f"第{place}条" for place in range(70)]
    everything.sort(key=lambda words: (int(words[1:-1]) // 3, -int(words[1:-1])))
    answer, down = desk.get("/interactions/"), []
    for _page in range(3):
        down += [row.content for row in answer.context["rows"]]
        before, answer = (
            answer,
            desk.get(f"/interactions/{answer.context['older']}") if answer.context["older"] else answer,
        )
    assert down == everything
    assert before.context["older"] is None
    assert listed(desk, before.context["newer"]) == everything[25:50]


def test_count_stops_at_a_thousand(desk, unit):
    create_contacts(unit, 1001)
    assert "1,000+条" in page(desk.get("/interactions/"))


def cost(client, address):
    """The number of queries of a page."""
    workdays.current_calendar()
    with CaptureQueriesContext(connection) as captured:
        assert client.get(address).status_code == 200
    return len(captured)


@pytest.mark.parametrize("role", [Role.SUPERVISOR, Role.RESIDENT, Role.DIRECTOR])
def test_list_costs_eight_statements_with_ten_and_with_a_thousand(client, unit, role):
    unit.responsible.roles = [role]
    unit.responsible.save()
    client.force_login(unit.responsible)
    create_contacts(unit, 10)
    few = cost(client, "/interactions/?q=青岚&purpose=ordinary")
    create_contacts(unit, 1000)
    assert cost(client, "/interactions/?q=青岚&purpose=ordinary") == few
    assert few <= 8


# The page of a contact.


def test_contact_shows_both_sides_and_what_it_completed(desk, unit, lead):
    director = UserFactory(director=True, name="高文彬")
    person = unit.contacts.get()
    contact = InteractionFactory(
        stakeholder=unit, ours=[lead], accompanying=[director], theirs=[person], follow_up="收名单"
    )
    shown = page(desk.get(f"/interactions/{contact.pk}/"))
    for words in ("郑雅婷", "高文彬", "梁晓东 办事员", "收名单", "已完成 10月驻点沟通", "更正", "撤销"):
        assert words in shown


def test_contact_costs_the_same_with_many_around(desk, unit):
    contact = InteractionFactory(stakeholder=unit)
    few = cost(desk, f"/interactions/{contact.pk}/")
    create_contacts(unit, 300)
    assert cost(desk, f"/interactions/{contact.pk}/") == few
    assert few <= 12


# Correction.


def corrected(contact, **fields):
    """The form data of a correction of `contact` with these changes."""
    return {
        "version": contact.version,
        "people": [str(pk) for pk in contact.their_people.values_list("person", flat=True)],
        "contact_on": contact.contact_on.isoformat(),
        "channel": contact.channel,
        "purpose": contact.purpose,
        "outcome": contact.outcome,
        "content": contact.content,
        "follow_up": contact.follow_up,
        "started_by": contact.started_by,
        "starter": "",
        "guest_role": contact.guest_role,
        "mate": [part.user.username for part in contact.our_people.all()],
        "mate_role": [
            "accompanying" if part.is_accompanying else "with" for part in contact.our_people.all()
        ],
    } | fields


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"content": ""}, "请写一句说了什么。"),
        ({"contact_on": "2026-10-13"}, "还没到这一天，请选今天或以前的日期。"),
        ({"contact_on": "1999-01-01"}, "早于2000年，请检查年份。"),
        ({"contact_on": "x"}, "日期请写成2026-10-12这样。"),
        ({"purpose": "sheet_check"}, "sheet_check"),
        ({"channel": "desk"}, "desk"),
        ({"mate": [""], "mate_role": ["with"]}, "请在“同去的人”里写上是谁去的。"),
        ({"version": ""}, "请重新打开这一页。"),
    ],
)
def test_correction_refuses_and_keeps_what_was_typed(desk, unit, fields, sentence):
    contact = InteractionFactory(stakeholder=unit)
    answer = desk.post(
        f"/interactions/{contact.pk}/correct/", corrected(contact, follow_up="还在这里") | fields
    )
    assert answer.status_code == 200
    assert sentence in page(answer)
    assert "还在这里" in page(answer)


def test_correction_is_saved_with_its_history(desk, unit, lead):
    contact = InteractionFactory(stakeholder=unit, ours=[lead])
    person = ContactPersonFactory(stakeholder=unit, name="温秀珍")
    sent = corrected(
        contact, content="改过的话", channel="phone", contact_on="2026-10-09", people=[str(person.pk)]
    )
    answer = desk.post(f"/interactions/{contact.pk}/correct/", sent)
    assert answer.url == f"/interactions/{contact.pk}/"
    contact.refresh_from_db()
    assert (contact.content, contact.channel, contact.contact_on) == ("改过的话", "phone", date(2026, 10, 9))
    assert contact.version == 2
    shown = page(desk.get(f"/interactions/{contact.pk}/history/"))
    for words in (
        "郑雅婷",
        "加上温秀珍 办事员",
        "面谈",
        "电话",
        "谈了走访名单。",
        "改过的话",
        "2026-10-12",
        "2026-10-09",
    ):
        assert words in shown
    assert "更正过，看改动" in page(desk.get(f"/interactions/{contact.pk}/"))


def test_correction_of_others_is_for_those_who_lead(client, unit):
    contact = InteractionFactory(stakeholder=unit)
    client.force_login(UserFactory(department_staff=True, department=unit.department))
    assert client.get(f"/interactions/{contact.pk}/").status_code == 200
    for part in ("correct/", "withdraw/", "files/"):
        assert client.get(f"/interactions/{contact.pk}/{part}").status_code == 403
        assert client.post(f"/interactions/{contact.pk}/{part}", corrected(contact)).status_code == 403
    client.force_login(UserFactory(department_head=True, department=unit.department))
    assert client.post(f"/interactions/{contact.pk}/correct/", corrected(contact)).status_code == 302


def test_correction_of_a_sheet_check_stays_one(desk, unit):
    contact = InteractionFactory(stakeholder=unit, check=True)
    assert (
        desk.post(f"/interactions/{contact.pk}/correct/", corrected(contact, content="换了电话")).status_code
        == 302
    )
    refused = desk.post(
        f"/interactions/{contact.pk}/correct/", corrected(contact, purpose="ordinary", version=2)
    )
    assert refused.status_code == 200


def test_second_editor_sees_the_difference_and_loses_nothing(desk, unit, lead):
    contact = InteractionFactory(stakeholder=unit, ours=[lead])
    sent = corrected(contact, content="我写的话", follow_up="我写的跟进")
    theirs = Interaction.objects.get(pk=contact.pk)
    theirs.content = "先保存的话"
    correct_interaction(theirs, before=theirs.contact_on, company=Participants([lead]), version=1)
    answer = desk.post(f"/interactions/{contact.pk}/correct/", sent)
    assert answer.status_code == 409
    shown = page(answer)
    assert "我写的话" in shown
    assert "先保存的话" in shown
    chosen = sent | {"version": 2, "resolving": "1", "keep_content": "theirs", "keep_follow_up": "mine"}
    assert desk.post(f"/interactions/{contact.pk}/correct/", chosen).status_code == 302
    contact.refresh_from_db()
    assert (contact.content, contact.follow_up, contact.version) == ("先保存的话", "我写的跟进", 3)


# Withdrawal.


def test_withdrawal_asks_for_a_reason(desk, unit):
    contact = InteractionFactory(stakeholder=unit)
    assert "“10月驻点沟通”会重新变成没完成" not in page(desk.get(f"/interactions/{contact.pk}/"))
    answer = desk.post(f"/interactions/{contact.pk}/withdraw/", {"reason": " "})
    assert "请写明为什么撤销。" in page(answer)
    contact.refresh_from_db()
    assert contact.withdrawn_at is None


def test_withdrawal_keeps_who_and_why(desk, unit, lead):
    contact = InteractionFactory(stakeholder=unit)
    desk.post(f"/interactions/{contact.pk}/withdraw/", {"reason": "记到别家去了"})
    contact.refresh_from_db()
    assert (contact.withdrawn_by, contact.withdraw_reason) == (lead, "记到别家去了")
    assert contact.history.first().history_change_reason == "记到别家去了"


# Stored views and export.


def test_view_is_kept_shown_and_dropped(desk, several, lead):
    assert "请给视图起个名字。" in page(desk.post("/interactions/views/keep/?purpose=urgent", {"name": ""}))
    answer = desk.post("/interactions/views/keep/?purpose=urgent&junk=1", {"name": "要紧的"})
    assert answer.url == "/interactions/?purpose=urgent"
    view = SavedView.objects.get()
    assert (view.owner, view.query) == (lead, "purpose=urgent")
    assert 'href="?purpose=urgent" aria-current="page">要紧的' in page(
        desk.get("/interactions/?purpose=urgent")
    )
    assert desk.get(f"/interactions/views/{view.pk}/drop/").status_code == 405
    desk.post(f"/interactions/views/{view.pk}/drop/")
    assert not SavedView.objects.exists()


def test_view_of_somebody_else_is_absent(desk):
    other = SavedView.objects.create(owner=UserFactory(), page="interactions", name="别人的", query="")
    assert desk.post(f"/interactions/views/{other.pk}/drop/").status_code == 404
    assert "别人的" not in page(desk.get("/interactions/"))


def test_export_holds_what_the_list_shows(desk, several, lead):
    hidden = EmployerFactory(name="看不到的单位")
    InteractionFactory(stakeholder=hidden, purpose=Purpose.URGENT)
    answer = desk.get("/interactions/export/?purpose=urgent")
    sheet = load_workbook(BytesIO(b"".join(answer.streaming_content))).active
    rows = list(sheet.iter_rows(values_only=True))
    assert rows[0][:4] == ("沟通日期", "关系对象", "方式", "事由")
    assert len(rows) == 2
    assert rows[1][0].date() == date(2026, 10, 5)
    assert rows[1][1:4] == ("青岚镇社会事务局", "面谈", "紧急沟通")
    assert rows[1][8] == "郑雅婷"


def test_export_is_for_those_who_may(client, today):
    client.force_login(UserFactory(volunteer=True))
    assert client.get("/interactions/export/").status_code == 403


def test_export_too_long_for_one_workbook_is_refused(desk, several, monkeypatch):
    monkeypatch.setattr("relations.lists.workbook.MAX_ROWS", 2)
    answer = desk.get("/interactions/export/", follow=True)
    assert answer.redirect_chain == [("/interactions/?", 302)]
    assert "超过2行，一份Excel放不下。请先筛选，再分几次导出。" in page(answer)
