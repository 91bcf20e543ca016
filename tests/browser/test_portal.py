"""The public portal in a browser: without scripts on a phone, and free of faults at every width in both languages."""

import pytest
from playwright.sync_api import expect

from complaints.models import Complaint
from lezhi.demo.people import create_people
from tests.browser.checks import assert_no_axe_violations
from tests.complaints.portal import door

pytestmark = pytest.mark.django_db(transaction=True)
PHONE, NARROW, DESK = 390, 360, 1440
WIDTHS = {"zh-hans": (PHONE, DESK), "en": (DESK, NARROW)}  # axe-core checks the last of each


@pytest.fixture
def plain_phone(open_context):
    """A phone whose browser runs no scripts."""
    return open_context(viewport={"width": PHONE, "height": 844}, java_script_enabled=False).new_page()


def fill(page):
    """Fills in the portal form."""
    page.goto("/portal/form/")
    for choice in ("投诉", "服务对象家属", "员工的行动或态度"):
        page.get_by_text(choice, exact=True).click()
    page.get_by_label("一句话说是什么事").fill("探访没有按约定时间来")
    page.get_by_label("请写下来").fill("说好每周六上午来，12号和19号都没来。")


def send(page):
    """Submits the portal form."""
    page.get_by_role("button", name="提交", exact=True).click()


def test_whole_journey_without_a_script(plain_phone):
    create_people()
    page = plain_phone
    fill(page)
    page.get_by_label("照片或文件").set_input_files(
        {"name": "门口.jpg", "mimeType": "image/jpeg", "buffer": door.from_camera()}
    )
    send(page)
    expect(page.get_by_role("heading", name="已收到，谢谢您告诉我们")).to_be_visible()
    code = "".join(page.locator(".code-x b").all_inner_texts())
    page.get_by_role("button", name="离开，不让别人看到").click()
    page.goto("/portal/follow/")
    page.get_by_label("查询码").fill(code.lower())
    page.get_by_role("button", name="查询", exact=True).click()
    expect(page.get_by_role("heading", name="已交中心负责人")).to_be_visible()
    page.get_by_text("日期怎么算的").click()
    expect(page.get_by_text("收到，当天不计").first).to_be_visible()
    page.get_by_label("补充说明").fill("周日也可以来。")
    page.get_by_role("button", name="发送").click()
    expect(page.get_by_text("周日也可以来。")).to_be_visible()
    page.get_by_role("button", name="退出查询").click()
    page.goto("/portal/case/")
    expect(page.get_by_label("查询码")).to_be_visible()
    assert code not in page.url
    assert Complaint.objects.get().acts.filter(kind="message").count() == 1


def test_anonymous_personnel_is_asked_about_and_may_be_named_later(plain_phone):
    create_people()
    page = plain_phone
    fill(page)
    page.get_by_label("是人事投诉").check()
    send(page)
    expect(page.get_by_role("alert")).to_contain_text("还没有提交")
    expect(page.get_by_label("请写下来")).to_have_value("说好每周六上午来，12号和19号都没来。")
    page.get_by_role("button", name="仍然匿名提交，只作登记").click()
    page.get_by_role("button", name="我记好了，看办理进度").click()
    expect(page.get_by_role("heading", name="已登记，不办理")).to_be_visible()
    page.get_by_label("姓名").fill("林小春")
    page.get_by_role("button", name="补上姓名").click()
    expect(page.get_by_role("heading", name="已交中心负责人")).to_be_visible()


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_every_page_is_clean_at_every_width(open_context, language):
    create_people()
    _case, code, sender = door.sent()
    _other, hidden, _client = door.sent(is_personnel="on", anyway="1")
    visitors = {
        None: ["/portal/", "/portal/form/", "/portal/follow/", "/portal/paper/"],
        sender: ["/portal/receipt/"],
        door.following(code): ["/portal/case/"],
        door.following(hidden): ["/portal/case/"],
    }
    found = []
    for client, addresses in visitors.items():
        context = open_context()
        page = context.new_page()
        cookies = {"portal_django_language": language}
        if client:
            cookies[door.COOKIE] = client.cookies[door.COOKIE].value
        context.add_cookies(
            [
                {"name": name, "value": value, "url": f"{context.site}/portal/"}
                for name, value in cookies.items()
            ]
        )
        for address in addresses:
            page.goto(address)
            assert page.url.endswith(address)
            found += [f"{address} {width}" for width in WIDTHS[language] if is_wide(page, width)]
            assert_no_axe_violations(page)
    assert found == []


def is_wide(page, width):
    """Returns whether the page is wider than a screen of this width."""
    page.set_viewport_size({"width": width, "height": 800})
    return page.evaluate("document.documentElement.scrollWidth > innerWidth")


def test_page_with_slips_is_clean(page):
    create_people()
    page.goto("/portal/form/")
    send(page)
    expect(page.get_by_role("alert")).to_be_visible()
    page.get_by_role("link", name="关于什么").click()
    assert_no_axe_violations(page)
