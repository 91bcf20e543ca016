"""The small forms of a list: to whom, what to remind of, under which name."""

from datetime import timedelta

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.form_layout import CrispyFormMixin
from accounts.models import User
from accounts.roles import Permission
from accounts.stamps import StampedForm
from accounts.widgets import DayInput

REMIND_WITHIN_DAYS = 3  # days


def assignable_workers(user):
    """Whom `user` may make responsible: people in office who log contacts; for those who do not lead, colleagues."""
    people = User.objects.visible_to(user).active()
    if not user.may(Permission.HAND_OVER):
        people = people.filter(department=user.department_id) | people.filter(pk=user.pk)
    return people.filter(pk__in=[one.pk for one in people if one.may(Permission.LOG)])


class HandOverForm(StampedForm):
    """To whom; `stamp` is that of who holds the chosen ones now."""

    to = forms.ModelChoiceField(User.objects.none(), label=gettext_lazy("转交给"))

    def __init__(self, *args, user, today, wording, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["to"].queryset = assignable_workers(user)
        self.fields["to"].help_text = wording.hand_over_help
        self.fields["to"].empty_label = _("请选择")


class RemindForm(CrispyFormMixin, forms.Form):
    """What the responsible workers are to do, and until when."""

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
    """The name under which a view is kept."""

    name = forms.CharField(label=gettext_lazy("视图的名称"), max_length=30)
