"""Admin pages: reminders and deliveries (read-only), and numbers, to which new values can be added."""

from django import forms
from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from accounts.admin_base import ReadOnlyAdmin, VisibleRowsAdmin
from reminders import clock
from reminders.calendar import admin as calendar_admin  # noqa: F401  registers the table of holidays
from reminders.models import Delivery, Parameter, Reminder
from reminders.numbers import change_obstacle
from reminders.parameters import PARAMETERS


@admin.register(Reminder)
class ReminderAdmin(ReadOnlyAdmin):
    """Only the user's own reminders, as on every other page."""

    fields = ["title", "kind", "recipient", "link", "due_on", "raised_on", "raised_at", "closed_at"]
    list_display = ["title", "kind", "recipient", "due_on", "raised_on", "closed_at"]
    list_filter = ["kind"]
    search_fields = ["title"]


@admin.register(Delivery)
class DeliveryAdmin(ReadOnlyAdmin):
    """The state of deliveries, with errors. The content is shown to the recipient only."""

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
    """A new value within the declared limits, valid from today or a later day."""

    key = forms.ChoiceField(label=_("项目"))

    class Meta:
        model = Parameter
        fields = ["key", "value", "effective_from", "reason"]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if "key" in self.fields:
            self.fields["key"].choices = [(key, words_of(declared)) for key, declared in PARAMETERS.items()]

    def clean(self):
        data = super().clean()
        if not self.errors:
            declared = PARAMETERS[data["key"]]
            problem = change_obstacle(
                declared, data["value"], data["effective_from"], data["reason"], clock.today()
            )
            if problem:
                raise forms.ValidationError(problem)
        return data


def words_of(declared):
    limits = {"label": declared.label, "unit": declared.unit, "least": declared.least, "most": declared.most}
    return _("%(label)s（%(least)d—%(most)d%(unit)s）") % limits


@admin.register(Parameter)
class ParameterAdmin(VisibleRowsAdmin):
    """Values are only added, never changed, so that a number keeps its history."""

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
