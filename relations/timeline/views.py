"""The timeline of one record by itself: for its filters, its search and its older pages."""

from django.shortcuts import get_object_or_404
from django.views.generic import TemplateView

from accounts.access import PermissionRequired
from accounts.roles import Permission
from relations.models import Stakeholder
from relations.parties import panels, record_urls
from relations.timeline.events import parse_cursor, timeline_for
from reminders import clock


class TimelinePage(PermissionRequired, TemplateView):
    """A page of its own; a script asks for the part it swaps in."""

    permission = Permission.VIEW

    def get_template_names(self):
        if not self.request.htmx:
            return ["relations/timeline_page.html"]
        return ["relations/timeline_rows.html" if "before" in self.request.GET else "relations/timeline.html"]

    def get_context_data(self, **kwargs):
        user, asked = self.request.user, self.request.GET
        today = clock.today()
        found = get_object_or_404(Stakeholder.objects.visible_to(user), pk=self.kwargs["pk"])
        timeline = timeline_for(
            user,
            found,
            today,
            before=parse_cursor(asked.get("before")),
            only=asked.get("only", "all"),
            q=asked.get("q", ""),
        )
        return super().get_context_data(**kwargs) | {
            "stakeholder": found,
            "timeline": timeline,
            "record": record_urls.record_url(found),
            "today": today,
            "panels": [] if self.request.htmx else panels.record_panels(user, found, today),
        }
