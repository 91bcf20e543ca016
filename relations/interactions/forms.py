"""Forms for correcting and withdrawing a contact, and for saving a view of the list."""

from crispy_forms.layout import Div, Layout
from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.form_layout import CrispyFormMixin, Include
from accounts.widgets import DayInput
from relations.log.forms import CHANNELS, PURPOSES, day_problem
from relations.models import Channel, GuestRole, Interaction, Outcome, PlanAction, Purpose, Starter
from relations.parties.colleagues import ACCOMPANYING, ColleagueField, ColleaguesFormMixin, full_name


class CorrectForm(CrispyFormMixin, ColleaguesFormMixin, forms.ModelForm):
    """Everything about a contact that may be corrected. The time at which it was entered never changes."""

    says_everybody = True  # the author is listed like the other participants
    people = forms.MultipleChoiceField(
        label=gettext_lazy("找的是谁"), required=False, widget=forms.CheckboxSelectMultiple
    )
    starter = ColleagueField(label=gettext_lazy("我方发起人"))
    not_me = forms.BooleanField(required=False, widget=forms.HiddenInput)
    plan_action = forms.ModelChoiceField(
        PlanAction.objects.none(),
        label=gettext_lazy("对应计划里的哪项行动"),
        required=False,
        empty_label=gettext_lazy("不对应"),
    )

    class Meta:
        model = Interaction
        fields = (
            "people",
            "contact_on",
            "channel",
            "purpose",
            "outcome",
            "content",
            "follow_up",
            "started_by",
            "starter",
            "guest_role",
            "plan_action",
        )
        widgets = {
            "contact_on": DayInput,
            "content": forms.Textarea(attrs={"rows": 4}),
            "follow_up": forms.Textarea(attrs={"rows": 2}),
            "outcome": forms.RadioSelect,
            "started_by": forms.RadioSelect,
            "guest_role": forms.RadioSelect,
        }
        error_messages = {
            "contact_on": {"invalid": gettext_lazy("日期请写成2026-10-12这样。")},
            "content": {"required": gettext_lazy("请写一句说了什么。")},
        }

    def __init__(self, *args, user, stakeholder, today, people, there, actions, **kwargs):
        super().__init__(*args, **kwargs)
        self.user, self.stakeholder, self.today, self.known = user, stakeholder, today, people
        self.fields["people"].choices = [(str(person.pk), str(person)) for person in people]
        self.initial["people"] = [str(pk) for pk in there]
        self.fields["outcome"].choices = Outcome.choices
        self.fields["started_by"].choices = Starter.choices
        self.fields["guest_role"].choices = [("", _("没有定")), *GuestRole.choices]
        self.limit_purposes()
        if actions:
            self.fields["plan_action"].queryset = actions
        else:
            del self.fields["plan_action"]
        self.set_initial_participants()

    def get_layout(self):
        typed = [field.name for field in self.visible_fields() if field.name != "starter"]
        return Layout(*typed, "starter", Div(Include("relations/log_mates.html"), css_class="more"))

    def limit_purposes(self):
        """Limits channels and purposes: a check of the information sheet stays one, and no contact becomes one."""
        if self.instance.channel == Channel.DESK:
            channels, purposes = [Channel.DESK], [Purpose.SHEET_CHECK]
        else:
            channels, purposes = CHANNELS, PURPOSES
        self.fields["channel"].choices = [(one.value, one.label) for one in channels]
        self.fields["purpose"].choices = [(one.value, one.label) for one in purposes]

    def set_initial_participants(self):
        """Sets the initial values of the colleague fields: one line per participant of ours, the author included."""
        there = list(self.instance.our_people.select_related("user"))
        self.initial["starter"] = full_name(self.instance.starter) if self.instance.starter else ""
        self.initial["mate"] = [full_name(part.user) for part in there]
        self.initial["mate_role"] = [ACCOMPANYING if part.is_accompanying else "with" for part in there]

    def colleague_lines(self):
        return [*super().colleague_lines(), ("", "with")]

    def clean_contact_on(self):
        day = self.cleaned_data["contact_on"]
        if day != self.instance.contact_on and (problem := day_problem(day, self.today)):
            raise forms.ValidationError(problem)
        return day

    def clean(self):
        cleaned = super().clean()
        cleaned["not_me"] = True
        self.find_colleagues(cleaned)
        if cleaned.get("purpose") != Purpose.INVITATION:
            cleaned["guest_role"] = ""
        if cleaned.get("started_by") == Starter.THEM:
            cleaned["starter"] = None
        return cleaned


class WithdrawForm(CrispyFormMixin, forms.Form):
    reason = forms.CharField(
        label=gettext_lazy("为什么撤销"),
        max_length=200,
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": gettext_lazy("请写明为什么撤销。")},
    )


class SavedViewForm(CrispyFormMixin, forms.Form):
    name = forms.CharField(
        label=gettext_lazy("视图的名称"),
        max_length=30,
        error_messages={"required": gettext_lazy("请给视图起个名字。")},
    )
