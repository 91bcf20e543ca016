"""Reminders and their deliveries as the program wrote them; numbers, to which a new value may be added."""

from django import forms
from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from accounts.admin_base import ReadOnlyAdmin, VisibleRowsAdmin
from reminders import clock
from reminders.calendar import admin as calendar_admin  # noqa: F401  registers the table of holidays
from reminders.models import Delivery, Parameter, Reminder
from reminders.numbers import obstacle
from reminders.parameters import PARAMETERS


@admin.register(Reminder)
class ReminderAdmin(ReadOnlyAdmin):
    """One's own, as everywhere."""

    fields = ["title", "kind", "recipient", "link", "due_on", "raised_on", "raised_at", "closed_at"]
    list_display = ["title", "kind", "recipient", "due_on", "raised_on", "closed_at"]
    list_filter = ["kind"]
    search_fields = ["title"]


@admin.register(Delivery)
class DeliveryAdmin(ReadOnlyAdmin):
    """Whether letters go out, and why not. What they say is for their readers alone."""

    fields = [
        "recipient",
        "channel",
        "state",
        "attempts",
        "not_before",
        "claimed_at",
        "sent_at",
        "read_at",
        "error",
    ]
    list_display = ["recipient", "channel", "state", "attempts", "sent_at", "error"]
    list_filter = ["state", "channel"]
    search_fields = ["recipient__name"]


class ParameterForm(forms.ModelForm):
    """A value within the declared limits, from today on or later."""

    key = forms.ChoiceField(label=_("项目"))

    class Meta:
        model = Parameter
        fields = ["key", "value", "effective_from", "reason"]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if "key" in self.fields:
            self.fields["key"].choices = [(key, words_of(declared)) for key, declared in PARAMETERS.items()]

    def clean(self):
        given = super().clean()
        if not self.errors:
            declared = PARAMETERS[given["key"]]
            problem = obstacle(
                declared, given["value"], given["effective_from"], given["reason"], clock.today()
            )
            if problem:
                raise forms.ValidationError(problem)
        return given


def words_of(declared):
    limits = {"label": declared.label, "unit": declared.unit, "least": declared.least, "most": declared.most}
    return _("%(label)s（%(least)d—%(most)d%(unit)s）") % limits


@admin.register(Parameter)
class ParameterAdmin(VisibleRowsAdmin):
    """A number keeps its old values: a new one is added, none is changed."""

    may_add = True
    form = ParameterForm
    list_display = ["label", "value", "effective_from", "reason", "set_by", "set_at"]
    list_select_related = ["set_by"]
    fields = ["key", "value", "effective_from", "reason"]

    def has_change_permission(self, request, obj=None):
        return False

    def save_model(self, request, obj, form, change):
        obj.set_by = request.user
        super().save_model(request, obj, form, change)

    @admin.display(description=_("项目"))
    def label(self, parameter):
        declared = PARAMETERS.get(parameter.key)
        return declared.label if declared else parameter.key
