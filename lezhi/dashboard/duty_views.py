"""The lists to which the figures link: duties in any state, and contracts that end without a successor."""

from datetime import date

from django.utils.translation import gettext as _
from django.views.generic import TemplateView, View

from accounts.access import PermissionRequired
from accounts.roles import Permission
from employers.models import Contract
from employers.parameters import NOTICE_DAYS
from lezhi.dashboard import duty_list, expiring_contracts
from lezhi.dashboard.duty_list import apply_filters, parse_filters
from lists.filters import condition_words, filter_bar
from lists.paging import Order, capped_counts, page_links, page_of
from lists.tabs import tab_items
from relations.duties.periods import period_label
from relations.lists import workbook
from relations.models import Duty
from reminders import clock
from reminders.calendar import workdays
from reminders.models import Parameter

ENDING_ORDER = Order("last_day", date.fromisoformat)


class DutyList(PermissionRequired, TemplateView):
    """The duties visible to the user; filters and page are in the query string."""

    permission = Permission.DASHBOARD
    template_name = "lezhi/duties.html"

    def get_context_data(self, **kwargs):
        user, today, wanted = self.request.user, clock.today(), parse_filters(self.request.GET)
        duties, values = Duty.objects.visible_to(user), wanted.values
        rows = apply_filters(duties, wanted, today)
        page = page_of(rows, wanted.order, self.request.GET, with_columns=with_columns)
        counts = counts_by_state(duties, wanted, today)
        filters = filter_bar(
            duty_list.bar_filters(wanted, duty_list.filter_choices(user, wanted)),
            values,
            link=duty_list.link_to,
        )
        return super().get_context_data(
            today=today,
            wanted=wanted,
            page=page,
            rows=[Row(duty, today, workdays.current_calendar()) for duty in page.rows],
            views=tab_items(duty_list.tabs(wanted), values, list(counts.values()), link=duty_list.link_to),
            shown=counts[wanted.state],
            filters=filters,
            hidden_values=[(name, text) for name, text in values.items() if name != "q"],
            conditions=condition_words(filters),
            q=wanted.q,
            clear=duty_list.DutyFilters(state=wanted.state).link(),
            export=f"export/?{wanted.query()}" if user.may(Permission.EXPORT) else "",
            **page_links(page, values, link=duty_list.link_to),
            **kwargs,
        )


def counts_by_state(duties, wanted, today):
    """The number of duties of each tab, {state: number}: the same filters with each state."""
    states = duty_list.visible_states(wanted)
    return capped_counts({state: apply_filters(duties, wanted.in_state(state), today) for state in states})


def with_columns(pks):
    return Duty.objects.filter(pk__in=pks).select_related("rule", "stakeholder", "owner", "department")


class Row:
    """One duty as the list shows it."""

    def __init__(self, duty, today, calendar):
        self.duty = duty
        self.period = period_label(duty.rule.period, duty.period_start)
        self.left = calendar.working_days_between(today, duty.due_on)
        self.is_missed = duty.met_on is None and duty.due_on < today


class DutyExport(PermissionRequired, View):
    """The duties of the list as a workbook."""

    permission = Permission.DASHBOARD

    def allowed(self, user):
        return super().allowed(user) and user.may(Permission.EXPORT)

    def get(self, request):
        today, filters = clock.today(), parse_filters(request.GET)
        rows = apply_filters(Duty.objects.visible_to(request.user), filters, today)
        rows = rows.select_related("rule", "stakeholder", "owner", "department").order_by("due_on", "pk")
        return workbook.export(rows, columns(today), _("应尽事项"), by=request.user)


def columns(today):
    """The columns of the workbook: pairs of a heading and a function of a duty."""
    return [
        (_("对象"), lambda duty: duty.stakeholder.name),
        (_("事项"), lambda duty: duty.rule.name),
        (
            _("周期"),
            lambda duty: f"{duty.period_start.year} {period_label(duty.rule.period, duty.period_start)}",
        ),
        (_("期限"), lambda duty: duty.due_on),
        (_("应尽"), lambda duty: duty.owed),
        (_("完成"), lambda duty: duty.met),
        (_("完成日期"), lambda duty: duty.met_on),
        (_("状态"), lambda duty: str(duty_list.STATES[duty_list.state_of(duty, today)])),
        (_("负责人"), lambda duty: duty.owner.name if duty.owner else ""),
        (_("部门"), lambda duty: duty.department.name if duty.department else ""),
    ]


class EndingContracts(PermissionRequired, TemplateView):
    """Contracts that end without a successor, in the order of their last day."""

    permission = Permission.DASHBOARD
    template_name = "lezhi/ending.html"

    def get_context_data(self, **kwargs):
        user, today = self.request.user, clock.today()
        wanted = expiring_contracts.parse_filters(self.request.GET)
        rows = expiring_contracts.expiring_contracts(user, wanted)
        page = page_of(rows, ENDING_ORDER, self.request.GET, with_columns=self.with_columns)
        return super().get_context_data(
            today=today,
            wanted=wanted,
            page=page,
            rows=[(contract, (contract.last_day - today).days) for contract in page.rows],
            shown=capped_counts({"shown": rows})["shown"],
            days=duty_list.days_words(wanted.first, wanted.last),
            notice_days=Parameter.objects.value_on(NOTICE_DAYS, today),
            **page_links(page, wanted.values, link=expiring_contracts.link_to),
            **kwargs,
        )

    def with_columns(self, pks):
        return Contract.objects.filter(pk__in=pks).select_related(
            "stakeholder__responsible", "stakeholder__department"
        )
