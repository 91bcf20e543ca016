"""规则与节假日: the tier table, the other contact rules and the parameters, with their histories (R80, R120)."""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.generic import FormView, TemplateView

from accounts.access import PermissionRequired
from accounts.action_views import ActionMixin
from accounts.roles import Permission, Tier
from accounts.stamps import add_conflict_error, differences, row_stamp
from relations.models import CadenceRule
from relations.models.stakeholder import kind_choices
from relations.rules import versions as rules
from relations.rules import wording as rule_words
from relations.rules.forms import EndRuleForm, NumberForm, RuleForm
from reminders import clock, numbers
from reminders.models import Parameter
from reminders.parameters import PARAMETERS


class RulesView(PermissionRequired, TemplateView):
    """All contact rules and parameters on one page."""

    permission = Permission.VIEW
    template_name = "relations/rules.html"

    def get_context_data(self):
        today = clock.today()
        in_force = [rule_words.with_display_texts(rule) for rule in CadenceRule.objects.in_force_on(today)]
        table = [rule for rule in in_force if rule_words.is_of_tier_table(rule)]
        order = Tier.values
        kinds = [kind for kind, _label in kind_choices()]
        return super().get_context_data(
            tiers=sorted(table, key=lambda rule: (kinds.index(rule.kind), order.index(rule.tier))),
            others=[rule for rule in in_force if rule not in table],
            to_come=list(CadenceRule.objects.filter(effective_from__gt=today)),
            numbers=numbers.parameters_on(today),
            can_manage=self.request.user.may(Permission.MANAGE_RULES),
            today=today,
        )


class RuleView(PermissionRequired, TemplateView):
    """One rule with all its versions, their authors and reasons."""

    permission = Permission.VIEW
    template_name = "relations/rule.html"

    def get_context_data(self, code):
        today = clock.today()
        versions = [
            rule_words.with_display_texts(rule)
            for rule in CadenceRule.objects.filter(code=code).order_by("-effective_from")
        ]
        if not versions:
            raise Http404
        history = CadenceRule.history.filter(code=code).select_related("history_user").order_by("-history_id")
        now = next((rule for rule in versions if rule.effective_from <= today), versions[0])
        return super().get_context_data(
            rule=now,
            versions=versions,
            history=list(history[:100]),
            is_ended=now.effective_to is not None and versions[0] == now,
            can_manage=self.request.user.may(Permission.MANAGE_RULES),
            today=today,
        )


class RulePage(ActionMixin, PermissionRequired, FormView):
    """Base of the two forms about one rule."""

    permission = Permission.MANAGE_RULES

    def dispatch(self, request, *args, **kwargs):
        self.today = clock.today()
        self.rule = rules.newest_version(kwargs["code"])
        if self.rule is None and request.user.is_authenticated:
            raise Http404
        return super().dispatch(request, *args, **kwargs)

    def get_success_url(self):
        return reverse("rule", args=[self.kwargs["code"]])

    def renew(self, form, conflict):
        add_conflict_error(form, row_stamp(conflict.latest), self.now(form, conflict.latest))


class ChangeRuleView(RulePage):
    """修改规则: previews the effect on duties first, then saves."""

    template_name = "relations/rule_form.html"
    form_class = RuleForm

    def get_form_kwargs(self):
        kwargs = super().get_form_kwargs() | {"instance": self.rule, "today": self.today}
        return kwargs | {"stamp": row_stamp(self.rule)}

    def perform(self, form):
        effective_from, code = form.cleaned_data["effective_from"], self.kwargs["code"]
        if self.request.POST.get("act") != "save":
            preview = rules.preview(code, by=self.request.user, effective_from=effective_from, **form.changes)
            becomes = rule_words.frequency(form.instance)
            shown = {"preview": preview, "begins": effective_from, "later_frequency": becomes}
            return self.render_to_response(self.get_context_data(form=form, **shown))
        rules.change_rule(
            code,
            by=self.request.user,
            today=self.today,
            effective_from=effective_from,
            reason=form.cleaned_data["reason"],
            seen=form.cleaned_data["seen"],
            **form.changes,
        )
        messages.success(self.request, _("规则已改，从%(day)s起生效") % {"day": effective_from.isoformat()})
        return redirect(self.get_success_url())

    def now(self, form, latest):
        return differences(form, latest)

    def get_context_data(self, **kwargs):
        kwargs = {"preview": None, "begins": None} | kwargs
        rule = rule_words.with_display_texts(rules.newest_version(self.kwargs["code"]))
        return super().get_context_data(**kwargs, rule=rule)


class EndRuleView(RulePage):
    """停用规则: ends a rule."""

    template_name = "relations/rule_end.html"
    form_class = EndRuleForm

    def get_form_kwargs(self):
        kwargs = super().get_form_kwargs() | {"rule": self.rule, "today": self.today}
        return kwargs | {"stamp": row_stamp(self.rule)}

    def perform(self, form):
        rules.end_rule(self.kwargs["code"], by=self.request.user, today=self.today, **form.cleaned_data)
        messages.success(self.request, _("规则已停用"))
        return redirect(self.get_success_url())

    def now(self, form, latest):
        return _("现在的规定写在下面。")

    def get_context_data(self, **kwargs):
        return super().get_context_data(
            **kwargs, rule=rule_words.with_display_texts(rules.newest_version(self.kwargs["code"]))
        )


class NumberView(ActionMixin, PermissionRequired, FormView):
    """One parameter: its value, since when and why, and a form for a new value."""

    permission = Permission.VIEW
    template_name = "relations/rule_number.html"
    form_class = NumberForm

    def dispatch(self, request, *args, **kwargs):
        self.today, self.declared = clock.today(), PARAMETERS.get(kwargs["key"])
        if self.declared is None and request.user.is_authenticated:
            raise Http404
        return super().dispatch(request, *args, **kwargs)

    def allowed(self, user):
        reads = self.request.method in ("GET", "HEAD")
        return user.may(Permission.VIEW if reads else Permission.MANAGE_RULES)

    def get_initial(self):
        return {"effective_from": self.today}

    def get_form_kwargs(self):
        kwargs = super().get_form_kwargs() | {"declared": self.declared}
        return kwargs | {"stamp": numbers.parameter_stamp(self.declared.key)}

    def perform(self, form):
        numbers.set_parameter(self.declared.key, by=self.request.user, today=self.today, **form.cleaned_data)
        messages.success(self.request, _("“%(label)s”已改") % {"label": self.declared.label})
        return redirect("rules")

    def renew(self, form, conflict):
        add_conflict_error(form, numbers.parameter_stamp(self.declared.key), str(conflict))

    def get_context_data(self, **kwargs):
        rows = Parameter.objects.filter(key=self.declared.key).select_related("set_by")
        return super().get_context_data(
            **kwargs,
            declared=self.declared,
            value=Parameter.objects.value_on(self.declared.key, self.today),
            history=list(rows.order_by("-effective_from")),
            can_manage=self.request.user.may(Permission.MANAGE_RULES),
            today=self.today,
        )
