"""The board: every figure equals the list it links to, and counts only complaints visible to the user."""

from datetime import date, timedelta

import pytest

from complaints.reports.repeats import repeats
from reminders import clock
from tests.factories.complaints import ComplaintFactory, take_step
from tests.plugins.where import deep
from tests.queries import queries_of_page

BOARD = "/complaints/board/"


@pytest.fixture
def many(head, handler, registrar, today, at):
    """Complaints of this year and the last, in every state."""
    for place in range(18):
        case = ComplaintFactory(
            by=registrar,
            received_on=today - timedelta(days=19 * place),
            kind=("complaint", "suggestion", "praise")[place % 3],
            channel=("phone", "email", "post")[place % 3],
            subject=("conduct", "rules")[place % 2],
            person_class=("client", "employer", "staff", "other")[place % 4],
        )
        if place % 3:
            take_step(case, "appoint", head, user=handler)
        if place % 4 == 1:
            take_step(case, "reply", head, on=today, form_of_reply="phone", text="道歉")
        if place % 8 == 1:
            take_step(case, "satisfied", head, on=today)
            take_step(case, "sign", head, text="同意", finding="partly")
    take_step(ComplaintFactory(by=registrar), "void", head, text="登记错了")
    ComplaintFactory(by=registrar, anonymous=True, personnel=True)


def page(client, **query):
    """Requests the board. Returns its page object."""
    answer = client.get(BOARD, query)
    assert answer.status_code == 200
    return answer.context["page"]


def length(client, href):
    """Returns the length of the list behind a figure."""
    answer = client.get(href)
    assert answer.status_code == 200
    return int(str(answer.context["shown"]).replace(",", ""))


def bars(page):
    """Returns all bars of the charts."""
    charts = [page.months_chart, *(one["data"] for one in page.charts)]
    return [bar for chart in charts for series in chart["series"] for bar in series["values"]]


def test_somebody_on_no_list_finds_no_figure(client, director, case):
    client.force_login(director)
    answer = client.get(BOARD)
    assert (answer.status_code, answer.context["has_any"]) == (200, False)
    assert 'class="fig' not in answer.content.decode()


@pytest.mark.parametrize("year", ["", deep("2025"), "all"])
def test_every_figure_opens_exactly_what_it_counts(head_client, many, undrawn, year):
    board = page(head_client, year=year)
    undrawn()
    tiles = {tile["label"]: tile for tile in board.tiles}
    for label in ("办理中", "本周到期", "逾期", "对回复满意", "属实", "同类再次发生"):
        tile = tiles[label]
        assert length(head_client, tile["href"]) == int(tile["value"]), label
    for bar in bars(board):
        assert length(head_client, bar["href"]) == bar["value"], bar["href"]


def test_figures_say_what_happened(head_client, many, head):
    """R127, R167."""
    figures = page(head_client, year="all").figures
    assert figures.total == 20
    assert (figures.by["kind"]["praise"], figures.by["is_satisfied"][True]) == (6, 3)
    assert sum(sum(stands.values()) for stands in figures.months.values()) == 20


def test_figures_show_by_which_way_it_came_and_how_the_reply_was_received(head_client, many):
    """R167: the ways to complain and the feedback are rated lowest, so both are counted."""
    figures = page(head_client, year="all").figures
    assert figures.by["channel"] == {"phone": 8, "email": 6, "post": 6}
    assert figures.by["is_satisfied"] == {True: 3, None: 17}


def test_only_what_one_may_see_is_counted(client, many, handler):
    client.force_login(handler)
    assert page(client, year="all").figures.total == 12


def test_days_taken_are_working_days(head_client, head, registrar, today, at):
    cases = [ComplaintFactory(by=registrar) for _place in range(3)]
    for case, day in zip(cases, ("2026-09-29", "2026-09-29", "2026-10-13"), strict=True):
        take_step(case, "reply", head, on=at(day), form_of_reply="phone", text="道歉")
    at("2026-10-14")
    head_client.force_login(head)
    taken = page(head_client).figures.response
    assert (taken.count, taken.median, taken.longest) == (3, 1, 7)
    assert page(head_client).figures.result.count == 0


def test_hand_over_counts_from_the_receipt(head_client, head, registrar, at):
    """R145: the days until the person in charge had it."""
    ComplaintFactory(by=registrar)
    at("2026-10-08")
    ComplaintFactory(by=registrar, received_on=date(2026, 9, 28))
    head_client.force_login(head)
    taken = page(head_client).figures.handed_over
    assert (taken.count, taken.median, taken.longest) == (2, 0, 3)


@pytest.mark.parametrize(
    ("first", "second", "is_repeat"),
    [
        ("2025-10-01", "2026-09-28", True),
        ("2025-09-28", "2026-09-28", True),
        ("2025-09-27", "2026-09-28", False),
        ("2026-09-28", "2026-09-28", True),
        ("2024-02-29", "2025-02-28", True),
        ("2024-02-28", "2025-03-01", False),
    ],
)
def test_repeat_lies_within_the_months(head, registrar, today, first, second, is_repeat):
    """R151."""
    days = [date.fromisoformat(day) for day in (first, second)]
    cases = [ComplaintFactory(by=registrar, received_on=day) for day in days]
    found = [row["pk"] for row in repeats(head, 12)]
    assert found == ([cases[1].pk] if is_repeat else [])


def test_repeat_is_of_the_same_kind_and_subject(head, registrar, council):
    ComplaintFactory(by=registrar)
    ComplaintFactory(by=registrar, subject="rules")
    ComplaintFactory(by=registrar, suggestion=True)
    for _time in range(2):
        ComplaintFactory(by=registrar, praise=True, subject="other")
    take_step(ComplaintFactory(by=registrar), "void", head, text="登记错了")
    ComplaintFactory(by=registrar, accused=[head])
    assert list(repeats(head, 12)) == []
    assert list(repeats(council, 12)) == []


@pytest.mark.parametrize("year", ["x", "99999", "1", "²", ""])
def test_year_that_nobody_can_read_is_this_one(head_client, case, year):
    assert page(head_client, year=year).year == clock.today().year


def test_cost_is_the_same_for_many(head_client, head, registrar):
    ComplaintFactory(by=registrar)
    few = queries_of_page(head_client, BOARD)
    for place in range(12):
        ComplaintFactory(by=registrar, received_on=clock.today() - timedelta(days=place))
    assert queries_of_page(head_client, BOARD) == few <= 10
