"""记一笔 on a phone: three taps and a sentence; no draft is lost, and every page is accessible."""

from datetime import date, timedelta

import pytest
from playwright.sync_api import expect

from relations.models import Interaction, Purpose, Task
from relations.search.index import index
from reminders import clock
from tests.browser.checks import assert_no_axe_violations, login
from tests.factories.accounts import UserFactory
from tests.factories.employers import EmployerFactory
from tests.factories.relations import InteractionFactory, TaskFactory

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def worker():
    return UserFactory(resident=True, name="郑雅婷")


@pytest.fixture
def unit(worker):
    found = EmployerFactory(
        active=True,
        with_person=True,
        person__name="梁晓东",
        responsible=worker,
        name="青岚镇社会事务局",
        watched_from=date(2020, 1, 1),
    )
    index([found])
    return found


def test_contact_is_logged_on_a_phone_with_taps_and_one_sentence(phone, worker, unit):
    login(phone, worker)
    phone.goto("/")
    phone.get_by_role("link", name="记一笔").last.click()
    phone.get_by_role("searchbox", name="和谁联系了？").press_sequentially("qlz")
    phone.locator("#found").get_by_role("link", name="青岚镇社会事务局").click()
    expect(phone.locator("#completes")).to_contain_text("驻点沟通")
    phone.get_by_text("微信", exact=True).click()
    phone.get_by_text("信息推送", exact=True).click()
    expect(phone.locator("#completes")).to_contain_text("这次不对应应尽事项")
    phone.get_by_text("日常沟通", exact=True).click()
    expect(phone.locator("#completes")).to_contain_text("保存后完成")
    phone.get_by_label("说了什么").fill("谈了续签，下周给名单。")
    phone.get_by_role("button", name="保存").click()
    expect(phone.get_by_role("status").filter(has_text="已记下")).to_be_visible()
    expect(phone.get_by_role("button", name="撤销")).to_be_visible()
    assert_no_axe_violations(phone)
    assert Interaction.objects.get().channel == "wechat"
    phone.get_by_role("button", name="撤销").click()
    expect(phone.get_by_label("说了什么")).to_have_value("谈了续签，下周给名单。")
    assert Interaction.objects.get().withdrawn_at is not None


def test_draft_survives_an_expired_login_and_is_offered_on_my_work(page, worker, unit):
    login(page, worker)
    page.goto(f"/log/{unit.pk}/")
    page.get_by_text("电话", exact=True).click()
    page.get_by_label("说了什么").press_sequentially("写到一半")
    expect(page.locator("[data-draft-state]")).to_contain_text("草稿已存")
    page.context.clear_cookies(name="sessionid")
    page.get_by_role("button", name="保存").click()
    page.wait_for_url("**/login/**")
    assert not Interaction.objects.exists()
    login(page, worker)
    page.goto("/")
    expect(page.locator("[data-drafts]")).to_contain_text("有1条没写完：青岚镇社会事务局")
    page.get_by_role("link", name="接着写").click()
    expect(page.get_by_label("说了什么")).to_have_value("写到一半")
    expect(page.get_by_role("radio", name="电话")).to_be_checked()
    page.get_by_role("button", name="保存").click()
    page.wait_for_url("**/?done=*")
    page.goto("/")
    expect(page.locator("[data-drafts]")).to_be_hidden()
    assert Interaction.objects.get().content == "写到一半"


def test_draft_that_was_saved_unnoticed_is_not_saved_twice(page, worker, unit):
    """The response was lost: the second submission has the same token."""
    login(page, worker)
    page.goto(f"/log/{unit.pk}/")
    page.get_by_label("说了什么").press_sequentially("只有一次")
    page.route("**/log/*/", lambda route: (route.fetch(max_redirects=0), route.abort()))
    page.context.watch.expect("log/")
    page.get_by_role("button", name="保存").click()
    page.wait_for_timeout(500)
    assert Interaction.objects.count() == 1
    page.unroute("**/log/*/")
    page.context.clear_cookies(name="messages")
    page.goto(f"/log/{unit.pk}/")
    expect(page.get_by_label("说了什么")).to_have_value("只有一次")
    page.get_by_role("button", name="保存").click()
    page.wait_for_url("**/?done=*")
    assert Interaction.objects.count() == 1


def test_file_too_large_is_told_before_it_travels(page, worker, unit, tmp_path):
    """The file is on the disk, as a user's would be: passing its bytes through the driver would take many seconds."""
    large = tmp_path / "大.pdf"
    with large.open("wb") as file:
        file.truncate(20 * 1024 * 1024 + 1)
    login(page, worker)
    page.goto(f"/log/{unit.pk}/")
    page.get_by_text("拍照、附件").click()
    page.get_by_label("附件").set_input_files(large)
    expect(page.locator("[data-files-problem]")).to_contain_text("太大了，发不出去：大.pdf")


@pytest.mark.parametrize("purpose", ["greeting", "push"])
def test_task_ticks_itself_with_the_purpose_that_fits(page, worker, unit, purpose):
    TaskFactory(stakeholder=unit, origin=Task.Origin.GREETING, title="重阳节慰问")
    login(page, worker)
    page.goto(f"/log/{unit.pk}/")
    page.get_by_text(str(Purpose(purpose).label), exact=True).click()
    expect(page.get_by_role("checkbox", name="重阳节慰问")).to_be_checked(checked=purpose == "greeting")


def test_every_page_is_for_everybody(page, worker, unit):
    day = clock.today()
    contact = InteractionFactory(stakeholder=unit, contact_on=day - timedelta(days=1), follow_up="收名单")
    InteractionFactory(stakeholder=unit, purpose=Purpose.URGENT, contact_on=day - timedelta(days=60))
    TaskFactory(stakeholder=unit, due_on=day - timedelta(days=3), title="很长的事情" * 12)
    login(page, worker)
    for address in (
        "/",
        "/?by=matter",
        "/?show=done",
        "/log/",
        "/log/?q=ql",
        f"/log/{unit.pk}/",
        f"/log/{unit.pk}/check/",
        "/interactions/",
        "/interactions/?q=x",
        "/interactions/views/keep/?urgent=1",
        f"/interactions/{contact.pk}/",
        f"/interactions/{contact.pk}/correct/",
        f"/interactions/{contact.pk}/withdraw/",
        f"/interactions/{contact.pk}/history/",
        f"/interactions/{contact.pk}/files/",
        f"/timeline/{unit.pk}/",
    ):
        page.goto(address)
        for width in (1440, 360):
            page.set_viewport_size({"width": width, "height": 800})
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), (address, width)
            assert_no_axe_violations(page)


def test_quick_log_needs_no_mouse(page, worker, unit):
    login(page, worker)
    page.goto(f"/log/{unit.pk}/")
    page.get_by_role("radio", name="面谈").focus()
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("radio", name="电话")).to_be_checked()
    page.get_by_label("说了什么").focus()
    page.keyboard.type("只用键盘。")
    page.keyboard.press("Control+Enter")
    page.wait_for_url("**/?done=*")
    assert Interaction.objects.get().channel == "phone"


def test_older_part_of_the_timeline_is_swapped_in(page, worker, unit):
    for place in range(25):
        InteractionFactory(stakeholder=unit, content=f"第{place}次")
    login(page, worker)
    page.goto(f"/timeline/{unit.pk}/")
    page.get_by_role("link", name="更早的").click()
    expect(page.get_by_text("第0次", exact=True)).to_be_visible()
    expect(page.get_by_text("第24次", exact=True)).to_be_visible()
    page.get_by_role("link", name="紧急", exact=True).click()
    expect(page.get_by_text("没有找到这样的往来")).to_be_visible()
