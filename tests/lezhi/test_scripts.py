"""The scripts in a real browser: drafts, keys, the bulk bar, tips, and the content security policy."""

import pytest
from playwright.sync_api import expect

pytestmark = [
    pytest.mark.browser,
    pytest.mark.urls("tests.lezhi.pages"),
    pytest.mark.django_db(transaction=True),
]
DRAFT = "form[data-draft] textarea"


@pytest.fixture
def opened(page, live_server):
    """The page of all components; fails if the browser reports errors."""
    complaints = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    page.goto(f"{live_server.url}/all/")
    yield page
    assert complaints == []


def write(page, text):
    """Types into the form with drafts and waits until the draft is stored."""
    page.locator(DRAFT).click()
    page.keyboard.type(text)
    expect(page.locator("[data-draft-state]")).to_contain_text("草稿已存")


def test_draft_survives_a_reload_and_can_be_thrown_away(opened):
    write(opened, "谈了续签")
    opened.reload()
    assert opened.locator(DRAFT).input_value() == "谈了续签"
    opened.get_by_role("button", name="不要草稿").click()
    assert opened.locator(DRAFT).input_value() == ""
    opened.reload()
    assert opened.locator(DRAFT).input_value() == ""


def test_draft_survives_a_lost_connection(opened):
    write(opened, "谈了")
    opened.context.set_offline(True)
    opened.locator("form[data-draft] button[type=submit]").click()
    assert "内容存在这台设备上" in opened.locator("[data-draft-state]").inner_text()
    opened.context.set_offline(False)
    opened.reload()
    assert opened.locator(DRAFT).input_value() == "谈了"


def test_draft_ends_when_the_server_has_saved_it(opened):
    opened.evaluate("localStorage.setItem('lz-draft:7:quick', '{\"at\": 1, \"values\": []}')")
    opened.reload()
    assert opened.evaluate("localStorage.getItem('lz-draft:7:quick')") is None


def test_draft_of_another_user_is_not_shown(opened):
    write(opened, "谈了")
    opened.evaluate(
        "localStorage.setItem('lz-draft:8:demo', localStorage.getItem('lz-draft:7:demo'));"
        "localStorage.removeItem('lz-draft:7:demo'); document.querySelector('[data-draft]').dataset.sent = 1"
    )
    opened.reload()
    assert opened.locator(DRAFT).input_value() == ""


def test_logging_out_wipes_the_drafts(opened):
    write(opened, "谈了")
    opened.locator(".who-m summary").click()
    opened.locator(".side").get_by_role("button", name="退出登录").click()
    opened.wait_for_url("**/logout/")
    assert opened.evaluate("Object.keys(localStorage).filter(name => name.startsWith('lz-draft'))") == []


def test_keys_walk_select_and_search(opened):
    opened.locator("main").focus()
    for key in "jjx":
        opened.keyboard.press(key)
    assert opened.locator("[data-bulk-count]").inner_text() == "已选1家"
    assert opened.locator("tr.cur.sel .nm").inner_text() == "荷塘街道公共服务办公室"
    opened.keyboard.press("/")
    assert opened.evaluate("document.activeElement.name") == "q"


def test_keys_rest_while_typing(opened):
    opened.locator(DRAFT).click()
    opened.keyboard.type("lgw?")
    assert opened.url.endswith("/all/")
    assert opened.locator("#keys-help").is_hidden()


def test_keys_stay_off_once_switched_off(opened):
    opened.locator(".who-m summary").click()
    opened.locator(".side [data-keys-switch]").uncheck()
    opened.reload()
    opened.locator("main").focus()
    opened.keyboard.press("?")
    assert opened.locator("#keys-help").is_hidden()


def test_keys_lead_to_pages(opened):
    opened.locator("main").focus()
    opened.keyboard.press("l")
    opened.wait_for_url("**/log/")


def test_tip_opens_on_focus_and_closes_on_escape(opened):
    opened.locator("[data-tip]").first.focus()
    assert opened.locator(".tip").inner_text().startswith("依据：")
    opened.keyboard.press("Escape")
    assert opened.locator(".tip").count() == 0


def test_form_is_sent_once(opened):
    opened.evaluate(
        "window.sent = 0; document.addEventListener('submit', event => {"
        "  if (!event.defaultPrevented) { window.sent += 1; event.preventDefault(); } })"
    )
    opened.evaluate(
        "for (let i = 0; i < 3; i += 1) document.querySelector('form[data-draft]').requestSubmit()"
    )
    assert opened.evaluate("window.sent") == 1


def test_first_error_takes_the_focus(opened):
    assert opened.evaluate("document.activeElement.className") == "errsum"


def test_phone_shows_every_entry_and_the_filters(opened):
    opened.set_viewport_size({"width": 360, "height": 780})
    assert opened.evaluate("document.documentElement.scrollWidth") == 360
    opened.get_by_role("button", name="筛选").click()
    assert opened.locator(".fset.is-open").is_visible()
    opened.get_by_role("button", name="关闭").first.click()
    opened.locator(".more-m summary").click()
    assert opened.locator(".more-sheet a[href='/rules/']").is_visible()


def test_bar_of_a_chart_opens_the_list_it_counts(opened):
    canvas = opened.locator("[data-chart] canvas")
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    canvas.click(position={"x": box["width"] * 0.85, "y": box["height"] * 0.75})
    opened.wait_for_url("**/rules/")
