"""Dashboard, its lists, search and the admin site in a real browser: content security policy, console, axe, phone."""

import pytest

from relations.models import ContactPerson, Interaction
from tests.browser.checks import assert_no_axe_violations, login
from tests.factories.accounts import UserFactory
from tests.factories.employers import EmployerFactory
from tests.factories.relations import InteractionFactory

pytestmark = pytest.mark.django_db(transaction=True)
PAGES = ["/dashboard/", "/dashboard/duties/", "/dashboard/contracts/", "/search/", "/search/?q=青"]


@pytest.fixture
def employer():
    employer = EmployerFactory(active=True, with_person=True, name="青岚镇社会事务局")
    InteractionFactory(stakeholder=employer)
    return employer


def overflow(page):
    """Returns by how many pixels the page is wider than its window."""
    return page.evaluate("document.documentElement.scrollWidth - innerWidth")


def test_pages_are_clean_at_a_desk(page, employer):
    login(page, UserFactory(director=True))
    for address in PAGES:
        page.goto(address)
        assert_no_axe_violations(page)


def test_pages_fit_a_phone(phone, employer):
    login(phone, UserFactory(director=True))
    for address in PAGES:
        phone.goto(address)
        assert overflow(phone) <= 0, address
        assert_no_axe_violations(phone)


def test_search_answers_while_typing(phone, employer):
    login(phone, UserFactory(director=True))
    phone.goto("/search/")
    phone.get_by_role("searchbox").fill("qlz")
    phone.get_by_text("社会事务局").click()
    phone.wait_for_url(f"**{employer.get_absolute_url()}")


def test_admin_site_keeps_the_policy(page, employer):
    login(page, UserFactory(administrator=True))
    person, contact = ContactPerson.objects.get(), Interaction.objects.get()
    page.goto("/admin/")
    for address in (
        "/admin/employers/employer/",
        f"/admin/employers/employer/{employer.pk}/change/",
        f"/admin/employers/employer/{employer.pk}/history/",
        f"/admin/relations/contactperson/{person.pk}/change/",
        f"/admin/relations/interaction/{contact.pk}/change/",
        f"/admin/relations/interaction/{contact.pk}/history/",
        "/admin/relations/interaction/?q=青",
        "/admin/relations/duty/",
        "/admin/reminders/parameter/add/",
    ):
        page.goto(address)
        page.wait_for_load_state("networkidle")
