"""The half-yearly review counts the complaints received in a half-year that are visible to the user."""

from datetime import date

import pytest

from complaints.models import Improvement
from complaints.reports import review
from reminders import clock
from reminders.calendar import workdays
from tests.factories.complaints import ComplaintFactory, take_step
from tests.queries import queries_of_page

REVIEW = "/complaints/review/"
SECOND = "2026-2"


@pytest.fixture
def half(head, handler, registrar, council, today):
    """Of this half-year: in time and satisfied, late, open, not processed, void, closed to the head; and one older."""
    settled = ComplaintFactory(by=registrar, subject="rules")
    take_step(settled, "reply", head, on=today, form_of_reply="phone", text="道歉")
    take_step(settled, "satisfied", head, on=today)
    take_step(settled, "sign", head, text="同意", finding="true")
    for done, recurred in ((today, True), (None, None)):
        Improvement.objects.create(
            complaint=settled,
            measure="提前一天告知",
            owner=handler,
            due_on=today,
            check_on=today,
            done_on=done,
            checked_on=done,
            has_recurred=recurred,
        )
    late = ComplaintFactory(by=registrar, received_on=date(2026, 7, 1))
    take_step(late, "reply", head, on=today, form_of_reply="phone", text="道歉")
    ComplaintFactory(by=registrar)
    ComplaintFactory(by=registrar, anonymous=True, personnel=True)
    take_step(ComplaintFactory(by=registrar), "void", head, text="登记错了")
    ComplaintFactory(by=registrar, received_on=date(2026, 6, 30))
    ComplaintFactory(by=registrar, accused=[head])


def report(user, half_year=SECOND):
    """Returns the review of `half_year` for `user`."""
    today = clock.today()
    return review.report(user, review.parse_half_year(half_year, today), today, workdays.current_calendar())


def test_figures_of_the_half_year(half, head):
    """R127, R167: replies and results, in time or late, and measures."""
    figures = report(head)
    assert (figures.total, figures.processed, figures.not_processed, figures.void) == (5, 3, 1, 1)
    assert (figures.response.in_time, figures.response.late, figures.response.waiting) == (1, 1, 1)
    assert (figures.result.in_time, figures.result.late, figures.result.waiting) == (1, 1, 1)
    assert (figures.response.percent, figures.repeated, figures.silent) == (50, 2, 1)
    assert figures.measures == {"total": 2, "done": 1, "overdue": 0, "checked": 1, "recurred": 1}
    assert (figures.by_subject["rules"]["total"], figures.by_subject["rules"]["true"]) == (1, 1)
    assert figures.by_subject["conduct"]["complaint"] == 2
    assert figures.by["is_satisfied"][True] == 1


def test_only_what_one_may_see_is_counted(half, council, director, registrar):
    assert report(council).total == 1
    assert [report(director).total, report(director).void] == [1, 1]  # the void one, which is escalated
    assert report(registrar).total == 0


def test_page_says_whose_sight_it_is(head_client, half, head):
    page = head_client.get(REVIEW, {"half": SECOND}).content.decode()
    assert "只数周主任看得到的" in page
    assert "5件：受理3件，匿名的人事投诉登记不处理1件，登记有误1件" in page
    assert "按时50%（1件），晚了1件" in page
    assert "2条：已完成1条，逾期0条，完成后检查过1条，其中又发生1条" in page
    assert "陈小满" not in page


def test_nothing_due_has_no_share(client, director, head):
    client.force_login(director)
    assert "没有到期的" in client.get(REVIEW).content.decode()


@pytest.mark.parametrize(
    ("half_year", "first", "last"),
    [
        ("2026-1", date(2026, 1, 1), date(2026, 6, 30)),
        ("2026-2", date(2026, 7, 1), date(2026, 12, 31)),
        ("", date(2026, 1, 1), date(2026, 6, 30)),
        ("2026-3", date(2026, 1, 1), date(2026, 6, 30)),
        ("9999-2", date(2026, 1, 1), date(2026, 6, 30)),
        ("0000-1", date(2026, 1, 1), date(2026, 6, 30)),
        ("²026-1", date(2026, 1, 1), date(2026, 6, 30)),
        (None, date(2026, 1, 1), date(2026, 6, 30)),
    ],
)
def test_half_year_in_the_address(today, half_year, first, last):
    span = review.parse_half_year(half_year, today)
    assert (span.starts_on, span.ends_on) == (first, last)


def test_in_the_first_half_the_last_year_is_reviewed():
    span = review.parse_half_year("", date(2026, 3, 1))
    assert (span.starts_on, review.half_year_text(span)) == (date(2025, 7, 1), "2025-2")


def test_cost_is_the_same_for_many(head_client, half, registrar):
    few = queries_of_page(head_client, REVIEW, {"half": SECOND})
    for _place in range(10):
        ComplaintFactory(by=registrar)
    assert queries_of_page(head_client, REVIEW, {"half": SECOND}) == few <= 12
