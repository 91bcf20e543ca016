"""The list of employers: visibility, order, filters, saved views, pages, and actions on several rows."""

import io
from datetime import date, timedelta
from urllib.parse import urlencode

import pytest
from openpyxl import load_workbook

from accounts.stamps import stamp_of
from employers.models import Employer
from lists import filters
from relations.models import Duty, SavedView, Task
from tests.employers.desk import MARKER, asking
from tests.factories.accounts import DepartmentFactory, UserFactory
from tests.factories.employers import ContractFactory, EmployerFactory
from tests.factories.relations import InteractionFactory, StakeholderFactory
from tests.html import packed
from tests.queries import queries_of_page

pytestmark = pytest.mark.django_db
LIST = "/employers/"


def names(answer):
    """Returns the names in the list, in its order."""
    return [row.record.name for row in answer.context["rows"]]


def test_list_without_login_is_asked_to_log_in(client, today):
    assert client.get(LIST).status_code == 302


def test_worker_sees_own_only(place):
    EmployerFactory(name="甲局", responsible=place.worker)
    EmployerFactory(name="乙局", responsible=place.stranger)
    assert names(asking(place.worker).get(LIST)) == ["甲局"]


def test_voided_and_other_kinds_are_not_listed(place):
    EmployerFactory(name="甲局", responsible=place.worker)
    gone = EmployerFactory(name="乙局", responsible=place.worker)
    StakeholderFactory(responsible=place.worker)
    asking(place.head).post(f"/employers/{gone.pk}/void/", {"reason": "登记错了"})
    assert names(asking(place.worker).get(LIST)) == ["甲局"]


def test_mark_of_caution_shows_only_to_those_allowed(place):
    EmployerFactory(responsible=place.worker, caution=MARKER)
    pages = {
        who: asking(getattr(place, who)).get(LIST).content.decode() for who in ("worker", "head", "staff")
    }
    shown = {who: "有特殊事项，点开可看" in page for who, page in pages.items()}
    assert shown == {"worker": True, "head": True, "staff": False}


def test_active_employers_come_first(place):
    """R33."""
    EmployerFactory(name="潜在甲", responsible=place.worker)
    EmployerFactory(name="显在乙", responsible=place.worker, active=True)
    EmployerFactory(name="过期丙", responsible=place.worker, lapsed=True)
    assert names(asking(place.worker).get(LIST)) == ["显在乙", "潜在甲", "过期丙"]


def test_unreadable_filters_and_cursors_are_passed_over(place):
    EmployerFactory(name="甲局", responsible=place.worker)
    for query in (
        "stage=x",
        "ends=x",
        "worker=x",
        "after=x",
        "after=0~99999999999999999999~1",
        "before=~",
        "sort=x",
    ):
        assert names(asking(place.worker).get(f"{LIST}?{query}")) == ["甲局"], query


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("standing=active", ["显在", "快到期"]),
        ("standing=prospective", ["潜在", "过期"]),
        ("ends=60", ["快到期"]),
        ("ends=over", ["过期"]),
        ("ends=none", ["潜在"]),
        ("town=白鹭街道", ["潜在"]),
        ("stage=1_contact", ["显在", "快到期", "潜在", "过期"]),
        ("stage=5_execution", []),
        ("contact=never", ["显在", "快到期", "过期"]),
        ("contact=month", ["显在", "快到期", "潜在", "过期"]),
        ("contact=30", ["显在", "快到期", "过期"]),
        ("q=快到", ["快到期"]),
        ("q=kdq", ["快到期"]),
        ("type=enterprise", ["过期"]),
    ],
)
def test_filters_narrow_the_list(place, query, expected):
    EmployerFactory(name="显在", responsible=place.worker, active=True)
    EmployerFactory(name="快到期", responsible=place.worker, active=True, contract__ending=True)
    prospective = EmployerFactory(name="潜在", responsible=place.worker, town="白鹭街道")
    InteractionFactory(stakeholder=prospective, contact_on=date(2026, 9, 20))
    EmployerFactory(name="过期", responsible=place.worker, lapsed=True, body_type="enterprise")
    assert names(asking(place.worker).get(f"{LIST}?{query}")) == expected


@pytest.fixture
def city(place, monkeypatch):
    """A client of the director, with more workers and towns than a menu offers.

    The director's own department comes last by name.

    """
    monkeypatch.setattr(filters, "MAX_MENU_CHOICES", 3)
    place.director.department = DepartmentFactory()
    place.director.save()
    for number in range(5):
        own = {"department": place.director.department} if number == 4 else {}
        worker = UserFactory(name=f"社工{number}", **own)
        EmployerFactory(name=f"单位{number}", responsible=worker, town=f"镇{number}")
    return asking(place.director)


def menus(answer):
    """Returns {filter: labels of its choices}."""
    return {one["name"]: [option["label"] for option in one["options"]] for one in answer.context["filters"]}


def test_of_very_many_workers_and_towns_the_first_are_offered_with_a_field_for_the_others(city):
    answer = city.get(f"{LIST}?standing=prospective")
    offered = menus(answer)
    assert (offered["worker"], offered["town"]) == (["社工4", "社工0", "社工1"], ["镇0", "镇1", "镇2"])
    page = packed(answer.content.decode())
    for field in ("worker_name", "town"):
        form = page.partition(f'<input type="search" name="{field}"')[2].partition("</form>")[0]
        assert '<input type="hidden" name="standing" value="prospective">' in form


def test_few_workers_and_towns_are_all_offered_and_none_is_typed(city, monkeypatch):
    monkeypatch.setattr(filters, "MAX_MENU_CHOICES", 5)
    answer = city.get(LIST)
    assert menus(answer)["town"] == [f"镇{number}" for number in range(5)]
    assert 'name="worker_name"' not in answer.content.decode()


@pytest.mark.parametrize("query", ["worker_name=社工3", "town=镇3", "worker_name=+社工3+&town=镇3"])
def test_typed_worker_or_town_narrows_the_list_and_can_be_cleared(city, query):
    answer = city.get(f"{LIST}?{query}")
    assert names(answer) == ["单位3"]
    on = [one for one in answer.context["filters"] if one["value"]]
    assert [one["value"].strip()[-1] for one in on] == ["3"] * (query.count("&") + 1)
    for one in on:
        left = city.get(f"{LIST}{one['clear']}")
        assert one["name"] not in [other["name"] for other in left.context["filters"] if other["value"]]


def test_typed_worker_nobody_knows_is_said_in_the_empty_list(city):
    answer = city.get(f"{LIST}?worker_name=查无此人")
    assert names(answer) == []
    assert answer.context["condition_words"] == "查无此人"


@pytest.mark.parametrize(("days", "count"), [(60, 1), (61, 0), (0, 1), (-1, 0)])
def test_end_within_sixty_days_counts_the_sixtieth(place, today, days, count):
    EmployerFactory(responsible=place.worker, active=True, contract__ends_on=today + timedelta(days=days))
    assert len(names(asking(place.worker).get(f"{LIST}?ends=60"))) == count


def test_renewed_contract_does_not_end_soon(place, today):
    employer = EmployerFactory(responsible=place.worker, active=True, contract__ending=True)
    ContractFactory(stakeholder=employer, starts_on=date(2026, 12, 12), ends_on=date(2027, 12, 11))
    assert names(asking(place.worker).get(f"{LIST}?ends=60")) == []


def test_overdue_view_holds_missed_duties_and_tasks(place):
    missed = EmployerFactory(name="欠着", responsible=place.worker, active=True)
    assert Duty.objects.overdue_on(date(2026, 10, 12)).filter(stakeholder=missed).exists()
    EmployerFactory(name="潜在", responsible=place.worker)
    promised = EmployerFactory(name="答应过", responsible=place.worker)
    Task.objects.create(
        stakeholder=promised, key="t", origin="other", title="回话", due_on=date(2026, 10, 11)
    )
    answer = asking(place.worker).get(f"{LIST}?duty=overdue")
    assert names(answer) == ["欠着", "答应过"]
    assert [view["count"] for view in answer.context["views"]][2] == 2


def test_marks_say_what_is_owed_this_month(place):
    employer = EmployerFactory(responsible=place.worker, active=True, watched_from=date(2026, 10, 1))
    [row] = asking(place.worker).get(LIST).context["rows"]
    assert [mark["state"] for mark in row.marks] == ["open"]
    InteractionFactory(stakeholder=employer, contact_on=date(2026, 10, 9))
    [row] = asking(place.worker).get(LIST).context["rows"]
    assert [mark["state"] for mark in row.marks] == ["met"]


def test_counts_of_views_are_those_of_the_lists_behind_them(place):
    EmployerFactory(responsible=place.worker, active=True)
    EmployerFactory(responsible=place.worker, active=True, contract__ending=True)
    EmployerFactory(responsible=place.stranger, department=place.department)
    client = asking(place.head)
    for view in client.get(LIST).context["views"]:
        listed = names(client.get(LIST + view["href"]))
        assert str(view["count"]) == str(len(listed)), view["label"]


def test_pages_follow_one_another_without_gap_or_double(place):
    for number in range(60):
        EmployerFactory(name=f"单位{number:02d}", responsible=place.worker, active=number % 3 == 0)
    client = asking(place.worker)
    for sort in ("standing", "name", "-name", "last", "-end"):
        seen, query, firsts = [], f"?sort={sort}", []
        while query:
            answer = client.get(LIST + query)
            seen += names(answer)
            firsts.append(answer.context["page"].first)
            query = answer.context["older"]
        assert len(seen) == len(set(seen)) == 60, sort
        assert firsts == [1, 26, 51], sort
        back = client.get(LIST + answer.context["newer"])
        assert names(back) == seen[25:50], sort
        assert back.context["page"].first == 26


def test_page_stays_when_a_row_before_it_goes(place):
    for number in range(30):
        EmployerFactory(name=f"单位{number:02d}", responsible=place.worker)
    client = asking(place.worker)
    older = client.get(LIST).context["older"]
    before = names(client.get(LIST + older))
    Employer.objects.filter(name="单位03").update(closed_on=date(2026, 10, 1))
    assert names(client.get(LIST + older)) == before


def test_closed_records_show_when_asked_for(place):
    EmployerFactory(name="关了", responsible=place.worker, closed_on=date(2026, 10, 1))
    client = asking(place.worker)
    assert names(client.get(LIST)) == []
    assert names(client.get(f"{LIST}?closed=only")) == ["关了"]


def test_list_costs_the_same_with_ten_and_with_many(place):
    client = asking(place.worker)
    for number in range(10):
        EmployerFactory(name=f"单位{number}", responsible=place.worker, active=True, with_person=True)
    with_ten = queries_of_page(client, LIST)
    for number in range(10, 60):
        EmployerFactory(
            name=f"单位{number}", responsible=place.worker, active=number % 2 == 0, with_person=True
        )
    assert queries_of_page(client, LIST) == with_ten <= 8


def test_view_is_kept_counted_and_dropped(place):
    EmployerFactory(name="甲局", responsible=place.worker, town="白鹭街道")
    EmployerFactory(name="乙局", responsible=place.worker)
    client = asking(place.worker)
    assert client.post("/employers/views/keep/?town=白鹭街道", {"name": "白鹭"}).status_code == 302
    last = client.get(LIST).context["views"][-1]
    assert (last["label"], last["count"]) == ("白鹭", 1)
    view = SavedView.objects.get()
    assert asking(place.head).post(f"/employers/views/{view.pk}/drop/").status_code == 404
    client.post(f"/employers/views/{view.pk}/drop/")
    assert not SavedView.objects.exists()


def hand_over(place, url, taker):
    """Opens the form at `url` as the head and submits it. Returns the response."""
    client = asking(place.head)
    page = client.get(url)
    seen = page.context["form"]["seen"].value() if page.context else stamp_of()
    return client.post(url, {"to": taker.pk, "seen": seen})


def test_hand_over_is_for_those_who_lead(place):
    employer = EmployerFactory(responsible=place.worker)
    url = f"/employers/hand-over/?pick={employer.pk}"
    assert asking(place.worker).post(url, {"to": place.staff.pk}).status_code == 403
    assert hand_over(place, url, place.staff).status_code == 302
    employer.refresh_from_db()
    assert employer.responsible == place.staff


def test_hand_over_to_somebody_without_a_department_keeps_the_department(place):
    employer = EmployerFactory(responsible=place.worker, department=place.department)
    url = f"/employers/hand-over/?pick={employer.pk}"
    assert hand_over(place, url, place.director).status_code == 302
    employer.refresh_from_db()
    assert (employer.responsible, employer.department) == (place.director, place.department)


@pytest.mark.parametrize(
    ("back", "where"),
    [
        ("town=白鹭街道&sort=last", "/employers/?sort=last&town=%E7%99%BD%E9%B9%AD%E8%A1%97%E9%81%93"),
        ("//elsewhere.example/?a=1", "/employers/?%2F%2Felsewhere.example%2F%3Fa=1"),
        ("", "/employers/?"),
    ],
)
def test_after_hand_over_the_list_is_filtered_as_before(place, back, where):
    employer = EmployerFactory(responsible=place.worker)
    url = "/employers/hand-over/?" + urlencode({"pick": employer.pk, "back": back})
    answer = hand_over(place, url, place.staff)
    assert answer["Location"] == where


def test_hand_over_leaves_what_one_may_not_see(place):
    foreign = EmployerFactory(responsible=place.stranger)
    answer = hand_over(place, f"/employers/hand-over/?pick={foreign.pk}", place.staff)
    foreign.refresh_from_db()
    assert answer.status_code == 302
    assert foreign.responsible == place.stranger


def test_reminding_twice_makes_one_task(place):
    employer = EmployerFactory(responsible=place.worker)
    client, url = asking(place.head), f"/employers/remind/?pick={employer.pk}"
    assert client.post(url, {"title": "请联系", "due_on": "2026-10-11"}).status_code == 200
    for _ in range(2):
        client.post(url, {"title": "请联系", "due_on": "2026-10-14"})
    task = Task.objects.get()
    assert (task.owner, task.origin, task.due_on) == (place.worker, Task.Origin.NUDGE, date(2026, 10, 14))


def test_export_holds_what_the_filters_show_and_no_note_of_caution(place):
    EmployerFactory(name="甲局", responsible=place.worker, caution=MARKER, with_person=True, active=True)
    EmployerFactory(name="乙局", responsible=place.worker)
    answer = asking(place.head).get("/employers/export/?standing=active")
    rows = list(
        load_workbook(io.BytesIO(b"".join(answer.streaming_content))).active.iter_rows(values_only=True)
    )
    assert [row[1] for row in rows] == ["单位名称", "甲局"]
    assert MARKER not in str(rows)
