"""Every main page of the site with the data of the demo, in seven accounts, on desktop and phone, in Chinese and
English; and complete tasks with the keyboard alone, and on the phone.
"""

from pathlib import Path

import pytest
from playwright.sync_api import expect

from accounts.approvals.models import Sheet
from accounts.models import User
from complaints.models import Complaint, Improvement, State
from employers.models import Contract, Employer
from lezhi.demo.build import build
from lezhi.demo.people import create_people
from relations.models import CadenceRule, Cycle, Decision, Stage
from reminders import clock
from tests.browser.checks import assert_no_axe_violations, login

pytestmark = pytest.mark.django_db(transaction=True)
SAMPLES = Path(__file__).parents[1] / "samples"
DESK, TABLET, PHONE, NARROW = 1440, 834, 390, 360
# Each page is opened at each width and in each language, the longest words on the narrowest screen. axe-core checks it
# at the last width of a list: on a desktop in Chinese or, every second page, on the narrowest screen in English; with
# --deep, both.
WIDTHS = {"zh-hans": (PHONE, DESK), "en": (DESK, TABLET, NARROW)}
MOMENTS = 50  # checks, a tenth of a second apart
PAGES = {
    "luo": [
        "/?by=matter",
        "/notices/",
        "/me/",
        "/log/{employer}/",
        "/employers/",
        "/employers/{employer}/",
        "/employers/{employer}/edit/",
        "/relations/cycles/{cycle}/",
        "/relations/{employer}/process/",
        "/rules/",
    ],
    "servicehead": [
        "/approvals/",
        "/employers/?ends=60",
        "/employers/hand-over/?pick={employer}",
        "/employers/{employer}/contracts/new/",
        "/employers/{employer}/contracts/{term}/",
        "/employers/{employer}/people/new/",
        "/employers/{employer}/void/",
        "/interactions/",
        "/relations/decisions/{decision}/",
        "/relations/{employer}/tasks/",
        "/relations/{employer}/meetings/new/",
        "/relations/cycles/{cycle}/move/back_to_contact/",
        "/stand-ins/",
        "/relations/{employer}/access/",
        "/supervision/",
        "/supervision/{account}/",
        "/relations/emergency/",
        "/relations/emergency/reviews/",
        "/employers/import/",
    ],
    "director": [
        "/dashboard/",
        "/dashboard/duties/?state=overdue",
        "/dashboard/contracts/",
        "/search/?q=社会",
        "/rules/holidays/",
        "/rules/holidays/paste/",
        "/rules/deadline/",
        "/rules/contact/{rule}/change/",
        "/rules/approvals/",
        "/rules/approvals/new/",
        "/approvals/",
        "/sheets/{sheet}/",
        "/roles/",
        "/about/",
    ],
    "head": [
        "/complaints/?show=all",
        "/complaints/board/",
        "/complaints/review/",
        "/complaints/{complaint}/",
        "/complaints/{complaint}/people/",
        "/complaints/{complaint}/seen/",
        "/complaints/{complaint}/act/plan/",
        "/complaints/{complaint}/paper/",
        "/complaints/{complaint}/measures/new/",
        "/complaints/measures/",
        "/complaints/measures/{measure}/",
        "/complaints/paper/file/",
        "/complaints/texts/",
        "/complaints/poster/",
    ],
    "council": ["/complaints/", "/complaints/charge/"],
    "su": ["/complaints/", "/complaints/new/"],
    "admin": [
        "/accounts/",
        "/accounts/new/",
        "/accounts/{account}/",
        "/departments/",
        "/notices/undelivered/",
    ],
}


@pytest.fixture
def demo():
    """The demo as of today; returns the keys that the URLs of PAGES name."""
    build(clock.today())
    luo = User.objects.get(username="luo")
    mine = Employer.objects.filter(responsible=luo)
    contract = Contract.objects.filter(stakeholder__in=mine).first()
    head = User.objects.get(username="servicehead")
    return {
        "employer": contract.stakeholder_id,
        "term": contract.pk,
        "cycle": Cycle.objects.running().get(stakeholder=contract.stakeholder_id).pk,
        "sheet": Sheet.objects.open().get(matter="roles").pk,
        "decision": Decision.objects.visible_to(head).first().pk,
        "account": luo.pk,
        "rule": CadenceRule.objects.first().code,
        "complaint": Complaint.objects.get(state=State.UNRESOLVED).number,
        "measure": Improvement.objects.unfinished().first().pk,
    }


def overflows(page, width):
    """Returns whether the page is wider than a screen of this width. Charts follow a new width a moment later."""
    page.set_viewport_size({"width": width, "height": 800})
    for _look in range(MOMENTS):
        if page.evaluate("document.documentElement.scrollWidth <= innerWidth"):
            return False
        page.wait_for_timeout(100)
    return True


def test_every_page_is_clean_in_both_languages_at_every_width(open_context, demo, is_deep):
    """One centre and one browser for all accounts: setting up either takes longer than opening many pages."""
    page = open_context(viewport={"width": DESK, "height": 900}).new_page()
    found = []
    for username, addresses in PAGES.items():
        user = User.objects.get(username=username)
        login(page, user)
        found += faults_of_pages(page, user, [one.format(**demo) for one in ("/", *addresses)], is_deep)
    assert found == []


def faults_of_pages(page, user, addresses, is_deep):
    """Returns the pages of `user` that do not fit the screen or are in the wrong language; fails on axe violations."""
    found = []
    for turn, (language, widths) in enumerate(WIDTHS.items()):
        User.objects.filter(pk=user.pk).update(language=language)
        for place, address in enumerate(addresses):
            page.goto(address)
            if not page.locator("html").get_attribute("lang").lower().startswith(language[:2]):
                found.append(f"{address} is not in {language}")
            found += [f"{address} {language} {width}" for width in widths if overflows(page, width)]
            if is_deep or place % len(WIDTHS) == turn:
                assert_no_axe_violations(page)
    return found


def tab_to(page, locator, most=120):
    """Moves the focus with the tab key until `locator` has it."""
    for _press in range(most):
        if locator.evaluate("(element) => element === document.activeElement"):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"the tab key does not reach {locator}")


def press(page, locator):
    """Moves the focus to a button or link with the tab key and presses Enter."""
    tab_to(page, locator)
    page.keyboard.press("Enter")


def test_register_is_imported_by_keyboard_after_its_errors_are_named(page):
    people = create_people()
    login(page, people["servicehead"])
    page.goto("/employers/import/")
    read = page.get_by_role("button", name="读取并核对")
    page.get_by_label("用人单位登记表").set_input_files(SAMPLES / "employers_with_errors.xlsx")
    press(page, read)
    expect(page.get_by_role("alert")).to_contain_text("现在什么都还没有写入")
    expect(page.get_by_role("button", name="全部导入")).to_be_disabled()
    assert_no_axe_violations(page)
    assert not Employer.objects.exists()
    press(page, page.get_by_role("link", name="换一个文件"))
    page.get_by_label("用人单位登记表").set_input_files(SAMPLES / "employers.xlsx")
    press(page, page.get_by_role("button", name="读取并核对"))
    press(page, page.get_by_role("button", name="全部导入"))
    expect(page.get_by_role("heading", name="已导入")).to_be_visible()
    assert_no_axe_violations(page)
    press(page, page.get_by_role("link", name="看用人单位"))
    expect(page.get_by_role("table")).to_be_visible()
    assert Employer.objects.count() > 10


def test_new_employer_gets_a_contract_and_moves_on_the_phone(phone):
    people = create_people()
    login(phone, people["servicehead"])
    phone.goto("/employers/new/")
    phone.get_by_label("单位名称").fill("和风镇社会事务局")
    for choice in ("政府部门", "对方主动联系"):
        phone.get_by_text(choice, exact=True).first.click()
    phone.get_by_label("初步评估的需求").fill("希望开展长者服务。")
    phone.get_by_role("button", name="登记").click()
    phone.wait_for_url("**/employers/*/")
    employer = Employer.objects.get()
    expect(phone.get_by_text("潜在").first).to_be_visible()
    phone.goto(f"/employers/{employer.pk}/contracts/new/")
    today = clock.today()
    phone.get_by_label("合同编号").fill("和风-001")
    phone.get_by_label("合同开始").fill(today.replace(month=1, day=1).isoformat())
    phone.get_by_label("合同结束").fill(today.replace(month=12, day=31).isoformat())
    phone.get_by_role("button", name="登记").click()
    phone.wait_for_url(f"**/employers/{employer.pk}/")
    expect(phone.get_by_text("显在").first).to_be_visible()
    phone.get_by_role("button", name="进入预估").first.click()
    expect(phone.get_by_text("现在在“预估”阶段。")).to_be_visible()
    assert Cycle.objects.get().stage == Stage.ASSESSMENT
    assert phone.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
