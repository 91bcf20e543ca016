"""Forms for proposing and for answering a decision on the course of a relationship (R19-R21, R58-R66)."""

from crispy_forms.layout import Div, Layout
from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.approvals.models import MAX_OPINION_LENGTH
from accounts.form_layout import CrispyFormMixin, Field
from relations.cycle.forms import textarea
from relations.models import Course, Decision, ReferralForm, Stage, TerminationReason
from relations.parties.kinds import Clause, choices_of, clause_of

REQUIRED_BY_COURSE = {
    Course.NEXT: {
        "both_agree": _("双方对需求有共识，才能进入下一阶段。"),
        "is_willing": _("对方愿意由中心协助，才能进入下一阶段。"),
    },
    Course.REFER: {
        "referral_form": _("请选正式转介还是非正式转介。"),
        "referred_to": _("请写明转介到哪里。"),
    },
    Course.TERMINATE: {
        "termination_reason": _("请选一个终止的原因。"),
        "help_offered": _("终止也有帮助对方的责任，请写明为对方做了什么。"),
    },
}
CARRIED_OVER_FIELDS = [
    "course",
    "justification",
    *(name for needed in REQUIRED_BY_COURSE.values() for name in needed),
]


class DecisionForm(CrispyFormMixin, forms.ModelForm):
    """A new decision. Each course requires fields of its own (R59-R66); NEXT can be chosen at stage 3 only (R20)."""

    use_required_attribute = False  # a browser would require the hidden fields of the other courses

    class Meta:
        model = Decision
        fields = CARRIED_OVER_FIELDS
        widgets = {
            "course": forms.RadioSelect,
            "justification": textarea(),
            "termination_reason": forms.RadioSelect,
            "help_offered": textarea(),
            "referral_form": forms.RadioSelect,
        }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        deciding = self.instance.cycle.stage == Stage.DECISION
        self.fields["course"].choices = [
            choice for choice in Course.choices if deciding or choice[0] != Course.NEXT
        ]
        self.fields["referral_form"].choices = ReferralForm.choices
        self.fields["termination_reason"].choices = choices_of(
            self.instance.cycle.stakeholder.kind, "termination_reasons", TerminationReason.choices
        )
        for course, needed in REQUIRED_BY_COURSE.items():
            for name, sentence in needed.items():
                self.fields[name].required = not self.is_bound or self.data.get("course") == course
                self.fields[name].error_messages["required"] = sentence

    def get_layout(self):
        """The fields of a course; the style sheet shows them when that course is chosen."""
        kind = self.instance.cycle.stakeholder.kind
        clauses = {name: clause_of(kind, name) for name in Clause}
        return Layout(
            Field("course", clause=clauses[Clause.COURSE]),
            "justification",
            Div(Field("both_agree", clause=clauses[Clause.AGREEMENT]), "is_willing", css_class="for-next"),
            Div(
                Field("referral_form", clause=clauses[Clause.REFERRAL]), "referred_to", css_class="for-refer"
            ),
            Div(
                Field("termination_reason", clause=clauses[Clause.TERMINATION]),
                "help_offered",
                css_class="for-terminate",
            ),
        )

    def clean(self):
        """Empties the fields of the other courses. NEXT is refused when the assessment says "not willing" (R66)."""
        cleaned = super().clean()
        course = cleaned.get("course")
        for other, needed in REQUIRED_BY_COURSE.items():
            if other not in (course, Course.NEXT):
                cleaned.update(dict.fromkeys(needed, ""))
        assessment = getattr(self.instance.cycle, "assessment", None)
        if course == Course.NEXT and assessment and assessment.is_willing is False:
            self.add_error("is_willing", _("预估里写的是对方不愿意；如果情况变了，请先更新预估。"))
        return cleaned


class AnswerForm(CrispyFormMixin, forms.Form):
    """The approver's reply. A note is required for returning; accounts.approvals.engine checks it."""

    note = forms.CharField(
        label=_("审批意见"), required=False, max_length=MAX_OPINION_LENGTH, widget=textarea()
    )

    def get_layout(self):
        return Layout(Field("note", hint=_("退回时请写明原因")))
