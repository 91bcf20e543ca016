"""A kind that declares almost nothing has the whole list: filters, pages, bulk actions, stored views, export."""

import io
from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from openpyxl import load_workbook

from accounts.roles import Permission, Role
from relations.lists.forms import assignable_workers
from relations.models import Kind, SavedView, Stakeholder, Task
from relations.parties.kinds import KINDS
from tests.employers.desk import MARKER, asking, centre
from tests.factories.accounts import DepartmentFactory, UserFactory
from tests.factories.employers import EmployerFactory
from tests.factories.relations import ContactPersonFactory, InteractionFactory, StakeholderFactory
from tests.relations.partner_list import PARTNER

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.relations.partner_list")]
LIST = "/partners/"


@pytest.fixture
def place(at, monkeypatch):
    at("2026-10-12")
    monkeypatch.setitem(KINDS._entries, Kind.PARTNER, PARTNER)
    return centre()


def names(answer):
    """The names of the records that a page of the list shows."""
    return [row.record.name for row in answer.context["rows"]]


def workbook_rows(answer):
    """The rows of an exported workbook."""
    book = load_workbook(io.BytesIO(b"".join(answer.streaming_content)))
    return list(book.active.iter_rows(values_only=True))


@pytest.mark.parametrize(
    ("roles", "has_department", "expected"),
    [
        ([Role.RESIDENT], True, ["同", "我"]),
        ([Role.RESIDENT], False, ["我"]),
        ([Role.VOLUNTEER], False, []),
        ([Role.DIRECTOR], False, ["同", "我", "无", "远"]),
    ],
)
def test_without_the_permission_to_hand_over_only_ones_own_department_is_offered(
    roles, has_department, expected
):
    own = DepartmentFactory()
    user = UserFactory(name="我", roles=roles, department=own if has_department else None)
    for name, department in {"同": own, "远": DepartmentFactory(), "无": None}.items():
        UserFactory(name=name, department=department)
    UserFactory(name="志", volunteer=True, department=user.department)
    UserFactory(name="走", left=True, department=user.department)
    assert sorted(one.name for one in assignable_workers(user)) == expected


def test_list_shows_ones_own_of_the_kind(place):
    StakeholderFactory(name="甲队", responsible=place.worker)
    StakeholderFactory(name="乙队", responsible=place.stranger)
    EmployerFactory(name="丙局", responsible=place.worker)
    answer = asking(place.worker).get(LIST)
    assert names(answer) == ["甲队"]
    page = answer.content.decode()
    assert "其他利益相关方" in page
    assert "合同到期" not in page


def test_row_shows_its_main_contact_its_stage_and_when_it_was_last_spoken_with(place):
    partner = StakeholderFactory(responsible=place.worker, caution=MARKER)
    ContactPersonFactory(stakeholder=partner, name="梁晓", title="队长", main=True)
    InteractionFactory(stakeholder=partner, contact_on=date(2026, 10, 9), channel="phone")
    [row] = asking(place.worker).get(LIST).context["rows"]
    assert (row.person, row.stage[0], row.contact_words[:3]) == ("梁晓 队长", "1", "3天前")
    assert row.caution
    assert MARKER not in asking(place.worker).get(LIST).content.decode()


def test_note_of_caution_is_not_marked_for_those_who_may_not_know(place):
    StakeholderFactory(responsible=place.worker, caution=MARKER)
    [row] = asking(place.staff).get(LIST).context["rows"]
    assert not row.caution


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("contact=never", ["没谈过"]),
        ("contact=30", ["没谈过", "谈过的"]),
        ("stage=1_contact", ["没谈过", "谈过的"]),
        ("stage=x&standing=y&worker=z&department=-1&closed=&sort=q&after=~", ["没谈过", "谈过的"]),
        ("standing=active", []),
        ("q=谈过的", ["谈过的"]),
        ("closed=only", ["关了"]),
        ("worker_name=郑雅婷", ["没谈过", "谈过的"]),
        ("worker_name=谁", []),
    ],
)
def test_shared_filters_narrow_the_list(place, query, found):
    spoken = StakeholderFactory(name="谈过的", responsible=place.worker)
    InteractionFactory(stakeholder=spoken, contact_on=date(2026, 9, 1))
    StakeholderFactory(name="没谈过", responsible=place.worker)
    StakeholderFactory(name="关了", responsible=place.worker, closed_on=date(2026, 10, 1))
    assert sorted(names(asking(place.worker).get(f"{LIST}?{query}"))) == sorted(found)


def test_bar_offers_the_people_of_the_kind_alone(place):
    StakeholderFactory(responsible=place.worker, department=place.department)
    StakeholderFactory(responsible=place.staff, department=place.department)
    EmployerFactory(responsible=place.stranger)
    bar = {one["name"]: one for one in asking(place.director).get(LIST).context["filters"]}
    assert sorted(option["label"] for option in bar["worker"]["options"]) == ["郑雅婷", "韦晓彤"]
    assert {"town", "ends", "contact", "duty"} & set(bar) == set()


def test_conditions_of_an_empty_list_are_all_named(place):
    StakeholderFactory(responsible=place.worker, department=place.department)
    query = f"worker={place.worker.pk}&standing=active&q=无"
    answer = asking(place.head).get(f"{LIST}?{query}")
    assert answer.context["condition_words"] == "显在、郑雅婷、“无”"
    assert "没有符合这3个条件的" in answer.content.decode()


def test_tabs_count_what_they_open(place):
    for number in range(3):
        StakeholderFactory(name=f"队{number}", responsible=place.worker)
    Task.objects.create(
        stakeholder=Stakeholder.objects.first(),
        key="t",
        origin="other",
        title="回话",
        due_on=date(2026, 10, 9),
    )
    client = asking(place.worker)
    tabs = client.get(LIST).context["views"]
    assert [tab["count"] for tab in tabs] == [3, 3, 1, 3, 3]
    for tab in tabs:
        answer = client.get(LIST + tab["href"])
        assert len(names(answer)) == tab["count"]
        assert [one["label"] for one in answer.context["views"] if one["current"]] == [tab["label"]]


@pytest.mark.parametrize("sort", ["standing", "name", "-name", "last", "-last"])
def test_pages_hold_each_row_once_in_every_order(place, sort):
    for number in range(30):
        StakeholderFactory(name=f"队{number:02d}", responsible=place.worker)
    client = asking(place.worker)
    first = client.get(f"{LIST}?sort={sort}")
    second = client.get(LIST + first.context["older"])
    assert len({*names(first), *names(second)}) == 30
    assert names(client.get(LIST + second.context["newer"])) == names(first)


def test_page_costs_the_same_for_one_and_for_many(place):
    def cost():
        client = asking(place.worker)
        client.get(LIST)
        with CaptureQueriesContext(connection) as queries:
            client.get(LIST)
        return len(queries)

    StakeholderFactory(responsible=place.worker)
    with_one = cost()
    for _ in range(20):
        ContactPersonFactory(stakeholder=StakeholderFactory(responsible=place.worker), main=True)
    assert cost() == with_one <= 8


def test_handing_over_moves_what_is_ticked_and_within_sight(place):
    mine = StakeholderFactory(responsible=place.worker, department=place.department)
    foreign = StakeholderFactory(responsible=place.stranger)
    client, url = asking(place.head), f"{LIST}hand-over/?pick={mine.pk}&pick={foreign.pk}&back=q%3D队"
    seen = client.get(url).context["form"]["seen"].value()
    answer = client.post(url, {"to": place.staff.pk, "seen": seen})
    assert answer["Location"] == f"{LIST}?q=%E9%98%9F"
    assert [Stakeholder.objects.get(pk=one.pk).responsible for one in (mine, foreign)] == [
        place.staff,
        place.stranger,
    ]


def test_handing_over_after_somebody_else_has_is_a_conflict(place):
    mine = StakeholderFactory(responsible=place.worker, department=place.department)
    client, url = asking(place.head), f"{LIST}hand-over/?pick={mine.pk}"
    seen = client.get(url).context["form"]["seen"].value()
    Stakeholder.objects.filter(pk=mine.pk).update(responsible=place.head)
    assert client.post(url, {"to": place.staff.pk, "seen": seen}).status_code == 409
    assert Stakeholder.objects.get(pk=mine.pk).responsible == place.head


def test_nothing_ticked_leads_back_to_the_list(place):
    answer = asking(place.head).get(f"{LIST}hand-over/")
    assert (answer.status_code, answer["Location"]) == (302, f"{LIST}?")


def test_reminding_twice_makes_one_task(place):
    partner = StakeholderFactory(responsible=place.worker, department=place.department)
    client, url = asking(place.head), f"{LIST}remind/?pick={partner.pk}"
    for _ in range(2):
        client.post(url, {"title": "请联系", "due_on": "2026-10-14"})
    assert Task.objects.get().owner == place.worker


def test_bulk_acts_are_for_those_who_lead(place):
    partner = StakeholderFactory(responsible=place.worker)
    client = asking(place.worker)
    for act in ("hand-over", "remind"):
        assert client.get(f"{LIST}{act}/?pick={partner.pk}").status_code == 403
    labels = [act["label"] for act in asking(place.head).get(LIST).context["acts"]]
    assert labels == ["转交负责社工", "提醒负责社工", "导出"]


def test_export_holds_what_the_filters_show_within_sight_without_notes_of_caution(place):
    mine = StakeholderFactory(
        name="=甲队", responsible=place.worker, department=place.department, caution=MARKER
    )
    StakeholderFactory(name="乙队", responsible=place.worker, department=place.department)
    StakeholderFactory(name="丙队", responsible=place.stranger)
    client = asking(place.head)
    rows = workbook_rows(client.get(f"{LIST}export/"))
    assert [row[1] for row in rows] == ["名称", "'=甲队", "乙队"]
    assert MARKER not in str(rows)
    assert len(workbook_rows(client.get(f"{LIST}export/?pick={mine.pk}"))) == 2
    assert len(workbook_rows(client.get(f"{LIST}export/?q=乙队"))) == 2


@pytest.mark.parametrize(("role", "status"), [(Role.VOLUNTEER, 403), (Role.DEPARTMENT_STAFF, 200)])
def test_export_is_for_those_who_may(place, role, status):
    user = UserFactory(roles=[role])
    assert user.may(Permission.EXPORT) == (status == 200)
    answer = asking(user).get(f"{LIST}export/")
    b"".join(answer)  # reads the file, which would stay open otherwise
    assert answer.status_code == status


def test_kept_view_is_ones_own_and_of_this_list(place):
    StakeholderFactory(name="甲队", responsible=place.worker)
    client = asking(place.worker)
    page = client.get(f"{LIST}views/keep/?standing=prospective&worker={place.worker.pk}&sort=name")
    assert page.context["words"] == "潜在、郑雅婷"
    client.post(f"{LIST}views/keep/?standing=prospective&sort=name", {"name": "潜在的"})
    view = SavedView.objects.get()
    assert (view.page, view.query) == ("partners", "standing=prospective")
    last = client.get(f"{LIST}?standing=prospective").context["views"][-1]
    assert (last["label"], last["count"], last["current"]) == ("潜在的", 1, True)
    assert "潜在的" not in [tab["label"] for tab in client.get("/employers/").context["views"]]
    assert asking(place.head).post(f"{LIST}views/{view.pk}/drop/").status_code == 404
    assert client.post(f"/employers/views/{view.pk}/drop/").status_code == 404
    assert client.post(f"{LIST}views/{view.pk}/drop/")["Location"] == LIST
    assert not SavedView.objects.exists()


def test_permission_that_the_kind_asks_for_instead_is_asked_for(place, monkeypatch):
    """A kind can require another permission for its list; a worker without it is refused."""
    StakeholderFactory(responsible=place.worker)
    monkeypatch.setitem(PARTNER.permissions, Permission.VIEW, Permission.MANAGE_ACCOUNTS)
    assert asking(place.worker).get(LIST).status_code == 403


@pytest.mark.parametrize(("days", "found"), [(29, []), (30, []), (31, ["队"])])
def test_thirty_days_without_a_contact_are_more_than_thirty(place, days, found):
    partner = StakeholderFactory(name="队", responsible=place.worker)
    InteractionFactory(stakeholder=partner, contact_on=date(2026, 10, 12) - timedelta(days=days))
    assert names(asking(place.worker).get(f"{LIST}?contact=30")) == found
