"""Forms of a meeting: plan, checklist and outline, record (R35-R52)."""

from crispy_forms.layout import Layout
from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.form_layout import CrispyFormMixin, Hint
from accounts.keys import parse_key
from accounts.models import User
from accounts.widgets import DayInput
from relations.cycle.forms import textarea, validate_not_future
from relations.meetings.actions import RECORDED_FIELDS
from relations.models import ItemKind, Meeting, MeetingItem
from relations.parties.kinds import Clause, clause_of
from relations.shares.sight_sql import users_who_see


class CheckedMultipleChoiceField(forms.ModelMultipleChoiceField):
    """A choice of several rows that refuses keys which are not valid primary keys before it queries them."""

    def clean(self, value):
        for key in value or ():
            if parse_key(str(key)) is None:
                words = {"pk": str(key)[:20]}
                raise forms.ValidationError(
                    self.error_messages["invalid_pk_value"], code="invalid_pk_value", params=words
                )
        return super().clean(value)


def colleagues(label, required=False):
    """Returns a field for several colleagues."""
    return CheckedMultipleChoiceField(
        label=label,
        queryset=User.objects.active(),
        required=required,
        widget=forms.SelectMultiple(attrs={"size": 5}),
        help_text=_("可以选几位"),
    )


class PlanMeetingForm(CrispyFormMixin, forms.ModelForm):
    """The plan of a meeting: leader, date, form and purpose (R35, R48)."""

    class Meta:
        model = Meeting
        fields = ["lead", "planned_on", "form", "purpose"]
        widgets = {"planned_on": DayInput, "form": forms.RadioSelect}

    def __init__(self, *args, by, **kwargs):
        super().__init__(*args, **kwargs)
        present = User.objects.filter(pk__in=[by.pk, self.instance.lead_id])  # also if they have left
        self.fields["lead"].queryset = users_who_see(self.instance.stakeholder) | present
        self.fields["form"].choices = [choice for choice in self.fields["form"].choices if choice[0]]


class ItemForm(CrispyFormMixin, forms.ModelForm):
    """One item of the checklist or the outline: done, text, note, position (R47)."""

    class Meta:
        model = MeetingItem
        fields = ["is_done", "text", "note", "position"]
        labels = {"is_done": _("好了"), "text": _("内容"), "note": _("备注"), "position": _("次序")}
        widgets = {
            "text": textarea(1),
            "note": textarea(1),
            "position": forms.NumberInput(attrs={"min": 0, "max": 99}),
        }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["position"].required = False

    def clean_position(self):
        position = self.cleaned_data["position"]
        return 99 if position is None else position


class BaseItemFormSet(forms.BaseInlineFormSet):
    """The items of one kind (ItemKind), in their order."""

    def __init__(self, *args, kind, **kwargs):
        self.kind = kind
        super().__init__(*args, queryset=MeetingItem.objects.filter(kind=kind), prefix=kind, **kwargs)

    def add_fields(self, form, index):
        super().add_fields(form, index)
        form.fields["DELETE"].label = _("删去")
        if not form.instance.pk:
            form.fields["position"].initial = None
            form.initial.pop("position", None)

    def save_new(self, form, commit=True):
        form.instance.kind = self.kind
        return super().save_new(form, commit)


ItemFormSet = forms.inlineformset_factory(
    Meeting,
    MeetingItem,
    form=ItemForm,
    formset=BaseItemFormSet,
    extra=0,
    can_delete=True,
    max_num=60,
    absolute_max=61,
)


def item_formsets(meeting, data=None):
    """Returns the formsets of both lists of a meeting: [(label, formset), ...]."""
    return [(kind.label, ItemFormSet(data, instance=meeting, kind=kind.value)) for kind in ItemKind]


class RecordForm(CrispyFormMixin, forms.ModelForm):
    """The record of a meeting: its four topics, the urgent matter, and the participants (R46, R49-R52)."""

    held_on = forms.DateField(label=_("会谈日期"), widget=DayInput)
    ours = colleagues(_("我方参加的人"), required=True)
    accompanying = colleagues(_("陪同"))
    theirs = CheckedMultipleChoiceField(
        label=_("对方参加的人"), queryset=None, required=False, widget=forms.CheckboxSelectMultiple
    )

    class Meta:
        model = Meeting
        fields = [*RECORDED_FIELDS, "needs_urgent_help", "urgent_matter"]
        widgets = {name: textarea() for name in RECORDED_FIELDS}

    field_order = [
        "held_on",
        "theirs",
        "ours",
        "accompanying",
        *RECORDED_FIELDS,
        "needs_urgent_help",
        "urgent_matter",
    ]

    def __init__(self, *args, today, **kwargs):
        super().__init__(*args, **kwargs)
        self.today = today
        contact = self.instance.interaction
        people = self.instance.stakeholder.contacts
        self.fields["theirs"].queryset = people.all() if contact else people.current()
        self.initial |= self.initial_from_contact(contact) if contact else self.initial_from_plan()

    def get_layout(self):
        urgent = Hint(
            _("有紧急事项的，会列为下一个工作日的待办，并马上告诉督导或部门负责人。"),
            clause=clause_of(self.instance.stakeholder.kind, Clause.URGENT),
        )
        return Layout(*self.fields, urgent)

    def initial_from_plan(self):
        return {"held_on": min(self.instance.planned_on, self.today), "ours": [self.instance.lead_id]}

    def initial_from_contact(self, contact):
        ours = list(contact.our_people.values_list("user", "is_accompanying"))
        return {
            "held_on": contact.contact_on,
            "ours": [pk for pk, accompanies in ours if not accompanies],
            "accompanying": [pk for pk, accompanies in ours if accompanies],
            "theirs": list(contact.their_people.values_list("person", flat=True)),
        }

    def clean_held_on(self):
        return validate_not_future(self.cleaned_data["held_on"], self.today)

    def clean(self):
        cleaned = super().clean()
        if cleaned.get("needs_urgent_help") and not cleaned.get("urgent_matter"):
            self.add_error("urgent_matter", _("请写明需要紧急协助的是什么事。"))
        if not any(cleaned.get(name) for name in RECORDED_FIELDS):
            self.add_error("needs", _("请至少写下会谈了解到的一项内容。"))
        in_both = set(cleaned.get("ours") or []) & set(cleaned.get("accompanying") or [])
        if in_both:
            self.add_error("accompanying", _("%s 已经在参加的人里。") % next(iter(in_both)))
        return cleaned
