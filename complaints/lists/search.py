"""Complaints in the search of the whole site, by number and content; never by the name of a complainant."""

from dataclasses import dataclass

from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from complaints.access.masks import with_shown_titles
from complaints.lists.filters import filter_words
from complaints.models import Complaint
from relations.search.sources import ResultGroup, SearchSource, highlighted

KIND = "complaint"
SHOWN_FIELDS = ("number", "title", "name", "contact", "head", "handler")


@dataclass(frozen=True)
class ComplaintResult:
    """A complaint visible to the user, with number and title; the complainant is masked in it."""

    number: str
    highlighted_name: str
    closed_on: object = None
    responsible: str = ""
    department: str = ""
    people: tuple = ()

    @property
    def href(self):
        return reverse("complaints:case", args=[self.number])


class ComplaintSearch(SearchSource):
    """Source of complaints visible to the user; one query."""

    def kinds(self):
        return (KIND,)

    def search(self, user, query, kind, most):
        if not query.split():
            return []
        matches = filter_words(Complaint.objects.visible_to(user), query, user)
        rows = with_shown_titles(
            matches.only(*SHOWN_FIELDS).order_by("-received_on", "-pk")[: most + 1], user
        )
        shown = [ComplaintResult(row.number, highlighted(row.shown_title, query)) for row in rows[:most]]
        return [ResultGroup(KIND, _("意见／投诉"), shown, len(rows) > most)] if shown else []

    def all_results_url(self, kind, query):
        return f"{reverse('complaints:list')}?{urlencode({'q': query, 'show': 'all'})}"
