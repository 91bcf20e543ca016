"""Fixtures of the attack tests: the centre under attack is built once for each file, then rolled back."""

import logging
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from django.http import HttpResponse
from django.template.backends.django import Template

from complaints.portal import paper_views
from tests.attack import answers
from tests.attack.world import TODAY, World
from tests.plugins.databases import begin_anew, once_for_a_module

PAPERS = ("employers.paper_views", "relations.papers.views", "complaints.paper.views")
NOON = datetime(TODAY.year, TODAY.month, TODAY.day, 12, tzinfo=ZoneInfo("Asia/Shanghai"))


@pytest.fixture(scope="module")
def module_db(django_db_setup, django_db_blocker):
    """The database for all tests of one file, frozen at noon of world.TODAY; rolled back at the end of the file."""
    with once_for_a_module(django_db_blocker, NOON):
        yield


@pytest.fixture(scope="module")
def world(module_db):
    """The centre under attack (tests.attack.world), one for all tests of a file."""
    built = World()
    begin_anew()
    return built


@pytest.fixture(autouse=True)
def _quiet(monkeypatch):
    """Silences django.request: thousands of refused requests are expected, and each would log a line."""
    monkeypatch.setattr(logging.getLogger("django.request"), "disabled", True)


@pytest.fixture
def without_drawing(monkeypatch):
    """Replaces the rendering of pages by an empty text.

    Permissions are decided before rendering, and rendering would take most of the time.
    """
    monkeypatch.setattr(Template, "render", lambda self, context=None, request=None: "")
    for module in PAPERS:
        monkeypatch.setattr(f"{module}.word_answer", lambda *papers: HttpResponse("paper"))
    monkeypatch.setattr(
        paper_views, "blank_form", paper_views.blank_form.__wrapped__
    )  # nothing undrawn is kept


@pytest.fixture
def errors_drawn_once():
    """Draws each error page once for each user (tests/attack/answers.py)."""
    with answers.errors_drawn_once():
        yield
