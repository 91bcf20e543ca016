"""The blank record form on paper, for people who prefer writing by hand (R129)."""

from functools import cache

from django.http import HttpResponse
from django.utils.translation import get_language
from django.views.generic import TemplateView, View

from complaints.paper import content as papers
from complaints.paper.views import word_response
from complaints.paper.wording import TITLE
from complaints.portal.pages import PortalPage


@cache
def blank_form(language):
    """The blank form and the Word file of it, made once in each process for a language of the page.

    Anybody may ask for them as often as they like, and a Word file takes longer than any other page of the portal.
    """
    sheet = papers.blank_sheet()
    file = word_response([sheet], TITLE)
    return sheet, file.content, dict(file.headers)


class Paper(PortalPage, TemplateView):
    template_name = "portal/paper.html"

    def get_context_data(self, **kwargs):
        return super().get_context_data(**kwargs) | {"sheet": blank_form(get_language())[0]}


class PaperWord(PortalPage, View):
    def get(self, request):
        _sheet, content, headers = blank_form(get_language())
        return HttpResponse(content, headers=headers)
