"""The record form as Chromium prints it: one sheet of A4 for each page it states."""

import pytest

from complaints.measures import actions as measures
from complaints.models import ComplaintKind
from lezhi.demo.people import create_people
from reminders import clock
from tests.browser.checks import assert_no_axe_violations, login
from tests.factories.complaints import ComplaintFactory, take_step

pytestmark = pytest.mark.django_db(transaction=True)
A4 = 297 / 25.4 * 96  # pixels
HEIGHTS = (
    "[...document.querySelectorAll('article.a4--record')].map(one => one.getBoundingClientRect().height)"
)
OUTSIDE = """[...document.querySelectorAll('article.a4--record')].filter(one =>
    one.querySelector('table').getBoundingClientRect().bottom >
    one.querySelector('.foot').getBoundingClientRect().top).length"""
COVERED = """[...document.querySelectorAll('td.box')].filter(box => {
    const last = [...box.querySelectorAll('.w p, .ta-r')].at(-1), first = box.querySelector('.rt');
    return last && first && last.getBoundingClientRect().bottom > first.getBoundingClientRect().top + 1;
}).length"""
TEXTS = {
    "short": "说好周六来，没有来。",
    "chinese": "说好每周六上午来看我爸，连着两次都没来，也没有人打电话。" * 60,
    "latin": "The quick brown fox WAITED for MANY minutes at www.example.org/very/long/address " * 40,
    "figures": "2026-11-22 13700006021；" * 120,
    "marks": "“！？……——、”（，。；：）" * 150,
    "one word": "W" * 3000,
    "capitals": "ABCDEFGHIJKLMNOPQRSTUVWXYZ" * 80,
    "lines": "\n".join(["第一行。", "第二行。"] * 60),
}


@pytest.fixture
def people(transactional_db):
    """The users of the demo."""
    return create_people()


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_no_text_runs_over_its_page(page, people, text):
    head = people["head"]
    case = ComplaintFactory(statement=text, kind=ComplaintKind.COMPLAINT, is_strictly_confidential=True)
    case = take_step(case, "reply", head, on=case.received_on, form_of_reply="phone", text=text)
    case = take_step(case, "satisfied", head, on=case.received_on, text=text)
    day = clock.today()
    measures.add_measure(
        case, by=head, today=day, measure=text[:300], owner=people["deputy"], due_on=day, check_on=day
    )
    case.refresh_from_db()
    case = take_step(case, "sign", head, text=text, finding="true")
    login(page, head)
    page.goto(f"/complaints/{case.number}/paper/")
    page.emulate_media(media="print")
    heights = page.evaluate(HEIGHTS)
    footer = page.locator(".foot").last.inner_text()
    assert footer.endswith(f"共{len(heights)}页")
    assert [height for height in heights if height > A4 + 1] == []
    assert page.evaluate(OUTSIDE) == 0
    assert page.evaluate(COVERED) == 0
    assert page.pdf(prefer_css_page_size=True).count(b"/Type /Page\n") == len(heights)


def test_pages_of_paper_are_clean(page, people):
    head = people["head"]
    case = ComplaintFactory()
    login(page, head)
    for address in (
        f"/complaints/{case.number}/paper/",
        "/complaints/paper/blank/",
        "/complaints/paper/file/",
    ):
        page.goto(address)
        assert_no_axe_violations(page)
    page.get_by_role("button", name="打开档案夹").click()
    assert_no_axe_violations(page)
    assert page.locator("article").count() == 2
    page.goto(f"/complaints/{case.number}/paper/")
    page.get_by_role("button", name="用完整姓名和联系方式").click()
    assert "陈小满" in page.locator("article").inner_text()
    assert_no_axe_violations(page)
