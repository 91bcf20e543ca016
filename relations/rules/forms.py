"""Forms of the rules page: a contact rule, and a parameter."""

from datetime import date

from crispy_forms.layout import Div, Layout
from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.form_layout import FieldAside, Include, Panel
from accounts.roles import Tier, mask_of
from accounts.stamps import StampedForm
from accounts.widgets import DayInput
from relations.duties.periods import start_of_month
from relations.models import CadenceRule, Purpose, level_mask, levels_of, purpose_mask
from relations.models.stakeholder import level_choices
from relations.rules import versions as rules

MONTHS_AHEAD = 26  # a yearly rule may start in the year after next


class RuleForm(StampedForm, forms.ModelForm):
    """The next version of a rule; `stamp` is that of the version shown, which may be changed in place."""

    times = forms.IntegerField(label=_("次数"), min_value=1, max_value=60)
    lead_days = forms.IntegerField(label=_("提前几个工作日提醒"), min_value=0, max_value=120)
    purposes = forms.MultipleChoiceField(
        label=_("计入的事由"),
        choices=Purpose.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("一个也不选就是不限"),
    )
    tiers = forms.MultipleChoiceField(
        label=_("计入的我方层级"),
        choices=Tier.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("一个也不选就是不限"),
    )
    levels = forms.MultipleChoiceField(
        label=_("计入的对方层级"),
        choices=level_choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("一个也不选就是不限"),
    )
    effective_from = forms.TypedChoiceField(label=_("从哪天起"), coerce=date.fromisoformat)
    reason = forms.CharField(label=_("修改原因"), max_length=100, widget=forms.Textarea(attrs={"rows": 2}))

    class Meta:
        model = CadenceRule
        fields = (
            "name",
            "tier",
            "standing",
            "period",
            "times",
            "counts_accompanying",
            "lead_days",
            "clause",
            "remark",
        )

    def __init__(self, *args, today, **kwargs):
        super().__init__(*args, **kwargs)
        rule, self.today = self.instance, today
        self.fields["effective_from"].choices = [
            (day.isoformat(), day.isoformat()) for day in start_days(today)
        ]
        self.fields["levels"].choices = levels_of(rule.kind)
        self.initial |= {
            "purposes": rule.purposes,
            "tiers": rule.tiers,
            "levels": rule.levels,
            "effective_from": rules.next_period_start(rule.period, today).isoformat(),
        }

    def get_layout(self):
        ruled = ("name", "standing", "tier", "period", "times", "lead_days", "clause", "remark")
        counted = ("purposes", "tiers", "counts_accompanying", "levels")
        begins = ("effective_from", "reason", Include("relations/_rule_preview_button.html"))
        return Layout(
            Div(
                Div(
                    Panel(_("规定"), *ruled),
                    Panel(_("计入哪些沟通"), *counted, panel_class="mt3"),
                ),
                FieldAside(Panel(_("生效"), *begins), Include("relations/_rule_preview.html")),
                css_class="cols",
            )
        )

    def clean(self):
        cleaned = super().clean()
        if "effective_from" in cleaned and "reason" in cleaned:
            problem = rules.obstacle(
                rules.newest_version(self.instance.code),
                cleaned["effective_from"],
                cleaned["reason"],
                self.changes,
                self.today,
            )
            if problem:
                raise forms.ValidationError(problem)
        return cleaned

    @property
    def changes(self):
        """The values of the rule as keyword arguments of relations.rules.versions.change_rule."""
        cleaned = self.cleaned_data
        changes = {name: cleaned[name] for name in self.Meta.fields if name in cleaned}
        masks = {
            "purpose_mask": purpose_mask(cleaned.get("purposes", [])),
            "tier_mask": mask_of(cleaned.get("tiers", [])),
            "level_mask": level_mask(cleaned.get("levels", [])),
        }
        return changes | masks


def start_days(today):
    """Returns the days on which a version may start: the first of each month, from January to MONTHS_AHEAD from now."""
    this_year = today.replace(month=1, day=1)
    return [start_of_month(this_year, months) for months in range(today.month + MONTHS_AHEAD)]


class EndRuleForm(StampedForm):
    """Ends a rule from the next period on, if it is still as shown."""

    effective_from = forms.TypedChoiceField(label=_("从哪天起停用"), coerce=date.fromisoformat)
    reason = forms.CharField(label=_("停用原因"), max_length=100)

    def __init__(self, *args, rule, today, **kwargs):
        super().__init__(*args, **kwargs)
        days = [rules.next_period_start(rule.period, today)]
        self.fields["effective_from"].choices = [(day.isoformat(), day.isoformat()) for day in days]


class NumberForm(StampedForm):
    """A new value of one parameter; `stamp` is that of the values shown next to the form."""

    value = forms.IntegerField(label=_("新数值"))
    effective_from = forms.DateField(label=_("从哪天起"), widget=DayInput)
    reason = forms.CharField(label=_("修改原因"), max_length=160)

    def __init__(self, *args, declared, **kwargs):
        super().__init__(*args, **kwargs)
        value = self.fields["value"]
        value.min_value, value.max_value = declared.least, declared.most
        value.widget.attrs |= {"min": declared.least, "max": declared.most, "inputmode": "numeric"}
        value.help_text = _("%(least)d到%(most)d%(unit)s") % {
            "least": declared.least,
            "most": declared.most,
            "unit": declared.unit,
        }
