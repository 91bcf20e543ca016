"""Pages of a stakeholder and its cycles, the process diagram, and the view that makes every move (R13-R28)."""

from django.contrib import messages
from django.db.models import Prefetch
from django.http import Http404
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.views.generic import DetailView, FormView, View

from accounts.action_views import ActionMixin
from accounts.exceptions import ActionRefused
from accounts.roles import Permission
from relations.cycle import lifecycle
from relations.cycle.diagram import diagram
from relations.cycle.forms import MoveForm
from relations.cycle.lifecycle import MOVES_BY_NAME, with_facts
from relations.cycle.panel import cycle_panel
from relations.models import Cycle, Interaction, PlanAction, Stage, Task, stage_label
from relations.parties import record_urls
from relations.parties.view_mixins import (
    StakeholderWithCycleMixin,
    VisibleCycleMixin,
    VisibleStakeholderMixin,
)
from reminders import clock


class RecordView(VisibleStakeholderMixin, View):
    """Redirects to the record page of the stakeholder: that of its kind, or the plain one if the kind has none."""

    def get(self, request, *args, **kwargs):
        own = record_urls.kind_page_url(self.stakeholder)
        return redirect(own or reverse("relations:plain_record", args=[self.stakeholder.pk]))


class PlainRecordView(VisibleStakeholderMixin, DetailView):
    template_name = "relations/cycle_record.html"
    context_object_name = "stakeholder"

    def get_object(self, queryset=None):
        return self.visible_record

    def get_context_data(self, **kwargs):
        user, today = self.request.user, clock.today()
        return super().get_context_data(
            **kwargs,
            panel=cycle_panel(user, self.object, today),
            people=self.object.contacts.current(),
            tasks=self.object.tasks.open().select_related("owner"),
            today=today,
        )


class ProcessView(StakeholderWithCycleMixin, DetailView):
    """过程示意图 with the present stage marked (R14)."""

    template_name = "relations/cycle_process.html"
    context_object_name = "stakeholder"

    def get_object(self, queryset=None):
        return self.visible_record

    def get_context_data(self, **kwargs):
        today = clock.today()
        panel = cycle_panel(self.request.user, self.object, today)
        return super().get_context_data(**kwargs, panel=panel, diagram=diagram(self.object.kind, panel.cycle))


class CycleView(VisibleCycleMixin, DetailView):
    """One cycle: the records of each stage, and its moves."""

    template_name = "relations/cycle_detail.html"
    context_object_name = "cycle"

    def visible_rows(self, user):
        contacts = Interaction.objects.visible_to(user).order_by("contact_on")
        actions = PlanAction.objects.prefetch_related(Prefetch("interactions", queryset=contacts))
        cycles = with_facts(Cycle.objects.visible_to(user)).select_related("received_by")
        return cycles.prefetch_related(Prefetch("goals__actions", queryset=actions))

    def get_object(self, queryset=None):
        return self.visible_record

    def get_context_data(self, **kwargs):
        cycle, user = self.object, self.request.user
        return super().get_context_data(
            **kwargs,
            stakeholder=cycle.stakeholder,
            panel=cycle_panel(user, cycle.stakeholder, clock.today()),
            decisions=cycle.decisions.select_related("proposed_by", "decided_by"),
            changes=cycle.changes.select_related("by"),
            meetings=cycle.meetings.select_related("lead"),
            revisits=Task.objects.visible_to(user)
            .filter(stakeholder=cycle.stakeholder_id, origin=Task.Origin.REVISIT)
            .select_related("owner", "done_by"),
            can_edit=cycle.ended_on is None and self.may_act(user, Permission.EDIT),
            reached={stage.name.lower(): cycle.stage >= stage for stage in Stage},
            today=clock.today(),
        )


class MoveView(ActionMixin, VisibleCycleMixin, FormView):
    """Makes any declared move by POST; GET shows a page for confirmation."""

    template_name = "relations/cycle_move.html"
    form_class = MoveForm

    @cached_property
    def declared(self):
        if self.kwargs["name"] not in MOVES_BY_NAME:
            raise Http404
        return MOVES_BY_NAME[self.kwargs["name"]]

    def allowed(self, user):
        return super().allowed(user) and self.may_act(user, self.declared.permission)

    def get_form_kwargs(self):
        return super().get_form_kwargs() | {"declared": self.declared, "stage": self.cycle.stage}

    def perform(self, form):
        self.cycle.stage = form.cleaned_data["stage"] or self.cycle.stage
        cycle = lifecycle.move(
            self.cycle,
            self.declared.name,
            by=self.request.user,
            today=clock.today(),
            reason=form.cleaned_data.get("reason", ""),
        )
        messages.success(self.request, done_words(self.declared, cycle))
        return redirect(self.cycle.stakeholder)

    def refused(self, form, refusal):
        """Shows the form again with the typed reason; a move without one redirects to the record with a message."""
        if self.declared.needs_reason:
            return super().refused(form, refusal)
        messages.warning(self.request, str(refusal))
        return redirect(self.cycle.stakeholder)

    def get_context_data(self, **kwargs):
        cycle = with_facts(Cycle.objects.filter(pk=self.cycle.pk)).get()
        misplaced = lifecycle.stage_conflict(cycle, cycle.stage, self.declared)
        return super().get_context_data(
            **kwargs,
            cycle=cycle,
            stakeholder=cycle.stakeholder,
            declared=self.declared,
            problem=misplaced or lifecycle.obstacle(cycle, self.declared, clock.today()),
            consequence=consequence(self.declared, cycle.stakeholder.kind),
            label=self.declared.label_for(cycle.stakeholder.kind),
        )


class BeginAgainView(StakeholderWithCycleMixin, View):
    action_permission = Permission.MOVE
    http_method_names = ["post"]

    def post(self, request, *args, **kwargs):
        try:
            cycle = lifecycle.start_next_cycle(self.stakeholder, by=request.user, today=clock.today())
        except ActionRefused as refusal:
            messages.warning(request, str(refusal))
            return redirect(self.stakeholder)
        messages.success(request, _("第%s轮开始了，请先登记首次联系。") % cycle.number)
        return redirect("relations:contact", pk=cycle.pk)


def done_words(declared, cycle):
    """Returns the message after the move; `cycle` is the return value of relations.cycle.lifecycle.move."""
    if declared.opens_next:
        return _("第%s轮开始了，请先登记首次联系。") % cycle.number
    if declared.target is None:
        return _("这一轮结束了：%s。") % cycle.get_ending_display()
    return _("现在在“%s”阶段。") % stage_label(cycle.stage, cycle.stakeholder.kind)


def consequence(declared, kind):
    """Returns a text about the consequence of a move, which is shown before it is made, in the words of a kind."""
    if declared.is_back:
        words = _("退回到“%s”。已经填写的内容都保留，这次退回和原因会记下来。")
        return words % stage_label(declared.target, kind)
    if declared.opens_next:
        first = stage_label(Stage.CONTACT, kind)
        return _("本轮到此结束，并从“%s”开始新的一轮，两轮互相连着。") % first
    if declared.leaves:
        return _("本轮到此结束，不能再改。对方仍作为潜在关系继续维护，以后可以开始新一轮。")
    if declared.target is None:
        return _("本轮到此结束，不能再改。以后有新的需求，可以开始新一轮。")
    words = _("进入“%s”阶段。要回到现在的阶段，得由能审批的同事退回。")
    return words % stage_label(declared.target, kind)
