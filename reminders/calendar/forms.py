"""Forms of the holiday pages: the pasted notice, one day, and the deadline calculator."""

from crispy_forms.layout import Layout
from django import forms
from django.utils.translation import gettext_lazy as _

from accounts import stamps
from accounts.form_layout import CrispyFormMixin
from accounts.widgets import DayInput
from reminders.calendar.festivals import FIRST_YEAR, LAST_YEAR
from reminders.calendar.holiday_notice import parse_notice
from reminders.calendar.models import HolidayOverride

MAX_WORKING_DAYS = 120


class CalendarDateField(forms.DateField):
    """A date within the years that the lunar calendar and the notices cover."""

    widget = DayInput

    def validate(self, value):
        super().validate(value)
        if value and not FIRST_YEAR <= value.year <= LAST_YEAR:
            message = _("请填%(first)d年到%(last)d年之间的日期。")
            raise forms.ValidationError(message, params={"first": FIRST_YEAR, "last": LAST_YEAR})


class NoticeForm(CrispyFormMixin, forms.Form):
    """The pasted text of a notice. `seen` is the fingerprint of the preview; nothing else can be saved."""

    text = forms.CharField(
        label=_("通知全文"),
        max_length=20_000,
        strip=True,
        help_text=_("把国务院办公厅的放假通知从头到尾贴进来，换行、全角数字都不要紧。"),
        widget=forms.Textarea(attrs={"rows": 12}),
        error_messages={"max_length": _("文字太长了，只贴通知本身就行。")},
    )
    number = forms.CharField(
        label=_("文号"),
        max_length=60,
        required=False,
        help_text=_("通知里写了就不用填，例如：国办发明电〔2025〕7号"),
    )
    year = forms.IntegerField(
        label=_("年份"),
        required=False,
        min_value=FIRST_YEAR,
        max_value=LAST_YEAR,
        help_text=_("通知里写了就不用填"),
    )
    is_checked = forms.BooleanField(label=_("已对照原文核对，就按读到的日期保存"), required=False)
    seen = forms.CharField(required=False, max_length=100, widget=forms.HiddenInput)

    notice = None

    def get_layout(self):
        """All fields except `is_checked`, which the page shows next to the preview."""
        return Layout("text", "number", "year")

    def clean(self):
        cleaned = super().clean()
        if "text" in cleaned and "year" in cleaned and "number" in cleaned:
            self.notice = parse_notice(cleaned["text"], cleaned["year"], cleaned["number"])
            if not self.notice.number:
                self.add_error("number", _("通知里没有读到文号，请填上，例如：国办发明电〔2025〕7号"))
            elif len(self.notice.number) > HolidayOverride._meta.get_field("notice").max_length:
                self.add_error("number", _("文号太长了，请只填文号。"))
        return cleaned

    @property
    def fingerprint(self):
        """The stamp of the notice and, after a dash, that of the stored rows; the preview shows both."""
        return f"{self.text_stamp}-{self.table_stamp()}"

    @property
    def text_stamp(self):
        """The stamp of days and number; other changes of the text do not matter."""
        return stamps.stamp_of(self.notice.number, self.notice.days)

    def table_stamp(self, rows=HolidayOverride.objects):
        """The stamp of the stored rows of the notice's days, read from `rows`."""
        stored = rows.filter(date__in=[day.date for day in self.notice.days]).order_by("date")
        return stamps.stamp_of(*stored.values_list("date", "is_working", "name", "notice", "note"))

    def accept_shown_version(self):
        """Sets `seen` to the present fingerprint, so that the next submit saves the version shown now."""
        self.data = self.data.copy()
        self.data[self.add_prefix("seen")] = self.fingerprint

    @property
    def is_unchanged_since_shown(self):
        return self.cleaned_data.get("seen") == self.fingerprint

    def has_conflict(self):
        """Whether the stored rows have changed since the preview of the same notice; locks the rows."""
        shown, _dash, table = self.cleaned_data.get("seen", "").partition("-")
        return shown == self.text_stamp and table != self.table_stamp(
            HolidayOverride.objects.select_for_update()
        )


class DayForm(CrispyFormMixin, forms.ModelForm):
    """One day of the table. `seen` is the stamp of the row as shown; a newer row is shown before it is overwritten."""

    date = CalendarDateField(label=_("日期"))
    is_working = forms.TypedChoiceField(
        label=_("这一天"),
        choices=[("False", _("放假")), ("True", _("上班"))],
        coerce=lambda value: value == "True",
        widget=forms.RadioSelect,
    )
    seen = forms.CharField(required=False, max_length=100, widget=forms.HiddenInput)

    class Meta:
        model = HolidayOverride
        fields = ["date", "is_working", "name", "notice", "note"]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.initial["is_working"] = str(bool(self.instance.is_working))
        self.initial["seen"] = stamp_of(self.instance)

    def clean_seen(self):
        """Raises ValidationError (code "changed") when the row is no longer as shown."""
        if self.cleaned_data["seen"] != stamp_of(self.instance):
            row = self.instance
            values = {
                "what": _("上班") if row.is_working else _("放假"),
                "name": row.name,
                "notice": row.notice,
            }
            message = _(
                "这一天已经登记为%(what)s（%(name)s，%(notice)s）。您填的还在，再按一次保存就以您填的为准。"
            )
            raise forms.ValidationError(message, params=values, code="changed")
        return self.cleaned_data["seen"]

    @property
    def has_newer_row(self):
        return bool(set(self.changed_data) - {"seen"})

    def show_newest(self):
        """Lets the next submit overwrite the present row. `instance` contains the typed values already."""
        self.data = self.data.copy()
        self.data[self.add_prefix("seen")] = self.initial["seen"]


def stamp_of(row):
    """The stamp of the present state of a row; empty for a row that is not saved."""
    return stamps.row_stamp(row)


class DeadlineForm(CrispyFormMixin, forms.Form):
    """Start day and number of working days; a negative number counts backwards."""

    start = CalendarDateField(label=_("收到的日期"), help_text=_("当天不计。"))
    days = forms.IntegerField(
        label=_("工作日数"),
        min_value=-MAX_WORKING_DAYS,
        max_value=MAX_WORKING_DAYS,
        help_text=_("往前数就填负数。"),
        widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
    )
