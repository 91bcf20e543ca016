"""往来: all events of one record in one order, with filters, search and pages."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.db.models import F
from django.test.utils import CaptureQueriesContext

from accounts.roles import Role
from relations.files.attachments import attach
from relations.log.actions import withdraw_interaction
from relations.models import (
    Attachment,
    Interaction,
    OurParticipant,
    Purpose,
    Stakeholder,
    Task,
    TheirParticipant,
)
from relations.parties import actions as register
from relations.timeline.events import parse_cursor, timeline_for
from relations.timeline.rows import CONTACT, TimelineRow
from relations.timeline.sources import SOURCES, TimelineSource, as_events
from tests.factories.accounts import UserFactory
from tests.factories.employers import ContractFactory, EmployerFactory
from tests.factories.relations import InteractionFactory, TaskFactory
from tests.html import packed
from tests.relations import samples
from tests.relations.samples import upload

pytestmark = pytest.mark.django_db


@pytest.fixture
def today(at):
    return at("2026-10-12")


@pytest.fixture
def worker(today):
    return UserFactory(supervisor=True, name="郑雅婷")


@pytest.fixture
def unit(worker):
    return EmployerFactory(
        with_person=True,
        person__name="梁晓东",
        responsible=worker,
        today=date(2026, 1, 5),
        name="青岚镇社会事务局",
    )


@pytest.fixture
def desk(client, worker):
    client.force_login(worker)
    return client


def rows(user, unit, today, **asked):
    """The rows of the timeline that `user` sees; `asked` are its filters."""
    return timeline_for(user, unit, today, **asked).rows


def titles(user, unit, today, **asked):
    return [row.title for row in rows(user, unit, today, **asked)]


@pytest.fixture
def full(unit, worker, today):
    """A record with a contact of every type, a contract that ended early, a file without a contact and a hand-over."""
    director, person = UserFactory(director=True, name="高文彬"), unit.contacts.get()
    kinds = {
        "谈了名单。": {"contact_on": date(2026, 10, 9), "theirs": [person], "follow_up": "收名单"},
        "上半年的汇报。": {"contact_on": date(2026, 9, 22), "report": True, "accompanying": [director]},
        "老人已找到。": {"contact_on": date(2026, 8, 19), "purpose": Purpose.URGENT},
        "没人接。": {"contact_on": date(2026, 8, 6), "attempted": True},
        "核对无变化": {"contact_on": date(2026, 7, 1), "check": True},
    }
    for content, fields in kinds.items():
        InteractionFactory(stakeholder=unit, content=content, **fields)
    ContractFactory(
        stakeholder=unit, starts_on=date(2026, 3, 1), ends_on=date(2026, 12, 31), ended_on=date(2026, 9, 1)
    )
    ContractFactory(stakeholder=unit, starts_on=date(2026, 11, 1), ends_on=date(2027, 10, 31))
    attach(upload("介绍.pdf", samples.PDF), stakeholder=unit, by=worker, content_type="application/pdf")
    Attachment.objects.filter(name="介绍.pdf").update(uploaded_at="2026-05-03T18:00:00Z")
    register.hand_over(
        Stakeholder.objects.filter(pk=unit.pk),
        to=UserFactory(name="罗少芬"),
        by=director,
        today=date(2026, 10, 10),
    )
    unit.refresh_from_db()
    return director


def test_everything_stands_in_one_order(full, unit, today):
    assert titles(full, unit, today) == [
        "负责社工由郑雅婷转给罗少芬",
        "面谈 · 日常沟通",
        "工作汇报（正式）",
        "合同提前终止",
        "紧急沟通",
        "电话 · 没联系上",
        "信息表核对",
        "文件",
        "合同开始",
        "开始新一轮：初步建立联系",
    ]


def test_rows_say_who_and_what(full, unit, today):
    by_title = {row.title: row for row in rows(full, unit, today)}
    talk = by_title["面谈 · 日常沟通"]
    assert (talk.date, talk.weekday) == ("10-09", "周五")
    assert talk.who == "郑雅婷 · 与 梁晓东 办事员"
    assert talk.text == "谈了名单。\n下次跟进：收名单\n补记于10月12日"
    assert by_title["工作汇报（正式）"].who == "郑雅婷 · 陪同：高文彬"
    assert (by_title["紧急沟通"].kind, by_title["电话 · 没联系上"].kind) == ("urg", "try")
    assert by_title["电话 · 没联系上"].who == "郑雅婷 · 不计入沟通次数"
    assert by_title["合同提前终止"].text == "2026-03-01至2026-09-01"
    assert (by_title["文件"].date, by_title["文件"].files[0]["name"]) == ("05-04", "介绍.pdf")
    assert (by_title["开始新一轮：初步建立联系"].kind, by_title["开始新一轮：初步建立联系"].icon) == (
        "stage",
        "flag-fill",
    )


@pytest.mark.parametrize(
    ("only", "found"),
    [
        ("talk", ["面谈 · 日常沟通", "工作汇报（正式）", "紧急沟通", "电话 · 没联系上"]),
        ("report", ["工作汇报（正式）"]),
        ("urgent", ["紧急沟通"]),
        ("file", ["文件"]),
        ("stage", ["负责社工由郑雅婷转给罗少芬", "合同提前终止", "合同开始", "开始新一轮：初步建立联系"]),
    ],
)
def test_filters_narrow(full, unit, today, only, found):
    assert titles(full, unit, today, only=only) == found


@pytest.mark.parametrize(
    ("q", "found"),
    [
        ("老人", ["紧急沟通"]),
        ("收名单", ["面谈 · 日常沟通"]),
        ("梁晓", ["面谈 · 日常沟通"]),
        ("介绍", ["文件"]),
        ("罗少芬", ["负责社工由郑雅婷转给罗少芬"]),
        ("查无此事", []),
        ("%", []),
    ],
)
def test_search_looks_inside(full, unit, today, q, found):
    assert titles(full, unit, today, q=q) == found


def test_nonsense_shows_everything(full, unit, today):
    assert len(rows(full, unit, today, only="nonsense", q="  ")) == 10


@pytest.mark.parametrize("text", [None, "", "x", "2026-10-12", "2026-10-12~x~1", "~~", "2026-02-30~1~1"])
def test_place_that_nobody_can_read_is_none(text):
    assert parse_cursor(text) is None


@pytest.mark.parametrize("size", [1, 2, 3, 7])
def test_pages_join_without_gap(full, unit, today, size):
    InteractionFactory(stakeholder=unit, contact_on=date(2026, 10, 10))
    InteractionFactory(stakeholder=unit, contact_on=date(2026, 10, 10), content="同一天的另一次。")
    everything, before, joined = [row.place for row in rows(full, unit, today)], None, []
    while True:
        part = timeline_for(full, unit, today, before=before, size=size)
        joined += [row.place for row in part.rows]
        if part.older is None:
            break
        before = parse_cursor(str(part.older))
    assert joined == everything
    assert len(everything) == 12


def test_out_of_sight_is_empty_and_absent(full, client, unit, today):
    stranger = UserFactory(resident=True)
    assert rows(stranger, unit, today) == []
    client.force_login(stranger)
    assert client.get(f"/timeline/{unit.pk}/").status_code == 404
    assert client.get("/timeline/999999/").status_code == 404
    client.force_login(UserFactory(roles=[Role.VOLUNTEER]))
    assert client.get(f"/timeline/{unit.pk}/").status_code == 403


def test_withdrawn_is_gone(unit, worker, today):
    withdraw_interaction(InteractionFactory(stakeholder=unit), by=worker, reason="记错了")
    attach(upload("介绍.pdf", samples.PDF), stakeholder=unit, by=worker, content_type="application/pdf")
    Attachment.objects.update(withdrawn_at="2026-10-12T00:00:00Z", withdrawn_by=worker)
    assert titles(worker, unit, today) == ["开始新一轮：初步建立联系"]


def test_completed_duties_and_files_stand_with_the_contact(worker, today):
    unit = EmployerFactory(active=True, responsible=worker)
    contact = InteractionFactory(stakeholder=unit)
    attach(
        upload("总结.pdf", samples.PDF),
        stakeholder=unit,
        interaction=contact,
        by=worker,
        content_type="application/pdf",
    )
    talk = rows(worker, unit, today, only="file")[0]
    assert talk.chip == "已完成 10月驻点沟通"
    assert talk.files == [{"href": f"/files/{Attachment.objects.get().pk}/", "name": "总结.pdf"}]


def test_page_works_with_and_without_scripts(desk, unit):
    for place in range(25):
        InteractionFactory(stakeholder=unit, content=f"第{place}次")
    whole = desk.get(f"/timeline/{unit.pk}/")
    assert "<html" in whole.content.decode()
    older = whole.context["timeline"].older_href
    part = packed(desk.get(older, headers={"HX-Request": "true"}).content.decode())
    assert "<html" not in part
    assert "往来</h2>" not in part
    assert "第0次" in part
    assert "第0次" in desk.get(older).content.decode()
    swapped = desk.get(f"/timeline/{unit.pk}/?only=stage", headers={"HX-Request": "true"})
    assert packed(swapped.content.decode()).startswith('<section class="panel" id="timeline"')


def test_empty_timeline_says_what_to_do(desk, unit):
    assert "没有找到这样的往来" in desk.get(f"/timeline/{unit.pk}/?only=urgent").content.decode()


def cost(user, unit, today):
    """The number of queries of the timeline."""
    with CaptureQueriesContext(connection) as captured:
        timeline_for(user, unit, today)
    return len(captured)


def test_timeline_costs_five_queries_whatever_its_size(worker, unit, today):
    InteractionFactory(stakeholder=unit, theirs=[unit.contacts.get()])
    few = cost(worker, unit, today)
    contacts = Interaction.objects.bulk_create(
        Interaction(
            stakeholder=unit,
            contact_on=today - timedelta(days=place // 2),
            channel="face",
            content="事",
            purpose_bit=1,
            entered_by=worker,
        )
        for place in range(1000)
    )
    OurParticipant.objects.bulk_create(OurParticipant(interaction=row, user=worker) for row in contacts)
    TheirParticipant.objects.bulk_create(
        TheirParticipant(interaction=row, person=unit.contacts.get(), level="clerk") for row in contacts[:50]
    )
    assert cost(worker, unit, today) == few
    assert few <= 5


def tasks_due(asked):
    """The tasks of the visible records, as events of a timeline source."""
    rows = Task.objects.visible_to(asked.user).filter(stakeholder__in=asked.visible_records)
    return as_events(rows, F("due_on"), 7, what=F("title"))


def test_source_of_an_app_above_stands_among_the_others(monkeypatch, unit, worker, today):
    """Its rows are on the tabs it names and on 全部, newest first, across pages, and only if visible."""
    source = TimelineSource(
        7, tasks_due, lambda place, what, *_others: TimelineRow(place, "check", what), ("file",)
    )
    monkeypatch.setitem(SOURCES._entries, "tasks", source)
    TaskFactory(stakeholder=unit, title="续签", due_on=date(2026, 9, 1), owner=worker)
    InteractionFactory(stakeholder=unit, contact_on=date(2026, 9, 1), entered_by=worker)

    def titles(only, user=worker, **more):
        return [row.title for row in timeline_for(user, unit, today, only=only, size=50, **more).rows]

    assert titles("all")[:2] == ["续签", "面谈 · 日常沟通"]
    assert (titles("file"), titles("talk")) == (["续签"], ["面谈 · 日常沟通"])
    assert "续签" not in titles("all", before=parse_cursor("2026-09-01~7~1"))
    assert titles("all", user=UserFactory(department=None)) == []


def test_no_two_sources_have_one_rank():
    ranks = [source.rank for source in SOURCES.values()]
    assert len({CONTACT, *ranks}) == len(ranks) + 1
