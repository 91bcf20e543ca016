"""Complaints on pages of other apps: shown to users on the list, without a trace for all others."""

from datetime import date

import pytest

from accounts.roles import Role
from complaints.models import Complaint
from tests.factories.accounts import UserFactory
from tests.factories.complaints import ComplaintFactory, take_step
from tests.factories.employers import EmployerFactory
from tests.queries import queries_of_page

TITLE = "探访没有按约定时间来"
WORD = "意见／投诉"


@pytest.fixture
def employer(db, today):
    return EmployerFactory(name="青岚镇社会事务局")


@pytest.fixture
def about(head, registrar, employer):
    """A complaint that concerns an employer."""
    return ComplaintFactory(by=registrar, stakeholder=employer.stakeholder_ptr, person_class="employer")


def drawn(client, user, address):
    """Requests a page as `user`. Returns its HTML."""
    client.force_login(user)
    answer = client.get(address)
    assert answer.status_code == 200
    return answer.content.decode()


def without_tokens(text):
    """Returns the lines of the page that do not change with every request."""
    return [line for line in text.splitlines() if "csrf" not in line]


@pytest.mark.parametrize(
    "address", ["/", "/dashboard/", "/search/?q=探访", "/complaints/", "/complaints/board/"]
)
def test_pages_of_somebody_on_no_list_are_the_same_before_and_after(
    client, address, head, director, registrar
):
    before = without_tokens(drawn(client, director, address))
    ComplaintFactory(by=registrar)
    assert without_tokens(drawn(client, director, address)) == before


def test_record_of_somebody_on_no_list_is_the_same_before_and_after(
    client, employer, head, director, registrar
):
    address = employer.get_absolute_url()
    before = without_tokens(drawn(client, director, address))
    ComplaintFactory(by=registrar, stakeholder=employer.stakeholder_ptr)
    assert without_tokens(drawn(client, director, address)) == before


def test_record_shows_the_complaints_of_those_on_the_list(client, about, head, employer):
    assert TITLE in drawn(client, head, employer.get_absolute_url())
    assert TITLE in drawn(client, head, f"/timeline/{employer.pk}/")


def test_more_of_a_record_than_its_panel_shows_stand_in_the_list(client, head, registrar, employer):
    for _place in range(8):
        ComplaintFactory(by=registrar, stakeholder=employer.stakeholder_ptr)
    ComplaintFactory(by=registrar)
    assert drawn(client, head, employer.get_absolute_url()).count(TITLE) == 6
    assert len(client.get(f"/complaints/?of={employer.pk}&show=all").context["rows"]) == 8


def test_record_tells_whoever_only_reads_nothing(client, about, head, director, employer):
    take_step(about, "list", head, user=director, text="请知悉")
    assert TITLE in drawn(client, director, "/complaints/?show=all")
    assert TITLE not in drawn(client, director, employer.get_absolute_url())
    assert TITLE not in drawn(client, director, f"/complaints/?show=all&of={employer.pk}")


def test_record_forgets_the_complaint_with_the_right(client, about, head, council, employer):
    take_step(about, "accuse", head, users=(head,))
    assert TITLE not in drawn(client, head, employer.get_absolute_url())
    assert TITLE in drawn(client, council, employer.get_absolute_url())


def test_work_shows_what_one_heads_or_handles(client, case, head, handler, director):
    assert TITLE in drawn(client, head, "/")
    assert TITLE not in drawn(client, handler, "/")
    take_step(case, "appoint", head, user=handler)
    take_step(case, "list", head, user=director, text="请知悉")
    assert TITLE in drawn(client, handler, "/")
    assert TITLE not in drawn(client, director, "/")


def test_count_beside_the_navigation_is_what_waits_for_me(client, case, head, handler):
    def count(user):
        client.force_login(user)
        nav = client.get("/").context["nav"]
        return next(
            item.count for _name, items in nav.groups for item in items if item.href == "/complaints/"
        )

    assert (count(head), count(handler)) == (1, 0)
    take_step(case, "appoint", head, user=handler)
    assert (count(head), count(handler)) == (0, 1)


def test_navigation_is_open_to_everybody_who_is_logged_in(client, db, today):
    client.force_login(UserFactory(volunteer=True))
    nav = client.get("/").context["nav"]
    assert [tab.href for tab in nav.tabs] == ["/", "/complaints/"]


def test_tabs_of_the_phone(client, head):
    client.force_login(head)
    assert [tab.href for tab in client.get("/").context["nav"].tabs] == [
        "/",
        "/employers/",
        "/log/",
        "/complaints/",
    ]


@pytest.mark.parametrize("query", ["没有按约定", "12号和19号", "number"])
def test_search_finds_by_title_statement_and_number(client, case, head, director, query):
    query = case.number if query == "number" else query
    assert case.get_absolute_url() in drawn(client, head, f"/search/?q={query}")
    assert case.get_absolute_url() not in drawn(client, director, f"/search/?q={query}")


def test_search_never_finds_by_name(client, case, head):
    assert case.get_absolute_url() not in drawn(client, head, "/search/?q=陈小满")


def test_search_offers_all_of_more_than_it_shows(client, head, registrar):
    for _place in range(21):
        ComplaintFactory(by=registrar)
    client.force_login(head)
    group = client.get("/search/?q=探访").context["groups"][-1]
    assert (len(group.rows), group.more) == (20, True)
    assert len(client.get(group.href).context["rows"]) == 21


def test_dashboard_tile_counts_the_open_ones_one_may_see(client, case, head, director):
    def tile(user):
        client.force_login(user)
        tiles = client.get("/dashboard/").context["page"].tiles
        return [(one["value"], one["href"]) for one in tiles if one["href"].startswith("/complaints/")]

    assert tile(head) == [("1", "/complaints/?show=open")]
    assert tile(director) == []
    take_step(case, "void", head, text="登记错了")
    assert tile(head) == [("0", "/complaints/?show=open")]


@pytest.mark.parametrize("address", ["/", "/search/?q=探访", "/dashboard/"])
def test_statements_do_not_grow(client, head, registrar, address):
    ComplaintFactory(by=registrar)
    client.force_login(head)
    few = queries_of_page(client, address)
    for _place in range(9):
        ComplaintFactory(by=registrar)
    assert queries_of_page(client, address) == few
    assert Complaint.objects.visible_to(head).count() == 10


def test_roles_open_nothing(client, case, head):
    for role in Role:
        user = UserFactory(roles=[role])
        assert TITLE not in drawn(client, user, "/complaints/?show=all")


def test_work_begins_with_what_is_overdue_or_waits_for_oneself(client, today, head, handler, registrar):
    others = [take_step(ComplaintFactory(by=registrar), "appoint", head, user=handler) for _place in range(7)]
    mine = ComplaintFactory(by=registrar)
    late = take_step(
        ComplaintFactory(by=registrar, received_on=date(2026, 8, 3)), "appoint", head, user=handler
    )
    client.force_login(head)
    page = client.get("/").content.decode()
    panel = page[page.index('id="complaints"') :]
    places = [panel.index(case.number) for case in (late, mine, others[0])]
    assert places == sorted(places)
