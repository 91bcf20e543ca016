"""The parts of a list page that need no model: query string, filter bar, tabs and column headings."""

import pytest
from django.http import QueryDict

from lists import filters
from lists.filters import Filter, Pill, condition_words, filter_bar
from lists.paging import COUNT_CAP, Order, Page, format_count, page_links
from lists.query import encode, filter_conditions, filter_values, link, parse_query_string
from lists.sortable_headings import column_links, requested_order
from lists.tabs import Tab, tab_items

COLOURS = [("red", "红"), ("blue", "蓝")]
COLOUR = Filter("colour", "颜色", COLOURS)


def shown(one, **values):
    """Returns the item that the bar shows for the filter `one`, or None."""
    [*items] = filter_bar([one], values)
    return items[0] if items else None


def test_values_of_an_address_leave_out_its_place_and_what_is_empty():
    query = QueryDict("colour=red&after=1~2~3&before=&size=&sort=name")
    assert filter_values(query) == {"colour": "red", "sort": "name"}
    assert filter_conditions(query) == {"colour": "red"}


def test_same_values_make_the_same_address():
    assert encode({"b": "2", "a": "1", "c": ""}) == encode({"a": "1", "b": "2"}) == "a=1&b=2"
    assert link({}) == "?"


def test_address_is_read_as_it_was_written():
    values = {"town": "白鹭街道", "q": "a&b=c?"}
    assert parse_query_string(encode(values)) == values


def test_filter_that_is_off_offers_its_choices_beside_the_other_conditions():
    item = shown(COLOUR, size="9")
    assert (item["value"], [option["label"] for option in item["options"]]) == ("", ["红", "蓝"])
    assert item["options"][0]["href"] == "?colour=red&size=9"


def test_filter_that_is_on_says_its_value_and_is_taken_away_by_its_pill():
    item = shown(COLOUR, colour="red", size="9")
    assert (item["value"], item["clear"], item["options"]) == ("红", "?size=9", [])


def test_value_nobody_can_read_is_no_pill():
    assert shown(COLOUR, colour="x")["value"] == ""


def test_value_that_is_not_offered_shows_in_its_own_words_or_as_it_is():
    named = Filter("colour", "颜色", COLOURS, words={"grey": "灰的", "red": "红的"})
    assert [shown(named, colour=value)["value"] for value in ("grey", "red", "x")] == ["灰的", "红的", ""]
    assert shown(Filter("colour", "颜色", COLOURS, shows_any=True), colour="x")["value"] == "x"


@pytest.mark.parametrize(
    ("settings", "values", "is_shown"),
    [
        ({}, {}, True),
        ({"choices": []}, {}, False),
        ({"choices": COLOURS[:1], "min_choices": 2}, {}, False),
        ({"choices": COLOURS[:1], "min_choices": 2}, {"colour": "red"}, True),
        ({"only_when_on": True}, {}, False),
        ({"only_when_on": True}, {"colour": "red"}, True),
    ],
)
def test_filter_shows_when_there_is_something_to_choose_or_to_take_away(settings, values, is_shown):
    one = Filter(**{"name": "colour", "label": "颜色", "choices": COLOURS} | settings)
    assert (shown(one, **values) is not None) == is_shown


def test_of_very_many_choices_the_first_are_offered_and_any_may_be_typed(monkeypatch):
    typed = Filter("colour", "颜色", COLOURS, typed="colour_name")
    assert shown(typed)["typed"] == ""
    monkeypatch.setattr(filters, "MAX_MENU_CHOICES", 1)
    item = shown(typed, size="9")
    assert ([option["label"] for option in item["options"]], item["typed"]) == (["红"], "colour_name")
    assert item["hidden_values"] == [("size", "9")]
    on = shown(typed, colour_name="灰", size="9")
    assert (on["value"], on["clear"]) == ("灰", "?size=9")


def test_pill_takes_all_its_names_away_and_shows_only_with_words():
    days = Pill("period", "收到", "1月至3月", ("since", "until"))
    assert shown(days, since="2026-01-01", until="2026-03-31", colour="red")["clear"] == "?colour=red"
    assert shown(Pill("period", "收到", "", ("since", "until"))) is None


def test_conditions_are_said_in_the_order_of_the_bar():
    bar = filter_bar([COLOUR, Filter("size", "大小", [("9", "九")])], {"colour": "blue", "size": "9"})
    assert condition_words(bar, "民政") == "蓝、九、“民政”"
    assert condition_words([]) == ""


def test_tab_of_the_conditions_shown_is_the_current_one():
    tabs = [Tab("全部", {}), Tab("红的", {"colour": "red"}, is_alarm=True)]
    items = tab_items(tabs, {"colour": "red"}, [7, 2])
    assert [(item["href"], item["count"], item["current"], item["over"]) for item in items] == [
        ("?", 7, False, False),
        ("?colour=red", 2, True, True),
    ]
    assert [item["over"] for item in tab_items(tabs, {}, [7, 0])] == [False, False]
    assert [item["count"] for item in tab_items(tabs, {})] == [None, None]


ORDERS = {"name": Order("name"), "-name": Order("name", descending=True), "rank": Order("rank")}


def test_heading_of_the_current_order_turns_it_round():
    columns = column_links(("name", "rank"), ORDERS, "name", {"sort": "name", "colour": "red"})
    assert columns["name"] == {"href": "?colour=red&sort=-name", "state": "ascending"}
    assert columns["rank"] == {"href": "?colour=red&sort=rank", "state": ""}
    turned = column_links(("name", "rank"), ORDERS, "-name", {})
    assert turned["name"] == {"href": "?sort=name", "state": "descending"}


def test_heading_without_reverse_order_is_unchanged():
    assert column_links(("rank",), ORDERS, "rank", {})["rank"]["href"] == "?sort=rank"


@pytest.mark.parametrize(("query", "name"), [("", "rank"), ("sort=x", "rank"), ("sort=-name", "-name")])
def test_order_nobody_knows_is_the_usual_one(query, name):
    assert requested_order(QueryDict(query), ORDERS, "rank") == name


def test_links_to_both_sides_keep_the_conditions_and_not_the_old_place():
    page = Page([], newer="a~1~2", older=None, first=1)
    links = page_links(page, {"colour": "red", "after": "z~9~9"})
    assert links == {"newer": "?before=a~1~2&colour=red", "older": None}


@pytest.mark.parametrize(("count", "words"), [(0, "0"), (999, "999"), (1000, "1,000"), (COUNT_CAP, "1,000+")])
def test_count_that_was_cut_off_says_so(count, words):
    assert format_count(count) == words
