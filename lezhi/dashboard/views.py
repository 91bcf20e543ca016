"""总览: figures on the centre, or on the part of it that the user leads; each figure links to the list it counts."""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.generic import TemplateView, View

from accounts.access import PermissionRequired
from accounts.models import User
from accounts.roles import Permission
from accounts.stored_texts import stored_in_chinese
from employers.parameters import NOTICE_DAYS
from lezhi.dashboard import duty_list, expiring_contracts, heat
from lezhi.dashboard import figures as dashboards
from lezhi.dashboard import page as dashboard_page
from relations.duties.periods import period_of
from relations.lists import workbook
from relations.models import Duty
from reminders import clock
from reminders.actions import remind_owner
from reminders.models import Parameter

PERIODS = ("month", "quarter", "year")
LATEST = "year"


def parse_choice(data, today):
    """Reads the filters of the dashboard from the query string; unreadable values give the year and all departments."""
    kind = data.get("period", "")
    return dashboards.Choice(
        span=period_of(kind if kind in PERIODS else LATEST, today),
        today=today,
        department=duty_list.parse_optional_key(data.get("department", "")),
        people=dashboards.ALL_PEOPLE if data.get("people") == "all" else dashboards.FIRST_PEOPLE,
    )


class Dashboard(PermissionRequired, TemplateView):
    """The figures of a period and optionally of one department, from at most seven queries."""

    permission = Permission.DASHBOARD
    template_name = "lezhi/dashboard.html"

    def get_context_data(self, **kwargs):
        user, today = self.request.user, clock.today()
        choice = parse_choice(self.request.GET, today)
        tally = dashboards.tally(user, choice)
        notice = Parameter.objects.value_on(NOTICE_DAYS, today)
        page = dashboard_page.Page(
            tally=tally,
            rules=dashboards.rules_of(tally.cells),
            people=dashboards.with_person_details(tally.people, user, today),
            ending=expiring_contracts.in_next_months(user, today, choice.department),
            counts=dashboard_page.tile_counts(user, choice),
            notice_days=notice,
        )
        return super().get_context_data(
            page=page, today=today, now=clock.now(), may_export=user.may(Permission.EXPORT), **kwargs
        )


class DashboardExport(PermissionRequired, View):
    """The table of departments and rules as a workbook."""

    permission = Permission.DASHBOARD

    def allowed(self, user):
        return super().allowed(user) and user.may(Permission.EXPORT)

    def get(self, request):
        tally = dashboards.tally(request.user, parse_choice(request.GET, clock.today()))
        rows, columns = heat.sheet(tally, dashboards.rules_of(tally.cells))
        return workbook.export(rows, columns, _("总览"), by=request.user)


class NudgePerson(PermissionRequired, View):
    """提醒: reminds a colleague of their overdue duties, at most once a day."""

    permission = Permission.DASHBOARD

    def post(self, request, pk):
        today, user = clock.today(), request.user
        overdue = duty_list.DutyFilters(state="overdue", worker=pk)
        count = duty_list.apply_filters(Duty.objects.visible_to(user), overdue, today).count()
        if not count or pk == user.pk:
            raise Http404
        colleague = get_object_or_404(User.objects.visible_to(user).active(), pk=pk)
        with stored_in_chinese():
            text = _("请看一下逾期的%(count)d项应尽事项，需要支援请告诉我。") % {"count": count}
        is_new = remind_owner(
            colleague,
            by=user,
            text=text,
            today=today,
            subject=f"overdue:{pk}:{user.pk}",
            link=reverse("my_work"),
        )
        words = _("已提醒%(name)s。") if is_new else _("今天已经提醒过%(name)s了。")
        messages.success(request, words % {"name": colleague.name})
        return redirect(f"{reverse('dashboard')}?{choice_query(request.GET)}")


def choice_query(data):
    """The query string `data`, limited to the parameters of the dashboard."""
    query = data.copy()
    for name in set(query) - {"period", "department", "people"}:
        del query[name]
    return query.urlencode()
