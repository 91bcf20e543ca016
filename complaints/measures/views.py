"""Improvement measures: the list, one measure with its actions, and a new one for a complaint (R151)."""

from datetime import date

from django.contrib import messages
from django.db.models import Exists, OuterRef
from django.shortcuts import get_object_or_404, redirect
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import FormView, TemplateView

from accounts.access import PermissionRequired
from accounts.action_views import VersionedActionMixin
from complaints.access import access_list
from complaints.access.masks import with_shown_titles
from complaints.cases import page as case_page
from complaints.cases.views import CaseActMixin, VisibleCaseMixin
from complaints.measures import actions as measures
from complaints.measures.forms import CheckForm, DoneForm, MeasureForm
from complaints.models import Access, Improvement
from lists.paging import Order, capped_counts, page_of
from lists.tabs import Tab, tab_items
from reminders import clock
from reminders.calendar.workdays import current_calendar
from reminders.models import Parameter

SOONEST = Order("due_on", date.fromisoformat)
VIEWS = {
    "open": (gettext_lazy("未完成"), lambda rows, today: rows.unfinished()),
    "check": (gettext_lazy("待检查"), lambda rows, today: rows.to_check_on(today)),
    "again": (gettext_lazy("又发生了"), lambda rows, today: rows.filter(has_recurred=True)),
    "all": (gettext_lazy("全部"), lambda rows, today: rows),
}


def with_visibility(rows, user):
    """Adds `sees_case`: whether `user` may know to which complaint the measure belongs."""
    current = Access.objects.current().filter(user=user.pk, complaint=OuterRef("complaint"))
    return rows.annotate(sees_case=Exists(current)).select_related("owner", "complaint")


class MeasuresView(PermissionRequired, TemplateView):
    """The user's own measures and those of complaints visible to the user, earliest due date first."""

    template_name = "complaints/measures.html"

    def get_context_data(self, **kwargs):
        user, today = self.request.user, clock.today()
        chosen = self.request.GET.get("view")
        chosen = chosen if chosen in VIEWS else "open"
        rows = Improvement.objects.visible_to(user)
        kinds = {name: narrow(rows, today) for name, (_label, narrow) in VIEWS.items()}
        page = page_of(with_visibility(kinds[chosen], user), SOONEST, self.request.GET)
        counts = capped_counts(kinds)
        return super().get_context_data(
            **kwargs,
            page=page,
            rows=[(each, current_calendar().working_days_between(today, each.due_on)) for each in page.rows],
            views=tab_items(tabs(), {"view": chosen}, [counts[name] for name in VIEWS]),
            view=chosen,
            total=counts[chosen],
            today=today,
        )


def tabs():
    return [Tab(label, {"view": name}) for name, (label, _narrow) in VIEWS.items()]


class VisibleMeasureMixin(PermissionRequired):
    """Finds the measure among those visible to the user (else 404), then checks the right to the page (else 403)."""

    @cached_property
    def measure(self):
        rows = with_visibility(Improvement.objects.visible_to(self.request.user), self.request.user)
        return get_object_or_404(rows, pk=self.kwargs["pk"])

    def allowed(self, user):
        return self.measure is not None and self.may(user)

    def may(self, user):
        return True


class MeasureView(VisibleMeasureMixin, TemplateView):
    """One measure; its owner is not shown the complaint that led to it."""

    template_name = "complaints/measure.html"

    def get_context_data(self, done_form=None, check_form=None, **kwargs):
        measure, user, today = self.measure, self.request.user, clock.today()
        may_check = measures.may_check(measure, user)
        may_finish = may_check or measures.may_finish(measure, user)
        common = {"measure": measure, "today": today}
        is_to_check = may_check and measure.done_on and not measure.checked_on
        return super().get_context_data(
            **kwargs,
            **common,
            left=current_calendar().working_days_between(today, measure.due_on),
            done_form=done_form or (DoneForm(**common) if may_finish and not measure.done_on else None),
            check_form=check_form or (CheckForm(**common) if is_to_check else None),
            since=repeats_since(measure, user) if measure.sees_case and measure.done_on else [],
        )


def repeats_since(measure, user):
    """Similar complaints visible to `user`, received after the measure was completed."""
    case = measure.complaint
    months = Parameter.objects.value_on("complaint_repeat_months", case.received_on)
    alike = case_page.similar_complaints(case, user, months)
    newest = alike.filter(received_on__gt=measure.done_on).order_by("-received_on", "-pk")[:5]
    return with_shown_titles(newest, user)


class MeasureActionView(VersionedActionMixin, VisibleMeasureMixin, FormView):
    """An action on a measure; a refused form is shown again on the page of the measure, with all that was typed."""

    http_method_names = ["post"]
    shown_as = ""

    def get_form_kwargs(self):
        return super().get_form_kwargs() | {"measure": self.measure, "today": clock.today()}

    def perform(self, form):
        self.run(form.cleaned_data)
        messages.success(self.request, self.success_message)
        return redirect(self.measure)

    def newest(self):
        del self.measure
        return self.measure

    def form_invalid(self, form):
        return self.render_form(form)

    def render_form(self, form, *, status=200, **context):
        page = MeasureView()
        page.setup(self.request, **self.kwargs)
        return page.render_to_response(
            page.get_context_data(**{self.shown_as: form}, **context), status=status
        )


class DoneView(MeasureActionView):
    form_class = DoneForm
    shown_as = "done_form"
    success_message = gettext_lazy("已记为完成。")

    def may(self, user):
        return measures.may_finish(self.measure, user)

    def run(self, told):
        measures.finish_measure(self.measure, by=self.request.user, on=told["on"], version=told["version"])


class CheckView(MeasureActionView):
    form_class = CheckForm
    shown_as = "check_form"
    success_message = gettext_lazy("检查结果已记下。")

    def may(self, user):
        return measures.may_check(self.measure, user)

    def run(self, told):
        measures.check_measure(
            self.measure,
            by=self.request.user,
            today=clock.today(),
            has_recurred=told["has_recurred"],
            note=told["note"],
            version=told["version"],
        )


class NewMeasureView(CaseActMixin, VisibleCaseMixin, FormView):
    """Creates a measure of an open complaint; for head and handler."""

    template_name = "complaints/measure_new.html"
    form_class = MeasureForm

    def may(self, user):
        return bool(self.roles() & set(access_list.ACTING))

    def get(self, request, *args, **kwargs):
        if not self.case.is_open:
            messages.warning(request, _("现在是“%s”，不能写改善措施。") % self.case.get_state_display())
            return redirect(self.case)
        access_list.record_viewing(self.case, request.user)
        return super().get(request, *args, **kwargs)

    def get_form_kwargs(self):
        return super().get_form_kwargs() | {"case": self.case, "today": clock.today()}

    def perform(self, form):
        values = form.cleaned_data
        measures.add_measure(self.case, by=self.request.user, today=clock.today(), **values)
        messages.success(self.request, _("改善措施已写下。"))
        return redirect(self.case)

    def get_context_data(self, **kwargs):
        return super().get_context_data(**kwargs, case=self.case)
