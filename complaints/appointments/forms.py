"""The form that requests a new head and alternate, with the reason."""

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.form_layout import CrispyFormMixin
from accounts.models import User
from complaints.appointments import in_charge


class AppointmentForm(CrispyFormMixin, forms.Form):
    """Head, alternate for complaints about the head, reason, and whether open complaints are handed over as well.

    `seen` is the stamp of the appointment that was in force when the form was shown.
    """

    head = forms.ModelChoiceField(User.objects.none(), label=gettext_lazy("中心负责人"))
    alternate = forms.ModelChoiceField(
        User.objects.none(),
        label=gettext_lazy("投诉负责人时由谁处理"),
        help_text=gettext_lazy("有人投诉负责人，或者要求不要告诉负责人的时候，交给这一位。"),
    )
    reason = forms.CharField(label=gettext_lazy("原因"), max_length=200)
    seen = forms.CharField(
        max_length=100,
        widget=forms.HiddenInput,
        error_messages={"required": gettext_lazy("请重新打开这一页。")},
    )
    open_ones_too = forms.BooleanField(
        label=gettext_lazy("现有的意见／投诉和档案也交给新的负责人"),
        required=False,
        help_text=gettext_lazy(
            "要由另一位处理人、理事会成员或原来的负责人同意才交；没有同意以前，留在原来的负责人那里。"
        ),
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for name in ("head", "alternate"):
            self.fields[name].queryset = in_charge.eligible()
            self.fields[name].empty_label = _("请选择")

    def clean(self):
        cleaned = super().clean()
        if cleaned.get("head") and cleaned.get("head") == cleaned.get("alternate"):
            self.add_error("alternate", _("和负责人是同一个人，请另选一位。"))
        return cleaned
