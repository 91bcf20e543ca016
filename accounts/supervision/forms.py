"""Forms for supervisions."""

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.form_layout import CrispyFormMixin
from accounts.models import User
from accounts.roles import Permission
from accounts.widgets import DayInput


class SupervisorForm(CrispyFormMixin, forms.Form):
    """The supervisor of a worker, and the first day."""

    supervisor = forms.ModelChoiceField(
        label=_("督导"), queryset=User.objects.none(), empty_label=_("请选择")
    )
    starts_on = forms.DateField(
        label=_("从哪天起"),
        widget=DayInput,
        help_text=_("原来的督导到前一天为止；他督导期间结案的记录，他以后还看得到。"),
    )

    def __init__(self, *args, by, worker, today, **kwargs):
        super().__init__(*args, **kwargs)
        supervisors = User.objects.visible_to(by).active().with_permission(Permission.LOG)
        self.fields["supervisor"].queryset = supervisors.exclude(pk=worker.pk)
        self.initial.setdefault("starts_on", today)


class EndSupervisionForm(CrispyFormMixin, forms.Form):
    """The last day of a supervision."""

    ends_on = forms.DateField(label=_("最后一天"), widget=DayInput)
