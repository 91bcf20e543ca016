"""Page for writing the plan and marking its goals and actions as done (R22-R23)."""

from django.contrib import messages
from django.db import transaction
from django.shortcuts import redirect
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.views.generic import TemplateView

from accounts.editing import claim_version
from accounts.exceptions import ActionRefused, EditConflict
from accounts.keys import parse_key
from relations.cycle.plan_forms import ADD_BUTTON, GoalFormSet, with_extra_form
from relations.cycle.stage_views import StageViewMixin
from relations.models import Stage


class PlanView(StageViewMixin, TemplateView):
    """The whole plan on one page; 加一行 works without JavaScript."""

    template_name = "relations/plan_form.html"
    stage = Stage.PLAN

    @cached_property
    def goals(self):
        return self.build()

    def build(self, data=None):
        goals = GoalFormSet(data, instance=self.cycle, prefix="goals", stage=self.cycle.stage)
        if data is None and not self.cycle.goals.exists():
            goals.extra = 1
        return goals

    def post(self, request, *args, **kwargs):
        if ADD_BUTTON in request.POST:
            self.goals = self.build(with_extra_form(request.POST))
            clear_errors(self.goals)
            return self.render_to_response(self.get_context_data())
        self.goals = self.build(request.POST)
        try:
            return self.save() if self.goals.is_valid() else self.again()
        except EditConflict:
            return self.overtaken()
        except ActionRefused as refusal:
            return self.again(str(refusal))

    @transaction.atomic
    def save(self):
        version = parse_key(self.request.POST.get("version"))
        claim_version(self.cycle, -1 if version is None else version)
        self.require_open()
        self.goals.save()
        messages.success(self.request, _("已保存计划。"))
        return redirect(self.get_success_url())

    def again(self, problem=""):
        return self.render_to_response(self.get_context_data(problem=problem))

    def overtaken(self):
        """409: the cycle was changed in the meantime. Shows the typed plan and, below, the plan stored now."""
        self.cycle.refresh_from_db()
        problem = _(
            "刚才有人也改了这一轮。现在保存着的计划写在下面；您填的都还在，再保存一次就以您填的为准。"
        )
        return self.render_to_response(
            self.get_context_data(
                problem=problem,
                saved=self.cycle.goals.prefetch_related("actions"),
                version=self.cycle.version,
            ),
            status=409,
        )

    def get_context_data(self, **kwargs):
        shown = self.request.POST.get("version") or self.cycle.version
        return super().get_context_data(
            **{"problem": "", "saved": None, "version": shown} | kwargs, goals=self.goals
        )


def clear_errors(goals):
    """Removes the errors of all forms: only a line was added, so empty fields are no fault yet."""
    for form in goals:
        form.errors.clear()
        for action in form.actions:
            action.errors.clear()
