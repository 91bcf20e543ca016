"""The plan: goals, and the actions of each goal (R22), in one form that works without JavaScript.

A submit button adds a line; it saves nothing, and nothing typed is lost.
"""

from crispy_forms.layout import Div, Layout
from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.form_layout import CrispyFormMixin, Include
from accounts.keys import parse_key
from accounts.widgets import DayInput
from relations.cycle.forms import yes_or_no
from relations.models import Cycle, PlanAction, PlanGoal, Stage

ADD_BUTTON = "add"


def with_extra_form(data):
    """Returns a copy of posted data with one more form in the formset whose prefix is the value of the `add` button."""
    data = data.copy()
    counter = f"{data.get(ADD_BUTTON)}-TOTAL_FORMS"
    lines = parse_key(data.get(counter))
    if lines is not None:
        data[counter] = str(lines + 1)
    else:
        data |= {counter: "1", f"{data.get(ADD_BUTTON)}-INITIAL_FORMS": "0"}
    return data


def is_marked_for_deletion(form):
    """Whether the box that deletes a line is ticked."""
    return bool(getattr(form, "cleaned_data", {}).get("DELETE"))


class ActionForm(CrispyFormMixin, forms.ModelForm):
    class Meta:
        model = PlanAction
        fields = ["text", "due_on", "is_done"]
        widgets = {"due_on": DayInput}


class GoalForm(CrispyFormMixin, forms.ModelForm):
    is_achieved = yes_or_no(_("实现了没有"), _("已实现"), _("没有实现"))

    class Meta:
        model = PlanGoal
        fields = ["text", "tag", "is_achieved"]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if self.instance.is_achieved is not None:
            self.initial["is_achieved"] = str(self.instance.is_achieved)

    def get_layout(self):
        """The goal, the lines of its actions, and below them the controls that add an action and delete the goal."""
        foot = Div(Include("relations/plan_one_more.html"), "DELETE", css_class="row-x")
        typed = [name for name in self.fields if name != "DELETE"]
        return Layout(*typed, Include("relations/plan_actions.html"), foot)


class PlanFormSet(forms.BaseInlineFormSet):
    """Lines of a plan, each with a box to delete it; the fields `marks` are shown from the execution stage on."""

    marks = ()
    taking_out = _("删去这一行")

    def __init__(self, *args, stage=Stage.PLAN, **kwargs):
        self.stage = stage
        super().__init__(*args, **kwargs)

    def add_fields(self, form, index):
        super().add_fields(form, index)
        form.fields["DELETE"].label = self.taking_out
        if self.stage < Stage.EXECUTION:
            for name in self.marks:
                form.fields.pop(name, None)

    def save_new(self, form, commit=True):
        form.instance.position = self.total_form_count()
        return super().save_new(form, commit)


class BaseActionFormSet(PlanFormSet):
    marks = ("is_done",)

    def clean(self):
        for form in filter(is_marked_for_deletion, self.forms):
            if form.instance.pk and form.instance.interactions.exists():
                values = {"text": form.instance.text}
                raise forms.ValidationError(_("行动“%(text)s”已经有沟通记录，不能删去。") % values)
        super().clean()


ActionFormSet = forms.inlineformset_factory(
    PlanGoal,
    PlanAction,
    form=ActionForm,
    formset=BaseActionFormSet,
    extra=0,
    can_delete=True,
    max_num=50,
    absolute_max=51,
)


class BaseGoalFormSet(PlanFormSet):
    """Each goal form has the formset of its actions in `actions`."""

    marks = ("is_achieved",)
    taking_out = _("删去这个目标")

    def add_fields(self, form, index):
        super().add_fields(form, index)
        form.actions = ActionFormSet(
            data=form.data if form.is_bound else None,
            instance=form.instance,
            prefix=f"{form.prefix}-actions",
            stage=self.stage,
        )
        if not form.is_bound and not form.instance.pk:
            form.actions.extra = 1

    def is_valid(self):
        return super().is_valid() and all(form.actions.is_valid() for form in self.remaining_forms())

    def remaining_forms(self):
        return [form for form in self.forms if not is_marked_for_deletion(form)]

    def clean(self):
        for form in self.forms:
            self.check_goal(form)
        super().clean()

    def check_goal(self, form):
        """Rejects deleting a goal with recorded contacts, and actions without a goal."""
        goal = form.instance
        if is_marked_for_deletion(form):
            if goal.pk and goal.actions.filter(interactions__isnull=False).exists():
                raise forms.ValidationError(
                    _("目标“%(text)s”的行动已经有沟通记录，不能删去。") % {"text": goal.text}
                )
        elif not goal.pk and not form.has_changed() and any(line.has_changed() for line in form.actions):
            form.add_error("text", _("请先写下目标，再写它的行动。"))

    def save(self, commit=True):
        for form in filter(is_marked_for_deletion, self.forms):
            if form.instance.pk:
                form.instance.actions.all().delete()
        saved = super().save(commit)
        for form in self.remaining_forms():
            if form.instance.pk:
                form.actions.instance = form.instance
                form.actions.save()
        return saved


GoalFormSet = forms.inlineformset_factory(
    Cycle,
    PlanGoal,
    form=GoalForm,
    formset=BaseGoalFormSet,
    extra=0,
    can_delete=True,
    max_num=30,
    absolute_max=31,
)
