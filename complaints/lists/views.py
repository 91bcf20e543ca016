"""The list of complaints and the workbook made of it; both start from what the person may see."""

from django.contrib import messages
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.generic import TemplateView, View

from accounts.access import PermissionRequired
from accounts.roles import Permission
from complaints.lists import export as sheet
from complaints.lists import filters, listing
from complaints.models import Complaint
from employers.listing import CURSORS, address, without
from relations.lists.paging import page_of
from reminders import clock
from reminders.calendar import workdays


class ComplaintList(PermissionRequired, TemplateView):
    """Every complaint on whose list the person stands; open to all who are logged in, empty for most."""

    template_name = "complaints/list.html"

    def get_context_data(self, **kwargs):
        user, today, query = self.request.user, clock.today(), self.request.GET
        visible = Complaint.objects.visible_to(user)
        views, counts = listing.views_and_counts(user, visible, query, today)
        page = self.page(visible, query, user, today)
        conditions = listing.conditions(query)
        show = query.get("show", "") if query.get("show", "") in filters.SHOWS else ""
        return super().get_context_data(
            today=today,
            rows=listing.rows_of(page.rows, today, workdays.current()),
            page=page,
            views=views,
            has_any=counts["all"] != 0,
            total=counts["all"],
            shown=counts["shown"] or "0",
            filters=listing.bar(query, today),
            kept=self.kept(query, show),
            conditions=conditions,
            condition_words=listing.condition_words(query, today) if conditions and not page.rows else "",
            clear_url=self.link(show=show) if conditions else "",
            save_url="",
            columns=columns(query),
            q=query.get("q", ""),
            may_export=user.may(Permission.EXPORT),
            export_url=f"{reverse('complaints:export')}?{address(without(query, *CURSORS))}",
            may_appoint=user.may(Permission.APPOINT_HEAD),
            newer=page.newer and self.turned(query, before=page.newer),
            older=page.older and self.turned(query, after=page.older),
            **kwargs,
        )

    def page(self, visible, query, user, today):
        rows = filters.narrowed(visible, query, user, today).defer(*listing.UNREAD)
        return page_of(listing.with_due_key(rows), listing.ORDERS[listing.order_name(query)], query)

    def kept(self, query, show):
        """What a search keeps; from 待办 one searches everything."""
        kept = without(query, *CURSORS, "q", "show") | {"show": show or "all"}
        return list(kept.items())

    def link(self, **values):
        found = listing.list_address(**values)
        return f"{reverse('complaints:list')}?{found}" if found else reverse("complaints:list")

    def turned(self, query, **cursor):
        return f"?{address(without(query, *CURSORS) | cursor)}"


def columns(query):
    """The headings that order the list: {name: {href, state}}."""
    current, bare = listing.order_name(query), without(query, *CURSORS, "sort")
    found = {}
    for name in ("due", "received"):
        turned = f"-{name}" if current == name else name
        state = {name: "ascending", f"-{name}": "descending"}.get(current, "")
        found[name] = {"href": f"?{address(bare | {'sort': turned})}", "state": state}
    return found


class Export(PermissionRequired, View):
    """The filtered list as a workbook: names masked, strictly confidential ones only for their head; written down."""

    permission = Permission.EXPORT

    def get(self, request):
        user, today = request.user, clock.today()
        visible = filters.narrowed(Complaint.objects.visible_to(user), request.GET, user, today)
        answer = sheet.workbook(visible, user=user)
        if answer is None:
            messages.info(request, _("没有可以导出的：严格保密的只有负责人能导出。"))
        return answer or redirect(f"{reverse('complaints:list')}?{address(without(request.GET, *CURSORS))}")
