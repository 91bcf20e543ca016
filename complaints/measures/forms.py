"""Forms of improvement measures."""

from datetime import timedelta

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.form_layout import CrispyFormMixin
from accounts.widgets import DayInput
from complaints.access import access_list
from relations.cycle.forms import textarea, validate_not_future
from relations.work.task_forms import validate_not_past
from reminders.models import Parameter

MAX_DISTANCE = timedelta(days=5 * 366)


def version_field():
    return forms.IntegerField(
        widget=forms.HiddenInput,
        min_value=1,
        max_value=2**31 - 1,
        error_messages={"required": _("请重新打开这一页。")},
    )


class MeasureForm(CrispyFormMixin, forms.Form):
    """A measure: what will change, its owner, the due date, and when to check whether it happened again (R151)."""

    version = version_field()
    measure = forms.CharField(
        label=_("改善措施"),
        max_length=300,
        widget=textarea(2),
        help_text=_("负责人只看得到措施，看不到这一件；请不要写人名和经过。"),
        error_messages={"required": _("请写改善措施。")},
    )
    owner = forms.ModelChoiceField(
        None,
        label=_("措施负责人"),
        empty_label=_("请选择"),
        error_messages={"required": _("请选一位同事。")},
    )
    due_on = forms.DateField(
        label=_("完成期限"), widget=DayInput, error_messages={"required": _("请填时限。")}
    )
    check_on = forms.DateField(label=_("检查日期"), widget=DayInput, required=False)

    def __init__(self, *args, case, today, **kwargs):
        kwargs.setdefault("auto_id", "id_measure_%s")
        super().__init__(*args, **kwargs)
        self.today = today
        self.initial.setdefault("version", case.version)
        self.fields["owner"].queryset = access_list.eligible_readers(case)
        self.fields["check_on"].help_text = _("不填就在完成期限之后按规定的天数检查。")

    def clean_due_on(self):
        return self.validate_not_far(validate_not_past(self.cleaned_data["due_on"], self.today))

    def clean_check_on(self):
        return self.validate_not_far(self.cleaned_data["check_on"])

    def validate_not_far(self, day):
        """Refuses a day far ahead, most likely a typing error: every list counts the days up to it."""
        if day and day - self.today > MAX_DISTANCE:
            raise forms.ValidationError(_("请检查年份。"))
        return day

    def clean(self):
        cleaned = super().clean()
        due_on, check_on = cleaned.get("due_on"), cleaned.get("check_on")
        if due_on and check_on and check_on < due_on:
            self.add_error("check_on", _("检查日期不能早于完成期限。"))
        if due_on and not check_on:
            days = Parameter.objects.value_on("improvement_check_days", self.today)
            cleaned["check_on"] = add_days(due_on, days)
        return cleaned


def add_days(day, days):
    """`days` after `day`; `day` itself when the result is beyond the last possible date."""
    try:
        return day + timedelta(days=days)
    except OverflowError:
        return day


class DoneForm(CrispyFormMixin, forms.Form):
    """Completion of a measure, with the day."""

    version = version_field()
    on = forms.DateField(label=_("完成日期"), widget=DayInput, error_messages={"required": _("请填日期。")})

    def __init__(self, *args, measure, today, **kwargs):
        super().__init__(*args, auto_id="id_done_%s", **kwargs)
        self.today = today
        self.initial |= {"version": measure.version, "on": today}

    def clean_on(self):
        return validate_not_future(self.cleaned_data["on"], self.today)


class CheckForm(CrispyFormMixin, forms.Form):
    """The check of a measure: whether the same has happened since."""

    version = version_field()
    has_recurred = forms.TypedChoiceField(
        label=_("之后是否又发生"),
        choices=[("False", _("没有再发生")), ("True", _("又发生了"))],
        coerce=lambda value: value == "True",
        widget=forms.RadioSelect,
        error_messages={"required": _("请选是否又发生。")},
    )
    note = forms.CharField(label=_("检查结果"), max_length=200, required=False)

    def __init__(self, *args, measure, today, **kwargs):
        super().__init__(*args, auto_id="id_check_%s", **kwargs)
        self.initial["version"] = measure.version
