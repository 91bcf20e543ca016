"""Pages that continue after the last row shown, and counts that stop at a cap."""

import pytest
from django.http import QueryDict

from lists.paging import COUNT_CAP, Order, capped_counts, page_of
from relations.models import SearchToken, Stakeholder
from tests.factories.relations import StakeholderFactory

pytestmark = pytest.mark.django_db
BY_TOKEN = Order("token")


@pytest.fixture
def tokens(at):
    """A function that stores search tokens of these names and returns their queryset."""
    at("2026-10-12")
    stakeholder = StakeholderFactory()
    SearchToken.objects.all().delete()

    def make(names):
        SearchToken.objects.bulk_create(SearchToken(stakeholder=stakeholder, token=name) for name in names)
        return SearchToken.objects.all()

    return make


def shown(rows, query="", order=BY_TOKEN):
    """Returns the tokens on the page, and the Page."""
    page = page_of(rows, order, QueryDict(query), size=2)
    return [row.token for row in page.rows], page


def test_counts_stop_at_the_cap(tokens):
    rows = tokens(str(number) for number in range(COUNT_CAP + 5))
    few = rows.filter(token__in=["1", "2"])
    assert capped_counts({"all": rows, "few": few, "none": rows.none()}) == {
        "all": COUNT_CAP,
        "few": 2,
        "none": 0,
    }
    assert capped_counts({}) == {}


def test_counting_many_querysets_is_one_statement(django_assert_num_queries):
    with django_assert_num_queries(1):
        capped_counts({str(number): Stakeholder.objects.filter(pk__gt=number) for number in range(5)})


def test_pages_forwards_and_backwards(tokens):
    rows = tokens("abcde")
    first, page = shown(rows)
    second, next_page = shown(rows, f"after={page.older}")
    third, last_page = shown(rows, f"after={next_page.older}")
    assert (first, second, third) == (["a", "b"], ["c", "d"], ["e"])
    assert (page.newer, last_page.older) == (None, None)
    assert [one.first for one in (page, next_page, last_page)] == [1, 3, 5]
    back, back_page = shown(rows, f"before={last_page.newer}")
    assert (back, back_page.first) == (["c", "d"], 3)
    assert shown(rows, f"before={back_page.newer}")[0] == ["a", "b"]


def test_full_last_page_leads_nowhere(tokens):
    rows = tokens("abcd")
    page = shown(rows)[1]
    assert shown(rows, f"after={page.older}")[1].older is None


def test_descending_order(tokens):
    rows = tokens("abc")
    order = Order("token", descending=True)
    first, page = shown(rows, order=order)
    assert first == ["c", "b"]
    assert shown(rows, f"after={page.older}", order)[0] == ["a"]


@pytest.mark.parametrize("cursor", ["", "~", "a", "a~b", "a~1", "a~0~1", "a~1~0", f"a~{2**63}~1", "a~-1~1"])
def test_cursor_nobody_can_read_gives_the_first_page(tokens, cursor):
    assert shown(tokens("abc"), f"after={cursor}")[0] == ["a", "b"]
