"""The list of complaints: only visible ones, correct tabs and filters, and the same number of queries for many rows."""

from datetime import date, timedelta

import pytest

from complaints.lists.filters import VIEWS
from complaints.models import Complaint
from tests.factories.accounts import UserFactory
from tests.factories.complaints import ComplaintFactory, take_step
from tests.queries import queries_of_page

LIST = "/complaints/"


def numbers(client, **query):
    """Returns the numbers of the complaints on the page."""
    answer = client.get(LIST, {"show": "all"} | query)
    assert answer.status_code == 200
    return {row.case.number for row in answer.context["rows"]}


def views(client):
    """Returns {tab: count}."""
    tabs = client.get(LIST).context["views"]
    return {show: tab["count"] for show, tab in zip(VIEWS, tabs, strict=True)}


@pytest.mark.parametrize("show", [*VIEWS, "nonsense"])
def test_somebody_on_no_list_reads_the_same_whatever_there_is(client, head, director, registrar, show):
    client.force_login(director)
    before = client.get(LIST, {"show": show, "q": "探访"})
    ComplaintFactory(by=registrar)
    after = client.get(LIST, {"show": show, "q": "探访"})
    assert (after.context["rows"], after.context["has_any"]) == ([], False)
    pages = [
        answer.content.decode().partition("<main")[2].partition("</main>")[0] for answer in (before, after)
    ]
    assert pages[0] == pages[1]
    assert "登记一件" in pages[1]
    assert "导出" not in pages[1]
    assert "看板" not in pages[1]


def test_right_that_is_taken_ends_with_the_next_request(head_client, case, head):
    assert numbers(head_client) == {case.number}
    take_step(case, "accuse", head, users=(head,))
    assert numbers(head_client) == set()


def test_no_name_stands_in_the_list(head_client, case, head, registrar):
    page = head_client.get(LIST, {"show": "all"}).content.decode()
    assert case.title in page
    assert case.number in page
    for words in ("陈小满", "陈**", "13700006021", "137****6021", case.statement, registrar.name):
        assert words not in page


@pytest.fixture
def on(client, head, at):
    """A function that moves to another day and logs the head in again, because the session has expired by then."""

    def day(text):
        at(text)
        client.force_login(head)

    return day


def test_views_count_what_they_open(head_client, head, handler, registrar, on):
    ComplaintFactory(by=registrar)
    handled = ComplaintFactory(by=registrar)
    take_step(handled, "appoint", head, user=handler)
    void = ComplaintFactory(by=registrar)
    take_step(void, "void", head, text="登记错了")
    assert views(head_client) == {"": 1, "overdue": 0, "week": 0, "new": 1, "open": 2, "closed": 0, "all": 3}
    on("2026-10-12")
    assert views(head_client)["week"] == 2
    on("2026-10-14")
    assert (views(head_client)["overdue"], views(head_client)["week"]) == (2, 0)
    for show, count in views(head_client).items():
        assert len(numbers(head_client, show=show)) == count


def test_what_is_paused_is_neither_due_nor_overdue(head_client, case, head, on):
    take_step(case, "pause", head, text="等对方补材料")
    on("2026-10-14")
    counts = views(head_client)
    assert (counts["overdue"], counts["week"], counts["open"]) == (0, 0, 1)


def test_reader_has_nothing_to_do_but_sees_it(client, case, head, director):
    take_step(case, "list", head, user=director, text="请知悉")
    client.force_login(director)
    assert (views(client)[""], views(client)["all"]) == (0, 1)
    assert "看全部" in client.get(LIST).content.decode()


@pytest.fixture
def two(head, registrar):
    """Two complaints that differ in every value that can be filtered."""
    first = ComplaintFactory(by=registrar, title="改期没有告知")
    second = ComplaintFactory(
        by=registrar,
        kind="suggestion",
        channel="email",
        method="written",
        subject="rules",
        person_class="employer",
        received_on=date(2025, 12, 30),
        is_strictly_confidential=True,
        is_personnel=True,
        title="希望延长开放时间",
        statement="周六也开门",
    )
    return first, second


FILTERS = [
    {"kind": "suggestion"},
    {"channel": "email"},
    {"subject": "rules"},
    {"person": "employer"},
    {"year": "2025"},
    {"until": "2025-12-31"},
    {"secret": "yes"},
    {"personnel": "yes"},
    {"show": "overdue"},
    {"response": "late"},
    {"q": "延长"},
    {"q": "周六 开门"},
    {"kind": "suggestion", "channel": "email", "q": "希望"},
]


def test_filter_shows_what_it_names(head_client, two):
    shown = [(query, numbers(head_client, **query)) for query in FILTERS]
    assert shown == [(query, {two[1].number}) for query in FILTERS]


def test_search_finds_the_number_and_never_a_name(head_client, two):
    assert numbers(head_client, q=two[0].number[-6:]) == {two[0].number}
    assert numbers(head_client, q="陈小满") == set()
    assert numbers(head_client, q="13700006021") == set()


def test_filters_of_what_came_of_it(head_client, two, head, today):
    first, second = two
    take_step(first, "reply", head, on=today, form_of_reply="phone", text="道歉")
    assert numbers(head_client, satisfied="none") == {first.number}
    assert numbers(head_client, response="in_time") == {first.number}
    assert numbers(head_client, response="met") == {first.number}
    assert numbers(head_client, result="waiting") == {first.number}
    take_step(first, "satisfied", head, on=today)
    take_step(first, "sign", head, text="同意", finding="true")
    assert numbers(head_client, satisfied="yes") == numbers(head_client, finding="true") == {first.number}
    assert numbers(head_client, state="settled") == {first.number}
    take_step(second, "reply", head, on=today, form_of_reply="email", text="谢谢")
    assert numbers(head_client, response="late") == {second.number}


UNREADABLE = [
    {"kind": "war"},
    {"year": "99999"},
    {"year": "x"},
    {"year": "2026.5"},
    {"year": "²026"},
    {"since": "2026-99-99"},
    {"of": "x"},
    {"of": "9" * 30},
    {"of": "1.5"},
    {"sort": "name"},
    {"after": "x~y~z"},
]


def test_what_nobody_can_read_is_passed_over(head_client, case):
    shown = [(query, numbers(head_client, **query)) for query in UNREADABLE]
    assert shown == [(query, {case.number}) for query in UNREADABLE]


def test_what_is_due_next_stands_first_among_the_open(head_client, head, registrar, today):
    late = ComplaintFactory(by=registrar, received_on=today - timedelta(days=9))
    new = ComplaintFactory(by=registrar)
    paused = ComplaintFactory(by=registrar, received_on=today - timedelta(days=30))
    take_step(paused, "pause", head, text="等材料")
    rows = head_client.get(LIST, {"show": "open"}).context["rows"]
    assert [row.case for row in rows] == [late, new, paused]
    rows = head_client.get(LIST, {"show": "open", "sort": "received"}).context["rows"]
    assert [row.case for row in rows] == [paused, late, new]


def test_pages_hold_every_one_once(head_client, head, registrar, today):
    registered = {
        ComplaintFactory(by=registrar, received_on=today - timedelta(days=place % 7)).number
        for place in range(60)
    }
    for sort in ("due", "-due", "received", "-received"):
        seen = walked(head_client, sort)
        assert (len(seen), set(seen)) == (60, registered), sort


def walked(client, sort):
    """Returns the numbers on all pages of the list, in order."""
    seen, address = [], f"?show=all&sort={sort}"
    while address:
        context = client.get(LIST + address).context
        seen += [row.case.number for row in context["rows"]]
        address = context["older"]
    return seen


def test_clocks_say_where_they_stand(head_client, case, head, on):
    page = head_client.get(LIST).content.decode()
    assert "还有7个工作日" in page
    assert "还有14个工作日" in page
    on("2026-10-15")
    assert "逾期2个工作日" in head_client.get(LIST).content.decode()


def test_anonymous_personnel_has_no_clock(head_client, head, registrar):
    ComplaintFactory(by=registrar, anonymous=True, personnel=True)
    row = head_client.get(LIST, {"show": "all"}).context["rows"][0]
    assert (row.response.is_shown, row.result.is_shown) == (False, False)


def test_cost_is_the_same_for_ten_and_for_many(head_client, head, registrar):
    for _place in range(2):
        ComplaintFactory(by=registrar)
    query = {"show": "all", "q": "探访", "kind": "complaint"}
    few = queries_of_page(head_client, LIST, query)
    for _place in range(30):
        ComplaintFactory(by=registrar)
    assert queries_of_page(head_client, LIST, query) == few <= 8


def test_button_of_those_in_charge_is_for_those_who_appoint(client, head, director):
    client.force_login(director)
    assert "/complaints/charge/" in client.get(LIST).content.decode()
    client.force_login(UserFactory())
    assert "/complaints/charge/" not in client.get(LIST).content.decode()
    assert not Complaint.objects.exists()
