"""Forms of a term of any kind: its dates, its scans, its early end (R31, R67)."""

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.form_layout import CrispyFormMixin
from accounts.widgets import DayInput
from relations.files.fields import FilesField, UploadFormMixin
from relations.parties.forms import SectionedFormMixin

MAX_DAYS = 366 * 10  # days; a longer term is a mistyped year


class TermForm(SectionedFormMixin, forms.ModelForm):
    """Base form of terms; a kind adds its fields in Meta and sets `has_end` to False when the end is optional.

    `record` is the stakeholder, `user` the author. Terms may overlap. An import checks the order of dates itself
    (relations.imports.stakeholders.rows).
    """

    has_end = True
    word = gettext_lazy("协议")

    def __init__(self, *args, record, user, **kwargs):
        super().__init__(*args, **kwargs)
        self.record, self.user = record, user
        self.fields["ends_on"].required = self.has_end

    def clean(self):
        super().clean()
        first, last = self.cleaned_data.get("starts_on"), self.cleaned_data.get("ends_on")
        if first and last and last < first:
            words = {"term": self.word, "day": first.isoformat()}
            self.add_error("ends_on", _("比%(term)s开始（%(day)s）早，请检查年份。") % words)
        elif first and last and (last - first).days > MAX_DAYS:
            self.add_error("ends_on", _("%s期超过10年，请检查年份。") % self.word)
        elif first and "ends_on" not in self.errors:
            self.refuse_same_days(first, last)
        self.check_early_end(first, last)
        return self.cleaned_data

    def refuse_same_days(self, first, last):
        """Adds an error when another term has exactly the same dates. Overlapping terms are allowed (supplements)."""
        others = self._meta.model.objects.valid().filter(stakeholder=self.record.pk)
        same = others.exclude(pk=self.instance.pk).filter(starts_on=first, ends_on=last).first()
        if same:
            words = {"term": self.word, "number": same}
            self.add_error(
                "starts_on", _("和%(term)s%(number)s的期限完全一样，请检查是不是登记过了。") % words
            )

    def check_early_end(self, first, last):
        """Adds an error when the day of an early end would be outside the term."""
        ended = self.instance.ended_on
        if ended and first and (ended < first or (last and ended > last)):
            words = {"term": self.word, "day": ended.isoformat()}
            self.add_error("ends_on", _("这份%(term)s已于%(day)s提前终止，期限要包括这一天。") % words)


class ScanForm(UploadFormMixin, CrispyFormMixin, forms.Form):
    """Upload of scans for an existing term."""

    scans = FilesField(required=True)

    def __init__(self, *args, today, label, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["scans"].label = _("%s扫描件") % label
        self.fields["scans"].day = today


class ScansFormMixin(UploadFormMixin):
    """For the form of a new term: includes its scans."""

    def __init__(self, *args, today, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["scans"].day = today


class EndTermForm(CrispyFormMixin, forms.Form):
    """提前终止: the last day of service and the reason."""

    ended_on = forms.DateField(
        label=gettext_lazy("最后一天"),
        widget=DayInput,
        help_text=gettext_lazy("这一天还在服务期内，次日起变为潜在"),
    )
    reason = forms.CharField(label=gettext_lazy("提前终止的原因"), max_length=200)
