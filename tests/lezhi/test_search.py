"""The search page: best match first, grouped by kind, contacts that match, nothing the user may not see."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from relations.models import Kind
from relations.search.index import index
from relations.search.sources import highlighted
from tests.factories.accounts import UserFactory
from tests.factories.employers import EmployerFactory
from tests.factories.relations import ContactPersonFactory, StakeholderFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def director(client, at):
    at("2026-11-20")
    director = UserFactory(director=True)
    client.force_login(director)
    return director


def unit(name, *people, **fields):
    """Returns an indexed employer with contacts (name, phone)."""
    employer = EmployerFactory(name=name, **fields)
    for person, phone in people:
        ContactPersonFactory(stakeholder=employer, name=person, phone=phone)
    index([employer])
    return employer


def search(client, query, **more):
    """Returns the response of the search page."""
    response = client.get("/search/", {"q": query, **more})
    assert response.status_code == 200
    return response


def names(response):
    """Returns the names of the results in their order."""
    return [row.name for group in response.context["groups"] for row in group.rows]


@pytest.mark.parametrize("query", ["青", "q"])
def test_best_match_comes_first(client, director, query):
    unit("荷塘", ("李青", ""))
    unit("大青山")
    unit("青岚镇")
    assert names(search(client, query)) == ["青岚镇", "大青山", "荷塘"]


def test_what_was_asked_for_is_marked(client, director):
    unit("青岚镇社会事务局", ("梁<晓>", "0769-80006021"))
    drawn = search(client, "qlz").content.decode()
    assert "<mark>青岚镇</mark>社会事务局" in drawn
    drawn = search(client, "梁").content.decode()
    assert "<mark>梁</mark>&lt;晓&gt;" in drawn
    assert "80006021" not in drawn


def test_a_number_shows_whose_it_is_and_stays_masked(client, director):
    unit("青岚镇", ("梁晓", "0769-80006021"), ("周文", "13700001234"))
    drawn = search(client, "6021").content.decode()
    assert "梁晓" in drawn
    assert "076****6021" in drawn
    assert "周文" not in drawn


def test_results_are_grouped_by_kind(client, director):
    client.force_login(UserFactory(head=True))  # a role that may see every kind
    unit("青岚镇")
    StakeholderFactory(name="青年志愿队", kind=Kind.PARTNER)
    StakeholderFactory(name="青小云", kind=Kind.CLIENT)
    groups = search(client, "青").context["groups"]
    assert [(group.kind, [row.name for row in group.rows]) for group in groups] == [
        ("employer", ["青岚镇"]),
        ("client", ["青小云"]),
        ("partner", ["青年志愿队"]),
    ]
    assert names(search(client, "青", kind="partner")) == ["青年志愿队"]


def test_no_more_than_twenty_and_the_way_to_the_others(client, director):
    worker = UserFactory()
    for place in range(21):
        StakeholderFactory(name=f"青岚{place}队", responsible=worker)
    (group,) = search(client, "青岚").context["groups"]
    assert (len(group.rows), group.more, group.href) == (
        20,
        True,
        "/search/?q=%E9%9D%92%E5%B2%9A&kind=partner",
    )
    (group,) = client.get(group.href).context["groups"]
    assert (len(group.rows), group.more) == (21, False)


def test_more_employers_are_in_their_list(client, director):
    worker = UserFactory()
    for place in range(21):
        EmployerFactory(name=f"青岚{place}队", responsible=worker)
    (group,) = search(client, "青岚").context["groups"]
    assert group.href == "/employers/?q=%E9%9D%92%E5%B2%9A"
    assert len(client.get(group.href).context["rows"]) == 21


def test_hidden_records_are_not_found(client, at):
    at("2026-11-20")
    worker = UserFactory()
    client.force_login(worker)
    unit("青岚镇", responsible=worker)
    unit("青山镇", ("青莲", "13700001234"))
    manager = UserFactory(roles=["manager"], department=None)
    unit("青水镇", is_confidential=True)
    assert names(search(client, "青")) == ["青岚镇"]
    assert "没有找到" in search(client, "1234").content.decode()
    client.force_login(manager)
    assert names(search(client, "青")) == ["青岚镇", "青山镇"]


def test_volunteers_have_no_search(client):
    client.force_login(UserFactory(volunteer=True))
    assert client.get("/search/?q=青").status_code == 403


@pytest.mark.parametrize("query", ["", "  ", "%", "_", "。", "青" * 500, "x" * 500])
def test_empty_answers_say_what_can_be_typed(client, director, query):
    unit("青岚镇")
    response = search(client, query)
    assert names(response) == []
    assert "可以输入关系对象或对接人名称里的一到几个字" in response.content.decode()


def test_query_is_escaped_on_the_page(client, director):
    drawn = search(client, "<script>alert(1)</script>").content.decode()
    assert "<script>alert" not in drawn
    assert "没有找到“&lt;script&gt;" in drawn


def test_part_for_the_page_is_without_the_shell(client, director):
    unit("青岚镇")
    drawn = client.get("/search/?q=青", headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in drawn
    assert "<mark>青</mark>岚镇" in drawn


@pytest.mark.parametrize("query", ["青", "ql", "青l", "青岚镇社", "qinglanzhen", "6021"])
def test_queries_are_few_and_stay_the_same(client, director, query):
    worker = UserFactory()
    unit("青岚镇社区", ("青l", "13700006021"), responsible=worker)
    few = queries(client, query)
    for place in range(8):
        unit(f"青岚镇社区{place}", ("青莲", f"1370{place}006021"), responsible=worker)
    assert queries(client, query) == few <= 7


def queries(client, query):
    """Returns the number of queries of a second search."""
    search(client, query)
    with CaptureQueriesContext(connection) as captured:
        search(client, query)
    return len(captured)


def test_marked_leaves_other_names_alone():
    assert highlighted("荷塘", "青") == "荷塘"
    assert highlighted("<b>", "青") == "<b>"
