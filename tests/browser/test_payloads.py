"""Payloads stored in every text of a record: a real browser opens the pages, and no script runs."""

import io
import zipfile

import pytest
from django.http import HttpResponse
from django.template import Context, Template
from django.test import Client
from django.urls import path

from relations.models import Interaction, Meeting, PlanAction, PlanGoal, SavedView
from relations.search.index import index
from reminders import clock
from tests.attack.payloads import BREAKOUTS, FORMULAS, PAYLOADS, SCRIPTS, SIGNS, TEMPLATES
from tests.browser.checks import login
from tests.factories.accounts import UserFactory
from tests.factories.approvals import propose
from tests.factories.employers import EmployerFactory
from tests.factories.relations import InteractionFactory, TaskFactory

pytestmark = pytest.mark.django_db(transaction=True)
# A tag, a closed tag, an attribute, an address; the ends of both kinds of attribute and of a script; a template.
ONE_OF_EACH = [
    *SCRIPTS[:2],
    SCRIPTS[4],
    SCRIPTS[9],
    *BREAKOUTS[:4],
    BREAKOUTS[-1],
    TEMPLATES[0],
    *SIGNS,
    *FORMULAS,
]


def kept(payload):
    """Returns a payload as the site keeps it: without the character that a column refuses, and not too long."""
    return payload.replace("\0", "")[:5000]


def plant(text, director):
    """Returns an employer with `text` in every text that a user can write."""
    today = clock.today()
    unit = EmployerFactory(
        name=text[:120],
        responsible=director,
        with_person=True,
        person__name=text[:40],
        person__title=text[:60],
        person__note=text[:200],
        person__caution=text,
        active=True,
        contract__number=f"{len(Interaction.objects.all())}{text[:50]}",
        contract__goals=text,
        **dict.fromkeys(("town", "source_detail"), text[:40]),
        **dict.fromkeys(("address", "service_area", "parent_unit"), text[:60]),
        **dict.fromkeys(("caution", "note", "past_cooperation", "prospects"), text),
    )
    cycle = unit.cycles.get()
    type(cycle).objects.filter(pk=cycle.pk).update(preliminary_needs=text)
    InteractionFactory(
        stakeholder=unit, content=text, follow_up=text[:2000], theirs=list(unit.contacts.all())
    )
    TaskFactory(stakeholder=unit, title=text[:200])
    goal = PlanGoal.objects.create(cycle=cycle, text=text[:300])
    PlanAction.objects.create(goal=goal, text=text[:300])
    Meeting.objects.create(
        stakeholder=unit, cycle=cycle, lead=director, planned_on=today, form="face", purpose=text[:200],
        needs=text, created_by=director,
    )  # fmt: skip
    propose(cycle, UserFactory(name=text[:40]), justification=text, referred_to=text[:120])
    SavedView.objects.create(owner=director, page="employers", name=f"{unit.pk}{text[:20]}", query="town=a")
    return unit


@pytest.fixture
def director():
    return UserFactory(director=True, name="<b>何</b>婉清")


@pytest.fixture
def units(director, is_deep):
    chosen = PAYLOADS if is_deep else ONE_OF_EACH
    found = [plant(kept(text), director) for text in chosen]
    index(found)
    return found


def visited(page, addresses):
    """Opens each URL; returns those where a script of a payload ran, a dialog opened or text was escaped twice."""
    ran = []
    page.on("dialog", lambda dialog: (ran.append(f"dialog {page.url}"), dialog.dismiss()))
    for address in addresses:
        page.goto(address)
        page.evaluate("document.querySelectorAll('details').forEach((part) => { part.open = true; })")
        if page.evaluate("window.__ran"):
            ran.append(f"ran {address}")
        body = page.evaluate("document.body.innerText")
        ran += [f"escaped twice {address}"] if "&amp;" in body or "&#x27;" in body or "&quot;" in body else []
        ran += [f"template {address}"] if "ran-template" in body else []
    return ran


def test_nothing_runs_on_records_lists_papers_and_search(page, watch, director, units):
    login(page, director)
    assert visited(page, [f"/employers/{unit.pk}/" for unit in units]) == []
    month, first = clock.today().strftime("%Y-%m"), units[0]
    cycle, meeting = first.cycles.get(), first.meetings.get()
    picked = "&".join(f"pick={unit.pk}" for unit in units)
    addresses = [
        "/",
        "/employers/",
        "/employers/?sort=-name",
        "/interactions/",
        f"/employers/sheets/?{picked}",
        f"/employers/hand-over/?{picked}",
        "/search/?q=script",
        "/search/?q=%3Cscript%3Ewindow.__ran=1%3C/script%3E",
        "/log/?q=%22%3E%3Cscript%3Ewindow.__ran=1%3C/script%3E",
        "/approvals/",
        "/dashboard/",
        "/dashboard/duties/",
        "/dashboard/contracts/",
        "/stand-ins/",
        "/roles/",
    ]
    for unit in units[:12:3]:
        contact = unit.interactions.get()
        addresses += [
            f"/employers/{unit.pk}/edit/",
            f"/employers/{unit.pk}/paper/month/{month}/",
            f"/employers/{unit.pk}/paper/contact/{contact.pk}/",
            f"/interactions/{contact.pk}/",
            f"/interactions/{contact.pk}/correct/",
            f"/interactions/{contact.pk}/history/",
            f"/timeline/{unit.pk}/",
            f"/log/{unit.pk}/",
            f"/relations/{unit.pk}/tasks/",
        ]
    addresses += [f"/relations/cycles/{cycle.pk}/", f"/relations/meetings/{meeting.pk}/sheet/"]
    assert visited(page, addresses) == []
    assert watch.unexpected() == []


def test_exports_hold_no_live_formula(director, units):
    client = Client()
    client.force_login(director)
    for address in ("/employers/export/", "/interactions/export/", "/dashboard/duties/export/"):
        assert_no_live_formula(client, address)


def assert_no_live_formula(client, address):
    """Fails if a text of the first worksheet starts like a formula."""
    with zipfile.ZipFile(io.BytesIO(b"".join(client.get(address).streaming_content))) as book:
        sheet = book.read("xl/worksheets/sheet1.xml").decode()
    assert "<f>" not in sheet
    texts = [part.partition("</t>")[0] for part in sheet.split("<t")[1:]]
    texts = [text.partition(">")[2] for text in texts]
    assert texts
    assert [text for text in texts if text.lstrip("\u200b\t ")[:1] in tuple("=+-@＝＋－＠")] == []


# Control: a page without escaping is found.

urlpatterns = [
    path("safe", lambda request: HttpResponse(Template(PAGE).render(Context({"text": kept(PAYLOADS[4])})))),
]
PAGE = "<!doctype html><html lang='zh'><title>t</title><link rel='icon' href='data:,'><body>{{ text|safe }}</body>"


def test_unescaped_text_is_noticed(page, watch, settings):
    settings.ROOT_URLCONF = __name__
    visited(page, ["/safe"])
    page.wait_for_timeout(300)
    watch.expect("")
    assert any("Content Security Policy" in line for line in watch.problems)


def test_what_the_policy_would_let_run_is_noticed(page, watch, settings):
    settings.ROOT_URLCONF = __name__
    settings.CONTENT_SECURITY_POLICY = {"DIRECTIVES": {"script-src": ["'unsafe-inline'"]}}
    watch.expect("")
    page.goto("/safe")
    page.wait_for_function("window.__ran === 1")
    assert visited(page, ["/safe"]) == ["ran /safe"]
