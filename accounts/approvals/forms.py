"""Forms for the decision on an approval request, and for a rule of approval."""

from crispy_forms.layout import Layout
from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from accounts.approvals.chains import MAX_STEPS
from accounts.approvals.models import MAX_LENGTH, MAX_OPINION_LENGTH
from accounts.approvals.registers import APPROVER_ROLES
from accounts.form_layout import CrispyFormMixin, Field


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


class ChainForm(CrispyFormMixin, forms.Form):
    """The steps of a rule: the role asked and the number of working days for each; trailing empty lines are ignored.

    `seen` is the version that the page showed.
    """

    seen = forms.IntegerField(widget=forms.HiddenInput)
    reason = forms.CharField(label=_("修改的原因"), max_length=MAX_LENGTH)

    def __init__(self, *args, matter, chain=None, **kwargs):
        steps = chain.steps if chain else []
        initial = {"seen": chain.version if chain else 0}
        for place, step in enumerate(steps, start=1):
            initial |= {f"asks{place}": step["asks"], f"days{place}": step["days"]}
        super().__init__(*args, **kwargs | {"initial": initial | kwargs.get("initial", {})})
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
