"""督导安排: who supervises whom, for users who manage accounts or lead the worker (R299)."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Prefetch
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.views.generic import FormView, ListView

from accounts import rights
from accounts.access import PermissionRequired
from accounts.approvals.models import Sheet
from accounts.approvals.views import add_sheet_message
from accounts.models import Supervision, User
from accounts.rights.snapshot import subject_of
from accounts.rights.supervising import SUPERVISION
from accounts.roles import CLIENT, Permission, Scope
from accounts.supervision import actions
from accounts.supervision.forms import EndSupervisionForm, SupervisorForm


def may_arrange_supervision(user):
    """Whether the page is open to `user`: they may assign supervisors of at least some workers."""
    wider = user.scope_over(CLIENT) in (Scope.ALL, Scope.DEPARTMENT)
    return user.may(Permission.MANAGE_ACCOUNTS) or (user.may(Permission.HAND_OVER) and wider)


class Supervisions(PermissionRequired, ListView):
    """The workers whose supervisor the user may assign, with their supervisors of today."""

    template_name = "accounts/supervisions.html"
    context_object_name = "workers"
    paginate_by = 100

    def allowed(self, user):
        return may_arrange_supervision(user)

    def get_queryset(self):
        running = Supervision.objects.running_on(self.request.user.request_day).select_related("supervisor")
        workers = actions.workers_supervisable_by(self.request.user).select_related("department")
        return workers.prefetch_related(Prefetch("supervisions", running, to_attr="running")).order_by(
            "department__name", "name", "pk"
        )


class WorkerSupervisionView(PermissionRequired, FormView):
    """The present and earlier supervisors of one worker, and the form to assign another."""

    template_name = "accounts/supervision.html"
    form_class = SupervisorForm

    def allowed(self, user):
        return may_arrange_supervision(user)

    @cached_property
    def worker(self):
        worker = get_object_or_404(User.objects.visible_to(self.request.user), pk=self.kwargs["pk"])
        if not actions.may_assign_supervisor(self.request.user, worker):
            raise Http404
        return worker

    @property
    def today(self):
        return self.request.user.request_day

    def get_form_kwargs(self):
        return super().get_form_kwargs() | {
            "by": self.request.user,
            "worker": self.worker,
            "today": self.today,
        }

    def form_valid(self, form):
        chosen, day = form.cleaned_data["supervisor"], form.cleaned_data["starts_on"]
        try:
            sheet = rights.arrange_supervision(self.worker, chosen, by=self.request.user, starts_on=day)
        except ValidationError as refusal:
            form.add_error(None, refusal)
            return self.form_invalid(form)
        add_sheet_message(self.request, sheet)
        if sheet is not None:
            return redirect(self.get_success_url())
        words = {"day": day, "worker": self.worker.name, "supervisor": chosen.name}
        messages.success(self.request, _("从%(day)s起由%(supervisor)s督导%(worker)s") % words)
        return redirect(self.get_success_url())

    def get_success_url(self):
        return reverse("supervision", args=[self.worker.pk])

    def get_context_data(self, **kwargs):
        rows = Supervision.objects.filter(worker=self.worker).select_related("supervisor", "set_by")
        return super().get_context_data(
            **{"end_form": EndSupervisionForm(initial={"ends_on": self.today})} | kwargs,
            worker=self.worker,
            rows=[(row, row.state_on(self.today)) for row in rows],
            waiting=Sheet.objects.open().about_matter(SUPERVISION, subject_of(self.worker)).first(),
            needs_second=not actions.oversees(self.request.user, self.worker),
            open_one=next((row for row in rows if row.ends_on is None), None),
        )


class EndSupervision(WorkerSupervisionView):
    """Ends the open supervision of a worker."""

    http_method_names = ["post", "options"]
    form_class = EndSupervisionForm

    def get_form_kwargs(self):
        return FormView.get_form_kwargs(self)

    def form_valid(self, form):
        running = Supervision.objects.open().filter(worker=self.worker).first()
        if running is None:
            raise Http404
        try:
            actions.end_supervision(running, by=self.request.user, ends_on=form.cleaned_data["ends_on"])
        except ValidationError as refusal:
            form.add_error("ends_on", refusal)
            return self.form_invalid(form)
        messages.success(self.request, _("已结束，请接着给%s安排新的督导") % self.worker.name)
        return redirect(self.get_success_url())

    def form_invalid(self, form):
        """Shows the page of the worker again, with the typed values."""
        blank = SupervisorForm(by=self.request.user, worker=self.worker, today=self.today)
        return self.render_to_response(self.get_context_data(form=blank, end_form=form))
