"""The blank form of the public door, on the page and as a Word file."""

import io

import pytest
from django.test import Client
from django.urls import reverse
from docx import Document

from complaints.portal import paper_views

pytestmark = pytest.mark.usefixtures("head")


@pytest.fixture
def made(monkeypatch):
    """Counts how often the blank form is made."""
    paper_views.blank_form.cache_clear()
    calls, make = [], paper_views.papers.blank_sheet
    monkeypatch.setattr(paper_views.papers, "blank_sheet", lambda: calls.append(1) or make())
    yield calls
    paper_views.blank_form.cache_clear()


def test_blank_form_is_made_once_for_each_language(made):
    """Anybody may ask for it without end: only the first request of a language pays."""
    for language in ("zh-hans", "en", "zh-hans", "en"):
        client = Client()
        client.cookies["portal_django_language"] = language
        assert client.get(reverse("portal:paper")).status_code == 200
        answer = client.get(reverse("portal:paper_word"))
        assert answer.status_code == 200
        assert answer["Cache-Control"] == "no-store"
        assert "attachment" in answer["Content-Disposition"]
        assert Document(io.BytesIO(answer.content)).tables or Document(io.BytesIO(answer.content)).paragraphs
    assert len(made) == 2
