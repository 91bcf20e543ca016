"""Forms of tasks that users create or change."""

import uuid

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.form_layout import CrispyFormMixin
from accounts.models import User
from accounts.stamps import StampedForm
from accounts.widgets import DayInput
from relations.cycle.forms import textarea
from relations.models import Task
from relations.shares.sight_sql import users_who_see


def validate_not_past(day, today):
    """Returns `day`. Raises ValidationError when it is before `today`."""
    if day and day < today:
        raise forms.ValidationError(_("%(day)s已经过去了，请检查日期。") % {"day": day.isoformat()})
    return day


class TaskForm(CrispyFormMixin, forms.ModelForm):
    """加提醒: title, due date and owner of a new task."""

    token = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4)

    class Meta:
        model = Task
        fields = ["title", "due_on", "owner"]
        widgets = {"due_on": DayInput}

    def __init__(self, *args, by, today, **kwargs):
        super().__init__(*args, **kwargs)
        self.today = today
        self.fields["owner"].queryset = users_who_see(self.instance.stakeholder) | User.objects.filter(
            pk=by.pk
        )
        self.fields["owner"].required = True

    def clean_due_on(self):
        return validate_not_past(self.cleaned_data["due_on"], self.today)


class DropForm(CrispyFormMixin, forms.Form):
    reason = forms.CharField(
        label=_("为什么不做了"),
        max_length=200,
        widget=textarea(2),
        error_messages={"required": _("请写明为什么不做了。")},
    )


class DateForm(StampedForm):
    """Another due date for a task; `stamp` is the date that was shown."""

    due_on = forms.DateField(label=_("改到哪天"), widget=DayInput)

    def __init__(self, *args, today, **kwargs):
        super().__init__(*args, **kwargs)
        self.today = today

    def clean_due_on(self):
        return validate_not_past(self.cleaned_data["due_on"], self.today)
