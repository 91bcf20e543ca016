"""Employers in a real browser: selecting and printing, two editors, and forms that fit their page."""

import re
from datetime import date

import pytest

from reminders import clock
from tests.browser.checks import assert_no_axe_violations, login
from tests.factories.accounts import UserFactory
from tests.factories.employers import EmployerFactory
from tests.factories.relations import ContactPersonFactory, InteractionFactory

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def worker():
    return UserFactory(name="郑雅婷")


@pytest.fixture
def employer(worker):
    return EmployerFactory(name="青岚镇社会事务局", responsible=worker, active=True, with_person=True)


def pages(page, address):
    """Returns the number of A4 sheets the browser prints."""
    page.goto(address)
    return len(re.findall(rb"/Type /Page\b(?!s)", page.pdf(prefer_css_page_size=True)))


def test_form_fits_one_page_and_long_text_continues(page, worker, employer):
    people = [ContactPersonFactory(stakeholder=employer) for _ in range(3)]
    fields = {"stakeholder": employer, "contact_on": clock.today(), "theirs": people, "follow_up": "送总结。"}
    short = InteractionFactory(**fields, content="谈了第四季度的走访名单。" * 12)
    long = InteractionFactory(**fields, content="逐条记下来。\n" * 200)
    login(page, worker)
    base = f"/employers/{employer.pk}/paper/"
    assert pages(page, f"{base}sheet/") == 1
    assert pages(page, f"{base}contact/{short.pk}/") == 1
    assert pages(page, f"{base}contact/{long.pk}/") > 2
    type(employer).objects.filter(pk=employer.pk).update(note="写得很长。" * 900)
    assert pages(page, f"{base}sheet/") > 1


def test_what_is_ticked_is_printed(page, worker, employer):
    EmployerFactory(name="白鹭街道总工会", responsible=worker)
    login(page, worker)
    page.goto("/employers/")
    page.get_by_label("选择青岚镇社会事务局").check()
    assert page.locator("[data-bulk-count]").inner_text() == "已选1家"
    page.get_by_role("button", name="打印信息表").click()
    page.wait_for_url("**/sheets/?pick=*")
    assert page.locator("article h1").count() == 1


def test_two_editors_in_two_browsers(page, phone, watch, worker, employer):
    watch.expect("409")
    for one in (phone, page):
        login(one, worker)
        one.goto(f"/employers/{employer.pk}/edit/")
    phone.get_by_label("地址").fill("和风路20号")
    phone.get_by_role("button", name="保存").click()
    phone.wait_for_url(f"**/employers/{employer.pk}/")
    page.get_by_label("地址").fill("和风路30号")
    page.get_by_role("button", name="保存").click()
    page.get_by_label("和风路20号").check()
    assert_no_axe_violations(page)
    page.get_by_role("button", name="按选的保存").click()
    page.wait_for_url(f"**/employers/{employer.pk}/")
    employer.refresh_from_db()
    assert (employer.address, employer.version) == ("和风路20号", 3)


def test_record_on_a_phone_has_its_aside_below(phone, worker, employer):
    InteractionFactory(stakeholder=employer, contact_on=date(clock.today().year, 1, 2))
    login(phone, worker)
    phone.goto(f"/employers/{employer.pk}/")
    assert phone.locator("aside").bounding_box()["y"] > phone.locator("#timeline").bounding_box()["y"]
    assert phone.evaluate("document.documentElement.scrollWidth") <= 390
    assert_no_axe_violations(phone)
