"""The blank record form on paper, for people who prefer writing by hand (R129)."""

from django.views.generic import TemplateView, View

from complaints.paper import content as papers
from complaints.paper.views import word_response
from complaints.paper.wording import TITLE
from complaints.portal.pages import PortalPage


class Paper(PortalPage, TemplateView):
    template_name = "portal/paper.html"

    def get_context_data(self, **kwargs):
        return super().get_context_data(**kwargs) | {"sheet": papers.blank_sheet()}


class PaperWord(PortalPage, View):
    def get(self, request):
        return word_response([papers.blank_sheet()], TITLE)
