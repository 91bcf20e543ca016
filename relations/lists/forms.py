"""The small forms of a list: hand-over, reminder, saved view."""

from datetime import timedelta

from django import forms
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.form_layout import CrispyFormMixin
from accounts.models import User
from accounts.roles import Permission
from accounts.stamps import StampedForm
from accounts.widgets import DayInput

REMIND_WITHIN_DAYS = 3


def assignable_workers(user):
    """Returns the users whom `user` may make responsible; without the permission to hand over, only themselves and
    those of their own department, if they have one.
    """
    people = User.objects.visible_to(user).may_be_responsible()
    if user.may(Permission.HAND_OVER):
        return people
    nearby = Q(pk=user.pk)
    if user.department_id:
        nearby |= Q(department=user.department_id)
    return people.filter(nearby)


class HandOverForm(StampedForm):
    """Hand-over to another worker; `stamp` is the responsible_stamp of the selected records."""

    to = forms.ModelChoiceField(User.objects.none(), label=gettext_lazy("转交给"))

    def __init__(self, *args, user, today, wording, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["to"].queryset = assignable_workers(user)
        self.fields["to"].help_text = wording.hand_over_help
        self.fields["to"].empty_label = _("请选择")


class RemindForm(CrispyFormMixin, forms.Form):
    """The task for the responsible workers, and its due date."""

    title = forms.CharField(label=gettext_lazy("提醒什么"), max_length=100)
    due_on = forms.DateField(label=gettext_lazy("请在哪天以前做"), widget=DayInput)

    def __init__(self, *args, user, today, wording, **kwargs):
        super().__init__(*args, **kwargs)
        self.today = today
        self.fields["title"].initial = _("请尽快联系一次")
        self.fields["due_on"].initial = today + timedelta(days=REMIND_WITHIN_DAYS)

    def clean_due_on(self):
        due_on = self.cleaned_data["due_on"]
        if due_on < self.today:
            raise forms.ValidationError(_("这一天已经过去了，请选今天或以后。"))
        return due_on


class SavedViewForm(CrispyFormMixin, forms.Form):
    """The name of a saved view."""

    name = forms.CharField(label=gettext_lazy("视图的名称"), max_length=30)
