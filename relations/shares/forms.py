"""Forms of a share, an emergency access and its review."""

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.form_layout import CrispyFormMixin
from accounts.models import User
from accounts.widgets import DayInput
from relations.shares import actions

MAX_REASON_LENGTH = 200


class ShareForm(CrispyFormMixin, forms.Form):
    """The user with whom a record is shared, the reason and the period."""

    user = forms.ModelChoiceField(label=_("给谁看"), queryset=User.objects.none(), empty_label=_("请选择"))
    reason = forms.CharField(label=_("原因"), max_length=MAX_REASON_LENGTH)
    starts_on = forms.DateField(label=_("从哪天起"), widget=DayInput)
    ends_on = forms.DateField(
        label=_("到哪天为止"), widget=DayInput, help_text=_("两头都算在内；随时可以收回。")
    )

    def __init__(self, *args, by, stakeholder, today, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["user"].queryset = actions.eligible_users(stakeholder.kind).exclude(pk=by.pk)
        self.initial.setdefault("starts_on", today)


class ReviewForm(CrispyFormMixin, forms.Form):
    """The leader's opinion on an emergency access."""

    opinion = forms.CharField(label=_("复核意见"), max_length=MAX_REASON_LENGTH)


class EmergencyForm(CrispyFormMixin, forms.Form):
    """Emergency access: the record, by its number or complete name, and the reason."""

    record = forms.CharField(
        label=_("编号或完整的名称"), max_length=120, help_text=_("要写完整；只写一部分查不到。")
    )
    reason = forms.CharField(
        label=_("为什么不能等"),
        max_length=MAX_REASON_LENGTH,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("会马上告诉中心负责人和部门负责人，事后要复核。"),
    )
