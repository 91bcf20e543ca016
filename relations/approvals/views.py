"""Pages on which a decision is read, answered and proposed (R19-R21, R58-R66)."""

from django.contrib import messages
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.views.generic import DetailView, FormView, View

from accounts.action_views import ActionMixin
from accounts.approvals import engine
from accounts.approvals.matters import matter_of
from accounts.approvals.views import steps_of
from accounts.exceptions import ActionRefused
from accounts.roles import Permission
from relations.approvals import decisions
from relations.approvals.forms import CARRIED_OVER_FIELDS, AnswerForm, DecisionForm
from relations.approvals.matter import reason_not_decidable
from relations.cycle.stage_views import StageViewMixin
from relations.models import Course, Decision, Stage
from relations.parties.view_mixins import VisibleCycleMixin, VisibleRecordMixin


def with_people(queryset):
    return queryset.select_related("cycle__stakeholder", "proposed_by", "decided_by", "sheet")


class VisibleDecisionMixin(VisibleRecordMixin):
    """For views about one decision."""

    def visible_rows(self, user):
        return with_people(Decision.objects.visible_to(user))

    @property
    def stakeholder(self):
        return self.visible_record.cycle.stakeholder


class DecisionView(VisibleDecisionMixin, DetailView):
    """One decision: the proposal, the assessment it is based on, and the reply."""

    template_name = "relations/decision_detail.html"
    context_object_name = "decision"

    def visible_rows(self, user):
        return super().visible_rows(user).select_related("cycle__assessment")

    def get_object(self, queryset=None):
        return self.visible_record

    def get_context_data(self, **kwargs):
        decision, user = self.object, self.request.user
        matter = matter_of(decision.sheet) if decision.sheet else None
        waits_for, can_answer = waiting_state(decision, user)
        return super().get_context_data(
            **{"form": AnswerForm()} | kwargs,
            cycle=decision.cycle,
            stakeholder=decision.cycle.stakeholder,
            assessment=getattr(decision.cycle, "assessment", None),
            can_answer=can_answer,
            steps=steps_of(decision.sheet) if decision.sheet else [],
            lines=matter.lines(decision.sheet) if matter else [],
            links=matter.record_links(decision.sheet, user) if matter else [],
            waits_for=waits_for,
            can_withdraw=decision.state == Decision.State.PROPOSED and decision.proposed_by_id == user.pk,
            can_repeat=decision.state in Decision.TO_REPEAT
            and decision.cycle.ended_on is None
            and self.may_act(user, Permission.MOVE),
        )


def waiting_state(decision, user):
    """Returns ((names, exception), whether `user` may answer): who may approve, and why they stand in for the role in
    the rule; (("", ""), False) once the decision was answered.
    """
    if decision.state != Decision.State.PROPOSED or decision.sheet is None:
        return ("", ""), False
    people, exception, may_answer = engine.who_decides_and_whether(user, decision.sheet)
    return (_("、").join(person.name for person in people), exception), may_answer


class AnswerView(VisibleDecisionMixin, View):
    """Approves or returns a decision; when that is refused, the page shows the typed note again."""

    http_method_names = ["post"]

    def post(self, request, *args, **kwargs):
        act = {"approve": decisions.approve, "return": decisions.send_back}[kwargs["answer"]]
        form = AnswerForm(request.POST)
        note = form.cleaned_data["note"] if form.is_valid() else ""
        try:
            if form.is_valid():
                act(self.visible_record, by=request.user, note=note)
                messages.success(request, _("已记下：%s。") % self.visible_record.get_state_display())
                return redirect("approvals")
        except ActionRefused as refusal:
            form.add_error(None, str(refusal))
        page = DecisionView()
        page.setup(request, *args, pk=kwargs["pk"])
        page.object = page.get_object()
        return page.render_to_response(page.get_context_data(form=form))


class DecisionsView(VisibleCycleMixin, View):
    """Redirects to the latest decision of a cycle, or to the page for proposing one."""

    def get(self, request, *args, **kwargs):
        latest = self.cycle.decisions.first()
        if latest:
            return redirect("relations:decision", pk=latest.pk)
        return redirect("relations:decide", pk=self.cycle.pk)


class DecideView(ActionMixin, StageViewMixin, FormView):
    """Page for proposing a decision: any course at stage 3, refer or terminate at other stages before closure."""

    action_permission = Permission.MOVE
    template_name = "relations/decision_form.html"
    form_class = DecisionForm
    stage = Stage.DECISION

    def get(self, request, *args, **kwargs):
        waiting = self.cycle.decisions.awaiting().select_related("sheet").first()
        if waiting:
            messages.warning(request, decisions.words_for_waiting(waiting.sheet))
            return redirect("relations:decision", pk=waiting.pk)
        return super().get(request, *args, **kwargs)

    def problem(self, cycle):
        return reason_not_decidable(cycle)

    @cached_property
    def returned(self):
        """The latest decision if it was returned, withdrawn or voided, else None; its values are filled in."""
        latest = self.cycle.decisions.first()
        return latest if latest and latest.state in Decision.TO_REPEAT else None

    def get_initial(self):
        carried = (
            {name: getattr(self.returned, name) for name in CARRIED_OVER_FIELDS} if self.returned else {}
        )
        course = self.request.GET.get("course", "")
        return carried | ({"course": course} if course in Course.values else {})

    def get_form_kwargs(self):
        return super().get_form_kwargs() | {"instance": Decision(cycle=self.cycle)}

    def perform(self, form):
        decisions.propose(form.instance, by=self.request.user)
        messages.success(self.request, _("已提交，等待审批。"))
        return redirect(self.get_success_url())

    def refused(self, form, refusal):
        form.add_error(None, str(refusal))
        return self.render_form(form, mends=refusal.page)

    def get_success_url(self):
        return reverse("relations:record", args=[self.cycle.stakeholder_id])

    def get_context_data(self, **kwargs):
        return super().get_context_data(
            **{"mends": ""} | kwargs,
            assessment=getattr(self.cycle, "assessment", None),
            returned=self.returned,
        )
