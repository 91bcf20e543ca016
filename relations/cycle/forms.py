"""Forms of the stages: first contact, assessment, evaluation, and the moves (R15-R18, R24-R26, R54-R56, R104)."""

from crispy_forms.layout import HTML, Div, Layout
from django import forms
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from accounts.form_layout import CrispyFormMixin, Field
from accounts.models import User
from accounts.widgets import DayInput
from relations.models import Assessment, ClosingType, Cycle, Evaluation
from relations.parties.kinds import Clause, choices_of, clause_of


def textarea(rows=3):
    return forms.Textarea(attrs={"rows": rows})


def yes_or_no(label, yes, no):
    """Returns an optional field with the two choices `yes` and `no`; cleans to True, False or None."""
    return forms.TypedChoiceField(
        label=label,
        required=False,
        choices=[("True", yes), ("False", no)],
        widget=forms.RadioSelect,
        coerce=lambda value: value == "True",
        empty_value=None,
    )


def validate_not_future(day, today):
    """Returns `day`. Raises ValidationError when it is after `today`."""
    if day and day > today:
        raise forms.ValidationError(_("%(day)s还没有到，请检查日期。") % {"day": day.isoformat()})
    return day


class MoveForm(CrispyFormMixin, forms.Form):
    """A move: the stage that was shown to the user, and the reason if the move needs one."""

    stage = forms.CharField(max_length=20, required=False, widget=forms.HiddenInput)
    reason = forms.CharField(
        label=_("原因"), max_length=500, widget=textarea(), error_messages={"required": _("请写明原因。")}
    )

    def __init__(self, *args, declared, stage, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["stage"].initial = stage
        if not declared.needs_reason:
            del self.fields["reason"]


class StageForm(CrispyFormMixin, forms.ModelForm):
    """Base form of a stage; `by` is the user who edits it, `today` the current day."""

    def __init__(self, *args, by, today, **kwargs):
        super().__init__(*args, **kwargs)
        self.by, self.today = by, today


class ContactForm(StageForm):
    """Stage 1: date and receiver of the first contact, class, first needs (R15-R16)."""

    class Meta:
        model = Cycle
        fields = [
            "first_contact_on",
            "first_contact_time",
            "received_by",
            "preliminary_needs",
            "class_confirmed",
        ]
        widgets = {
            "first_contact_on": DayInput,
            "first_contact_time": forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
            "preliminary_needs": textarea(4),
        }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        named = User.objects.filter(pk=self.instance.received_by_id)  # keeps a user who has left since
        self.fields["received_by"].queryset = User.objects.may_be_responsible() | named
        kind = self.instance.stakeholder.get_kind_display()
        self.fields["class_confirmed"].label = _("已确认对象类别：%s") % kind
        if self.instance.received_by_id is None:
            self.initial["received_by"] = self.by.pk

    def clean_first_contact_on(self):
        return validate_not_future(self.cleaned_data["first_contact_on"], self.today)


class AssessmentForm(StageForm):
    """Stage 2 (R17-R18, R54-R56). It may be saved incomplete; the move to the next stage names what is missing."""

    can_handle = yes_or_no(_("对照中心的功能和实际情况，能不能处理"), _("能够处理"), _("不能处理"))
    is_willing = yes_or_no(_("对方愿不愿意由中心协助"), _("愿意"), _("不愿意"))

    class Meta:
        model = Assessment
        fields = [
            "material",
            "need_formation",
            "existing_needs",
            "environment",
            "can_handle",
            "can_handle_reason",
            "their_view",
            "is_willing",
            "common_view",
            "goals",
            "conclusion",
            "assessed_on",
        ]
        widgets = {
            **{name: textarea() for name in ("material", "need_formation", "existing_needs", "environment")},
            **{name: textarea(2) for name in ("can_handle_reason", "their_view", "common_view", "goals")},
            "conclusion": textarea(),
            "assessed_on": DayInput,
        }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.initial["assessed_on"] = self.initial.get("assessed_on") or self.today

    def clean_assessed_on(self):
        return validate_not_future(self.cleaned_data["assessed_on"], self.today)

    def save(self, commit=True):
        if self.instance.assessed_by_id is None:
            self.instance.assessed_by = self.by
        return super().save(commit)


class EvaluationForm(StageForm):
    """Stage 6: whether the plan was realised, goal by goal; the lessons; the closing type (R24-R26, R104)."""

    class Meta:
        model = Evaluation
        fields = [
            "realised",
            "lessons",
            "process_reflection",
            "result_reflection",
            "consolidation",
            "closing_type",
            "closing_note",
            "evaluated_on",
        ]
        widgets = {
            "realised": forms.RadioSelect,
            "closing_type": forms.RadioSelect,
            **{
                name: textarea()
                for name in ("lessons", "process_reflection", "result_reflection", "consolidation")
            },
            "evaluated_on": DayInput,
        }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.goals = list(self.instance.cycle.goals.all())
        self.fields["realised"].choices = Evaluation.Realised.choices
        self.fields["closing_type"].choices = choices_of(
            self.instance.cycle.stakeholder.kind, "closing_types", ClosingType.choices
        )
        for goal in self.goals:
            self.fields[f"goal_{goal.pk}"] = yes_or_no(goal.text, _("已实现"), _("没有实现"))
            self.initial[f"goal_{goal.pk}"] = {None: ""}.get(goal.is_achieved, str(goal.is_achieved))
        self.initial["evaluated_on"] = self.initial.get("evaluated_on") or self.today

    def get_layout(self):
        return Layout(
            Field("realised", clause="公共关系管理指引 二 二6"),
            *self.goal_block(),
            "lessons",
            "process_reflection",
            "result_reflection",
            "consolidation",
            Field("closing_type", clause=clause_of(self.instance.cycle.stakeholder.kind, Clause.CLOSING)),
            "closing_note",
            "evaluated_on",
        )

    def goal_block(self):
        """Returns the layout objects of the goals of the plan; [] without goals."""
        if not self.goals:
            return []
        names = [f"goal_{goal.pk}" for goal in self.goals]
        heading = HTML(format_html('<h2 class="mt3">{}</h2>', _("逐个看目标")))
        return [heading, Div(*names, css_class="well mt2"), Div(css_class="mt3")]

    def clean_evaluated_on(self):
        return validate_not_future(self.cleaned_data["evaluated_on"], self.today)

    def clean(self):
        cleaned = super().clean()
        if cleaned.get("closing_type") == ClosingType.OTHER and not cleaned.get("closing_note"):
            self.add_error("closing_note", _("选了“其他”，请写明怎样结束。"))
        return cleaned

    def save(self, commit=True):
        if self.instance.evaluated_by_id is None:
            self.instance.evaluated_by = self.by
        for goal in self.goals:
            goal.is_achieved = self.cleaned_data[f"goal_{goal.pk}"]
            goal.save(update_fields=["is_achieved"])
        return super().save(commit)
