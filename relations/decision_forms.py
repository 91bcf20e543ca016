"""Choosing the course of a relationship, and answering a proposal (R19-R21, R58-R66)."""

from django import forms
from django.utils.translation import gettext_lazy as _

from relations.cycle_forms import lines
from relations.models import Course, Decision, Stage

CARRIED = [
    "course",
    "justification",
    "both_agree",
    "is_willing",
    "termination_reason",
    "help_offered",
    "referral_form",
    "referred_to",
]


class DecisionForm(forms.ModelForm):
    """A new decision; what the other courses ask for is emptied. Going on is decided at stage 3 only (R20)."""

    class Meta:
        model = Decision
        fields = CARRIED
        widgets = {
            "course": forms.RadioSelect,
            "justification": lines(),
            "termination_reason": forms.RadioSelect,
            "help_offered": lines(),
            "referral_form": forms.RadioSelect,
        }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        open_courses = [
            choice
            for choice in Course.choices
            if choice[0] != Course.NEXT or self.instance.cycle.stage == Stage.DECISION
        ]
        self.fields["course"].choices = open_courses
        for name in ("termination_reason", "referral_form"):
            self.fields[name].choices = [choice for choice in self.fields[name].choices if choice[0]]

    def clean(self):
        cleaned = super().clean()
        check = {
            Course.NEXT: self.check_next,
            Course.REFER: self.check_referral,
            Course.TERMINATE: self.check_termination,
        }.get(cleaned.get("course"))
        if check:
            check(cleaned)
        return cleaned

    def check_next(self, cleaned):
        """Both agree on the need, and the other side is willing (R66)."""
        if not cleaned.get("both_agree"):
            self.add_error("both_agree", _("双方对需求有共识，才能进入下一阶段。"))
        assessment = getattr(self.instance.cycle, "assessment", None)
        if not cleaned.get("is_willing"):
            self.add_error("is_willing", _("对方愿意由中心协助，才能进入下一阶段。"))
        elif assessment and assessment.is_willing is False:
            self.add_error("is_willing", _("预估里写的是对方不愿意；如果情况变了，请先更新预估。"))
        self.empty(cleaned, "termination_reason", "help_offered", "referral_form", "referred_to")

    def check_referral(self, cleaned):
        """Formal or informal, and to whom (R65)."""
        self.require(cleaned, "referral_form", _("请选正式转介还是非正式转介。"))
        self.require(cleaned, "referred_to", _("请写明转介到哪里。"))
        self.empty(cleaned, "termination_reason", "help_offered")

    def check_termination(self, cleaned):
        """One of the four reasons, and the help given to find another chance (R59-R64)."""
        self.require(cleaned, "termination_reason", _("请选一个终止的原因。"))
        self.require(cleaned, "help_offered", _("终止也有帮助对方的责任，请写明为对方做了什么。"))
        self.empty(cleaned, "referral_form", "referred_to")

    def require(self, cleaned, name, sentence):
        if not cleaned.get(name):
            self.add_error(name, sentence)

    def empty(self, cleaned, *names):
        cleaned.update(dict.fromkeys(names, ""))


class AnswerForm(forms.Form):
    """The approver's answer; returning asks for a note."""

    note = forms.CharField(label=_("审批意见"), required=False, max_length=500, widget=lines())
