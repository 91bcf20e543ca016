"""The page of the timeline of one record, with filters, search and older rows."""

from django.shortcuts import get_object_or_404
from django.views.generic import TemplateView

from accounts.access import PermissionRequired
from accounts.roles import Permission
from relations.models import Stakeholder
from relations.parties import panels, record_urls
from relations.timeline.events import parse_cursor, timeline_for
from reminders import clock


class TimelinePage(PermissionRequired, TemplateView):
    """The timeline page; for htmx requests only the part that is replaced."""

    permission = Permission.VIEW

    def get_template_names(self):
        if not self.request.htmx:
            return ["relations/timeline_page.html"]
        return ["relations/timeline_rows.html" if "before" in self.request.GET else "relations/timeline.html"]

    def get_context_data(self, **kwargs):
        user, query = self.request.user, self.request.GET
        today = clock.today()
        stakeholder = get_object_or_404(Stakeholder.objects.visible_to(user), pk=self.kwargs["pk"])
        timeline = timeline_for(
            user,
            stakeholder,
            today,
            before=parse_cursor(query.get("before")),
            only=query.get("only", "all"),
            q=query.get("q", ""),
        )
        return super().get_context_data(**kwargs) | {
            "stakeholder": stakeholder,
            "timeline": timeline,
            "record": record_urls.record_url(stakeholder),
            "today": today,
            "panels": [] if self.request.htmx else panels.record_panels(user, stakeholder, today),
        }
