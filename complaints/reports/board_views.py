"""看板: the figures of the complaints visible to the user."""

from django.views.generic import TemplateView

from accounts.access import PermissionRequired
from accounts.keys import parse_key
from complaints.lists.filters import YEARS
from complaints.reports import figures as board
from complaints.reports.board_page import Page
from reminders import clock
from reminders.calendar import workdays


def year_in(text, today):
    """The year of the query string: the current one by default, None for all."""
    if text == "all":
        return None
    year = parse_key(text) or today.year
    return year if year in YEARS else today.year


class Board(PermissionRequired, TemplateView):
    """The figures; for a user on no access list the page is empty, as the list is."""

    template_name = "complaints/board.html"

    def get_context_data(self, **kwargs):
        today = clock.today()
        year = year_in(self.request.GET.get("year", ""), today)
        figures = board.figures(self.request.user, today, workdays.current_calendar(), year)
        page = Page(figures, today, year)
        return super().get_context_data(page=page, has_any=figures.now["all"] > 0, today=today, **kwargs)
