"""Forms for the decision on an approval request, and for a rule of approval."""

from crispy_forms.layout import Layout
from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from accounts.approvals.chains import MAX_STEPS
from accounts.approvals.models import MAX_LENGTH, MAX_OPINION_LENGTH
from accounts.approvals.registers import APPROVER_ROLES
from accounts.form_layout import CrispyFormMixin, Field

MAX_AMOUNT = 1_000_000_000  # yuan


class OpinionForm(CrispyFormMixin, forms.Form):
    """A comment on the decision; required for a refusal, so the field is not marked as optional."""

    opinion = forms.CharField(
        label=_("意见"),
        max_length=MAX_OPINION_LENGTH,
        required=False,
        widget=forms.TextInput(attrs={"aria-required": "false"}),
    )

    def get_layout(self):
        return Layout(Field("opinion", hint=_("不同意时请写明原因。")))


class StepsForm(CrispyFormMixin, forms.Form):
    """The steps of a rule: the role asked and the number of working days for each; trailing empty lines are ignored.

    `seen` says what the page showed.
    """

    seen = forms.IntegerField(widget=forms.HiddenInput)
    reason = forms.CharField(label=_("修改的原因"), max_length=MAX_LENGTH)

    def __init__(self, *args, matter, **kwargs):
        super().__init__(*args, **kwargs)
        choices = [("", "—"), *((name, APPROVER_ROLES[name].label) for name in matter.approver_roles)]
        for place in range(1, MAX_STEPS + 1):
            self.fields[f"asks{place}"] = forms.ChoiceField(
                label=_("第%s步由谁审批") % place, choices=choices, required=place == 1
            )
            self.fields[f"days{place}"] = forms.IntegerField(
                label=_("几个工作日内"), min_value=1, max_value=60, required=False
            )
        self.order_fields([*(name for name in self.fields if name != "reason"), "reason"])

    def clean(self):
        cleaned = super().clean()
        lines = [
            (cleaned.get(f"asks{place}"), cleaned.get(f"days{place}")) for place in range(1, MAX_STEPS + 1)
        ]
        self.steps = [(name, days) for name, days in lines if name]
        if [name for name, _days in lines[: len(self.steps)] if not name]:
            raise ValidationError(_("中间不要留空的一步。"))
        return cleaned


class ChainForm(StepsForm):
    """Other steps for a rule; `seen` is its version."""

    def __init__(self, *args, chain, **kwargs):
        initial = {"seen": chain.version}
        for place, step in enumerate(chain.steps, start=1):
            initial |= {f"asks{place}": step["asks"], f"days{place}": step["days"]}
        super().__init__(*args, **kwargs | {"initial": initial | kwargs.get("initial", {})})


class NewChainForm(StepsForm):
    """A rule for a condition that has none yet: those conditions that the matter declares, then the steps.

    `seen` is the newest rule of the matter (accounts.approvals.chains.newest_rule).
    """

    def __init__(self, *args, matter, **kwargs):
        super().__init__(*args, matter=matter, **kwargs)
        self.fields["reason"].label = _("为什么要另定一条")
        conditions = {}
        if "kind" in matter.conditions:
            choices = [("", _("所有类别")), *matter.condition_choices("kind")]
            conditions["kind"] = forms.ChoiceField(label=_("哪一类对象"), choices=choices, required=False)
        if "funding" in matter.conditions:
            choices = [("", _("所有经费来源")), *matter.condition_choices("funding")]
            conditions["funding"] = forms.ChoiceField(label=_("经费来源"), choices=choices, required=False)
        if "amount" in matter.conditions:
            conditions["amount_from"] = forms.IntegerField(
                label=_("金额从多少元起"),
                min_value=0,
                max_value=MAX_AMOUNT,
                required=False,
                help_text=_("不写就是不论金额；正好这么多也算。"),
            )
        self.conditions = list(conditions)
        self.fields = conditions | self.fields

    @property
    def condition(self):
        """The condition as arguments of accounts.approvals.chains.add_chain."""
        return {
            name: self.cleaned_data[name] or (0 if name == "amount_from" else "") for name in self.conditions
        }
