"""Pages for the records of the stages: first contact, assessment, evaluation (R15-R18, R24-R26, R54-R56)."""

from django.contrib import messages
from django.db import IntegrityError
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import UpdateView

from accounts.editing import VersionedUpdate
from accounts.exceptions import ActionRefused, EditConflict
from accounts.roles import Permission
from relations.approvals.matter import reason_under_approval
from relations.cycle.forms import AssessmentForm, ContactForm, EvaluationForm
from relations.cycle.panel import cycle_panel
from relations.guide import points as guide
from relations.models import Assessment, Cycle, Evaluation, Stage, stage_label
from relations.parties.view_mixins import VisibleCycleMixin
from reminders import clock


def reason_closed(cycle, stage):
    """Returns why the page of `stage` cannot be edited now (too early, or the cycle has ended), or None."""
    if cycle.ended_on:
        return _("第%s轮已经结束，只能查看。") % cycle.number
    if cycle.stage < stage:
        return _("到“%s”阶段再填写。") % stage_label(stage, cycle.stakeholder.kind)
    return None


class StageViewMixin(VisibleCycleMixin):
    """For pages that edit a stage of a running cycle; if it is not open, redirects to the cycle with a message."""

    action_permission = Permission.EDIT
    stage = Stage.CONTACT

    def get(self, request, *args, **kwargs):
        if problem := self.problem(self.cycle):
            messages.warning(request, problem)
            return redirect("relations:cycle", pk=self.cycle.pk)
        return super().get(request, *args, **kwargs)

    def problem(self, cycle):
        """Returns why this page cannot be edited now, or None."""
        return reason_closed(cycle, self.stage)

    def require_open(self):
        """Raises ActionRefused when the cycle ended, was moved back or came under approval while the page was open.

        Call inside a transaction: the cycle is locked, as when a decision is proposed.
        """
        cycle = Cycle.objects.select_for_update(no_key=True).get(pk=self.cycle.pk)
        if problem := self.problem(cycle):
            raise ActionRefused(problem)

    def get_success_url(self):
        return reverse("relations:cycle", args=[self.cycle.pk])

    def get_context_data(self, **kwargs):
        panel = cycle_panel(self.request.user, self.cycle.stakeholder, clock.today())
        return super().get_context_data(
            **kwargs,
            cycle=self.cycle,
            stakeholder=self.cycle.stakeholder,
            panel=panel,
            help=guide.STAGE_HELP[Stage(self.stage)],
        )


class StageFormView(StageViewMixin, VersionedUpdate, UpdateView):
    """A page for one record of the cycle, which is created when the page is first saved."""

    template_name = "relations/stage_form.html"
    title = intro = ""

    def get_object(self, queryset=None):
        return self.latest()

    def latest(self):
        records = self.model.objects.filter(cycle=self.cycle)
        return records.first() or self.model(cycle=self.cycle, version=0)

    def get_form_kwargs(self):
        return super().get_form_kwargs() | {"by": self.request.user, "today": clock.today()}

    def claim(self, version):
        if version:
            super().claim(version)
        elif self.latest().pk:
            raise EditConflict

    def save_form(self, form):
        self.require_open()
        form.instance.version = form.instance.version or 1
        try:
            response = super().save_form(form)
        except IntegrityError:
            raise EditConflict from None
        saved = self.draft(form.cleaned_data["version"])
        messages.success(self.request, _("已保存“%s”。") % self.title, extra_tags=f"draft-clear:{saved}")
        return response

    def draft(self, version):
        """Returns the key of the browser's draft. It includes the version: an old draft must not replace newer text."""
        return f"{self.stage}-{self.cycle.pk}-{version}"

    def get_context_data(self, **kwargs):
        draft = self.draft(self.object.version)
        return super().get_context_data(**kwargs, title=self.title, intro=self.intro, draft=draft)


class ContactView(StageFormView):
    """Stage 1; its fields belong to the cycle itself."""

    model = Cycle
    form_class = ContactForm
    stage = Stage.CONTACT
    title = Stage.CONTACT.label

    def latest(self):
        return self.get_queryset().get(pk=self.cycle.pk)


class AssessmentView(StageFormView):
    model = Assessment
    form_class = AssessmentForm
    stage = Stage.ASSESSMENT
    title = Stage.ASSESSMENT.label
    intro = gettext_lazy(
        "可以先存一部分。进入下一阶段前，资料、需求形成的过程、环境、能不能处理、愿不愿意都要写上。"
    )

    def problem(self, cycle):
        """A waiting decision is based on the assessment, so that is locked meanwhile."""
        return super().problem(cycle) or reason_under_approval(cycle)


class EvaluationView(StageFormView):
    model = Evaluation
    form_class = EvaluationForm
    stage = Stage.EVALUATION
    title = Stage.EVALUATION.label
