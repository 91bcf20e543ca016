"""被拒绝的访问: the refused requests, filtered by user and day."""

from django.core.paginator import Paginator
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _
from django.views.generic import TemplateView

from accounts.access import PermissionRequired
from accounts.days import parse_day
from accounts.keys import parse_key
from accounts.models import User
from accounts.refusals import recording as refusals

PAGE_SIZE = 50


class Refusals(PermissionRequired, TemplateView):
    """Refused requests, newest first; the query string has the filters (user, day)."""

    template_name = "accounts/refusals.html"

    def allowed(self, user):
        return refusals.may_view_refusals(user)

    def get_context_data(self, **kwargs):
        query, visible = self.request.GET, refusals.visible_to(self.request.user)
        who, day = parse_key(query.get("who")), parse_day(query.get("day"))
        rows = visible.filter(user=who) if who else visible
        rows = rows.filter(minute__date=day) if day else rows
        page = Paginator(rows, PAGE_SIZE).get_page(query.get("page"))
        filters = f"who={who or ''}&day={day or ''}"
        return super().get_context_data(
            **kwargs,
            rows=[(row, refusal_words(row), attempted_url(row)) for row in page.object_list],
            people=User.objects.filter(pk__in=visible.order_by().values("user")).order_by("name"),
            who=who,
            day=day.isoformat() if day else "",
            is_narrowed=bool(who or day),
            newer=f"?{filters}&page={page.previous_page_number()}" if page.has_previous() else "",
            older=f"?{filters}&page={page.next_page_number()}" if page.has_next() else "",
            where=_("第%(number)d页，共%(pages)d页")
            % {"number": page.number, "pages": page.paginator.num_pages},
        )


def attempted_url(row):
    """Returns the requested URL, if route and key are enough to build it; else the name of the route."""
    try:
        return reverse(row.route, args=[row.key] if row.key else [])
    except NoReverseMatch:
        return row.route


def refusal_words(row):
    """Returns (where, what was attempted, why it was refused) of one RefusedAttempt, as text."""
    place = refusals.PLACES.get(row.route.partition(":")[0], refusals.ELSEWHERE).label or _("其他页面")
    act = _("打开") if row.method in ("GET", "HEAD") else _("提交")
    if row.is_secret:
        return place, act, _("看不到、不存在或没有权限")
    return place, act, _("没有权限") if row.status == 403 else _("看不到或不存在")
