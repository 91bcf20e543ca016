"""The list of complaints and its export; both start from what is visible to the user."""

from django.contrib import messages
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.generic import TemplateView, View

from accounts.access import PermissionRequired
from accounts.roles import Permission
from complaints.access.masks import with_shown_titles
from complaints.lists import export, filters, listing
from complaints.models import Complaint
from lists.filters import condition_words, filter_bar
from lists.paging import format_count, page_links, page_of
from lists.query import encode, filter_conditions, filter_values, without_names
from lists.sortable_headings import column_links
from lists.tabs import tab_items
from reminders import clock
from reminders.calendar import workdays


class ComplaintList(PermissionRequired, TemplateView):
    """Every complaint visible to the user; open to all logged-in users, empty for most."""

    template_name = "complaints/list.html"

    def get_context_data(self, **kwargs):
        user, today, query = self.request.user, clock.today(), self.request.GET
        visible, values = Complaint.objects.visible_to(user), filter_values(query)
        order = listing.order_name(query)
        page = self.page(visible, order, query, today)
        return super().get_context_data(
            today=today,
            rows=listing.rows_of(with_shown_titles(page.rows, user), today, workdays.current_calendar()),
            page=page,
            columns=column_links(("due", "received"), listing.ORDERS, order, values),
            q=query.get("q", ""),
            may_export=user.may(Permission.EXPORT),
            export_url=f"{reverse('complaints:export')}?{encode(values)}",
            may_appoint=user.may(Permission.APPOINT_HEAD),
            save_url="",
            **self.views(visible, query, today),
            **self.bar(query, today, is_empty=not page.rows),
            **page_links(page, values),
            **kwargs,
        )

    def page(self, visible, order, query, today):
        rows = filters.apply_filters(visible, query, self.request.user, today).defer(*listing.DEFERRED_FIELDS)
        return page_of(listing.with_due_key(rows), listing.ORDERS[order], query)

    def views(self, visible, query, today):
        """The tabs with their counts, the number of rows in the list, and the number of all visible complaints."""
        counts = listing.counts_of(self.request.user, visible, query, today)
        in_tabs = [counts[show] for show in filters.VIEWS]
        return {
            "views": tab_items(listing.tabs(), filter_conditions(query), in_tabs),
            "has_any": counts["all"] > 0,
            "total": format_count(counts["all"]),
            "shown": format_count(counts["shown"]),
        }

    def bar(self, query, today, *, is_empty):
        """The filter bar, the hidden fields of its search, and the conditions as text for an empty list."""
        values, conditions = filter_values(query), listing.removable_conditions(filter_conditions(query))
        bar = filter_bar(listing.bar_filters(query, today), values)
        show = query.get("show", "") if query.get("show", "") in filters.VIEWS else ""
        words = condition_words(bar, query.get("q", "")[: filters.MAX_QUERY_LENGTH])
        return {
            "filters": bar,
            "hidden_values": self.hidden_values(values, show),
            "conditions": conditions,
            "condition_words": words if conditions and is_empty else "",
            "clear_url": list_url({"show": show}) if conditions else "",
        }

    def hidden_values(self, values, show):
        """The hidden fields of the search; a search from 待办 covers all complaints."""
        return list((without_names(values, "q", "show") | {"show": show or "all"}).items())


def list_url(values):
    """The URL of the list with `values` as query string."""
    query_string = encode(values)
    return f"{reverse('complaints:list')}?{query_string}" if query_string else reverse("complaints:list")


class Export(PermissionRequired, View):
    """The filtered list as a workbook: names masked, strictly confidential ones for their head only; logged."""

    permission = Permission.EXPORT

    def get(self, request):
        user, today = request.user, clock.today()
        visible = filters.apply_filters(Complaint.objects.visible_to(user), request.GET, user, today)
        response = export.workbook(visible, user=user)
        if response is None:
            messages.info(request, _("没有可以导出的：严格保密的只有负责人能导出。"))
        return response or redirect(list_url(filter_values(request.GET)))
