"""意见／投诉档案夹: the forms of a period behind a table of contents (R152)."""

from datetime import date

import pytest

from complaints.models import Viewing
from complaints.paper import period_file
from tests.employers.desk import asking
from tests.factories.accounts import UserFactory
from tests.factories.complaints import ComplaintFactory, take_step
from tests.word import text_of_word

pytestmark = pytest.mark.django_db
FILE = "/complaints/paper/file/"
PERIOD = {"first": "2026-09-01", "last": "2026-09-30"}


def received(day, **fields):
    """Creates a complaint received and stated on `day`."""
    return ComplaintFactory(received_on=date.fromisoformat(day), stated_on=date.fromisoformat(day), **fields)


def numbers_in(text, cases):
    """Returns, for each complaint, whether its number is in `text`."""
    return [case.number in text for case in cases]


def test_what_one_may_not_see_is_in_no_file(case, registrar):
    for page in (FILE, f"{FILE}word/"):
        answer = asking(registrar).get(page, PERIOD)
        assert answer["Content-Type"].startswith("text/html")
        text = answer.content.decode()
        assert "这段时间没有收到您能打印的意见／投诉" in text
        assert case.number not in text
    assert not Viewing.objects.exists()


def test_strictly_confidential_ones_are_in_the_file_of_their_head_only(head, handler):
    open_one, strict = ComplaintFactory(), ComplaintFactory(is_strictly_confidential=True)
    for case in (open_one, strict):
        take_step(case, "appoint", head, user=handler)
    assert numbers_in(asking(head).get(FILE, PERIOD).content.decode(), [open_one, strict]) == [True, True]
    assert numbers_in(asking(handler).get(FILE, PERIOD).content.decode(), [open_one, strict]) == [True, False]
    assert not Viewing.objects.filter(complaint=strict, user=handler).exists()


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ({"first": "2026-09-30", "last": "2026-09-01"}, "比开始的日期早"),
        ({"first": "1999-09-30", "last": "2026-09-30"}, "请检查年份"),
        ({"first": "2026-09-01"}, "到哪天"),
        ({"first": "x", "last": "2026-09-30"}, "从哪天"),
    ],
)
def test_days_that_cannot_be_are_told(case, head, query, sentence):
    answer = asking(head).get(FILE, query)
    assert sentence in answer.content.decode()
    assert case.number not in answer.content.decode()
    assert not Viewing.objects.exists()


def test_more_than_a_file_holds_is_told(case, head, monkeypatch):
    ComplaintFactory()
    monkeypatch.setattr(period_file, "MAX_FORMS", 1)
    assert "超过1件" in asking(head).get(FILE, PERIOD).content.decode()
    assert not Viewing.objects.exists()


def test_file_asks_for_the_days_first(case, head):
    page = asking(head).get(FILE).content.decode()
    assert 'value="2026-07-01"' in page
    assert 'value="2026-09-28"' in page
    assert case.number not in page


def test_file_holds_what_came_in_during_the_days(head):
    before, first, last, after = (received(f"2026-0{day}") for day in ("8-31", "9-01", "9-27", "9-28"))
    page = asking(head).get(FILE, {"first": "2026-09-01", "last": "2026-09-27"}).content.decode()
    assert numbers_in(page, [before, first, last, after]) == [False, True, True, False]
    assert page.index(first.number) < page.index(last.number)
    assert "共2件" in page


def test_each_form_of_the_file_is_masked_and_written_down(head):
    cases = [ComplaintFactory(title="陈小满的来信") for _number in range(3)]
    client = asking(head)
    page, word = client.get(FILE, PERIOD), client.get(f"{FILE}word/", PERIOD)
    for text in (page.content.decode(), text_of_word(word)):
        assert "陈小满" not in text
        assert "意见／投诉档案夹" in text
        assert numbers_in(text, cases) == [True] * 3
    seen = Viewing.objects.filter(user=head, what=Viewing.What.PAPER).values_list("complaint", flat=True)
    assert sorted(seen) == sorted([case.pk for case in cases] * 2)


def test_file_with_a_secret_in_it_is_marked_on_its_first_page(head):
    ComplaintFactory(is_strictly_confidential=True)
    index = asking(head).get(FILE, PERIOD).content.decode().split("a4--record")[0]
    assert 'class="secmark"' in index


def test_queries_do_not_grow_with_the_forms(head, django_assert_max_num_queries):
    client = asking(head)
    for _number in range(2):
        ComplaintFactory()
    client.get(FILE, PERIOD)
    with django_assert_max_num_queries(12) as few:
        client.get(FILE, PERIOD)
    for _number in range(10):
        take_step(ComplaintFactory(), "appoint", head, user=UserFactory())
    with django_assert_max_num_queries(len(few)):
        client.get(FILE, PERIOD)
