"""Contracts (R67): registering, renewing, changing, ending early."""

from datetime import timedelta

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from employers.forms import Sectioned
from employers.models import Contract
from relations.cycle.forms import DayInput
from relations.files.fields import FilesField, WithUploads

DAY = timedelta(days=1)
LONGEST = 366 * 10  # days: a longer term is a slip of the year


class ContractForm(Sectioned, forms.ModelForm):
    SECTIONS = (
        (gettext_lazy("合同"), ("number", "parties", "signed_on")),
        (pgettext_lazy("contract", "期限"), ("starts_on", "ends_on")),
        (gettext_lazy("内容、目标和约束"), ("content", "goals", "constraints", "amount")),
        (gettext_lazy("扫描件"), ("scans",)),
    )
    CLAUSES = {
        "number": gettext_lazy("用人单位关系管理指引 二（一）6：签订服务合同或协议"),
        "ends_on": gettext_lazy("用人单位关系管理指引 一：在服务期内为显在，期满次日起为潜在"),
        "goals": gettext_lazy("用人单位关系管理指引 二（一）6：双方有一个目标与约束"),
    }

    class Meta:
        model = Contract
        fields = (
            "number",
            "parties",
            "signed_on",
            "starts_on",
            "ends_on",
            "content",
            "goals",
            "constraints",
            "amount",
        )
        widgets = {
            "signed_on": DayInput,
            "starts_on": DayInput,
            "ends_on": DayInput,
            "content": forms.Textarea(attrs={"rows": 2}),
            "goals": forms.Textarea(attrs={"rows": 3}),
            "constraints": forms.Textarea(attrs={"rows": 3}),
            "amount": forms.NumberInput(attrs={"inputmode": "decimal", "min": "0", "step": "0.01"}),
        }
        labels = {
            "starts_on": gettext_lazy("合同开始"),
            "ends_on": gettext_lazy("合同结束"),
            "content": gettext_lazy("服务内容"),
            "constraints": gettext_lazy("双方的责任和约束"),
        }

    def __init__(self, *args, employer, user, **kwargs):
        super().__init__(*args, **kwargs)
        self.employer, self.user = employer, user

    def clean_number(self):
        """A number stands once, as far as one sees; what lies out of sight is for others (employers.duplicates)."""
        number = " ".join(self.cleaned_data["number"].split())
        seen = Contract.objects.visible_to(self.user).exclude(pk=self.instance.pk)
        same = seen.filter(number__iexact=number)
        own = same.filter(stakeholder=self.employer.pk).first()
        if own:
            words = {"number": number, "first": own.starts_on, "last": own.last_day}
            raise forms.ValidationError(
                _("这家单位已经有编号%(number)s的合同（%(first)s至%(last)s），请检查编号。") % words
            )
        if same.exists():
            raise forms.ValidationError(_("编号%s已用在另一份合同上，请检查编号。") % number)
        return number

    def clean_amount(self):
        amount = self.cleaned_data["amount"]
        if amount is not None and amount < 0:
            raise forms.ValidationError(_("金额不能小于0。"))
        return amount

    def clean(self):
        super().clean()
        first, last = self.cleaned_data.get("starts_on"), self.cleaned_data.get("ends_on")
        if first and last and last < first:
            self.add_error("ends_on", _("比合同开始（%s）早，请检查年份。") % first.isoformat())
        elif first and last and (last - first).days > LONGEST:
            self.add_error("ends_on", _("合同期超过10年，请检查年份。"))
        elif first and last:
            self.check_overlap(first, last)
        self.check_signed(last)
        self.check_ended(first, last)
        return self.cleaned_data

    def check_overlap(self, first, last):
        """Two contracts may overlap only when one is a supplement; the number tells them apart, and it is said."""
        others = Contract.objects.valid().filter(stakeholder=self.employer.pk).exclude(pk=self.instance.pk)
        same = others.filter(starts_on=first, ends_on=last).first()
        if same:
            words = {"number": same.number}
            self.add_error("starts_on", _("和合同%(number)s的期限完全一样，请检查是不是登记过了。") % words)

    def check_signed(self, last):
        signed = self.cleaned_data.get("signed_on")
        if signed and last and signed > last:
            self.add_error("signed_on", _("比合同结束（%s）晚，请检查年份。") % last.isoformat())

    def check_ended(self, first, last):
        """A contract that was ended early keeps that day within its term."""
        ended = self.instance.ended_on
        if ended and first and last and not first <= ended <= last:
            self.add_error("ends_on", _("这份合同已于%s提前终止，期限要包括这一天。") % ended.isoformat())


class NewContractForm(WithUploads, ContractForm):
    scans = FilesField(label=gettext_lazy("合同扫描件"), help_text=gettext_lazy("PDF或图片，可以多张"))

    def __init__(self, *args, today, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["scans"].day = today


class ScanForm(WithUploads, forms.Form):
    scans = FilesField(label=gettext_lazy("合同扫描件"), required=True)

    def __init__(self, *args, today, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["scans"].day = today


class EndForm(forms.Form):
    """提前终止: the last day of service and the reason."""

    ended_on = forms.DateField(
        label=gettext_lazy("最后一天"),
        widget=DayInput,
        help_text=gettext_lazy("这一天还在服务期内，次日起变为潜在"),
    )
    reason = forms.CharField(label=gettext_lazy("提前终止的原因"), max_length=200)


def renewal_of(contract):
    """The values a renewal begins with: the same parties and content, the term following on for as long."""
    first = contract.last_day + DAY
    years = whole_years(contract.starts_on, contract.ends_on)
    last = years_later(first, years) - DAY if years else first + (contract.ends_on - contract.starts_on)
    kept = ("parties", "content", "goals", "constraints", "amount")
    return {name: getattr(contract, name) for name in kept} | {"starts_on": first, "ends_on": last}


def whole_years(first, last):
    """How many years a term from `first` to `last` has when it is whole years, else 0."""
    years = (last + DAY).year - first.year
    return years if years > 0 and years_later(first, years) == last + DAY else 0


def years_later(day, years):
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, month=3, day=1)
