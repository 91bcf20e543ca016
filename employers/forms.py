"""Forms of employers and contracts (R5-R8, R12, R34, R67); fields of every kind are in relations.parties.forms."""

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from accounts.widgets import DayInput
from employers.models import Contract, Employer
from relations.files.fields import FilesField
from relations.parties.forms import TEXTAREA, NewRecordForm, RecordForm
from relations.parties.term_forms import ScansFormMixin, TermForm


class EmployerForm(RecordForm):
    """The fields of an employer; contact persons and contracts have forms of their own."""

    SECTIONS = (
        (
            gettext_lazy("单位"),
            (
                "name",
                "body_type",
                "relation",
                "supervision",
                "parent_unit",
                "town",
                "address",
                "service_area",
            ),
        ),
        (gettext_lazy("来源"), ("source", "source_detail")),
        (gettext_lazy("谁负责"), ("responsible", "department", "is_confidential")),
        (gettext_lazy("合作"), ("past_cooperation", "prospects", "note")),
    )
    CLAUSES = {
        "relation": gettext_lazy("用人单位关系管理指引：购买和使用中心社工服务"),
        "supervision": gettext_lazy("用人单位关系管理指引：对中心有直接或间接的监督和指导职责"),
        "source": gettext_lazy("用人单位关系管理指引 二：转介、用人单位主动联系、中心主动联系等"),
        "past_cooperation": gettext_lazy("用人单位关系管理指引 二（一）1.1 2）"),
        "prospects": gettext_lazy("用人单位关系管理指引 一：有发展和合作机会或意愿"),
    }

    class Meta:
        model = Employer
        fields = (  # without `responsible`, which is changed by a hand-over only
            "name",
            "body_type",
            "relation",
            "supervision",
            "parent_unit",
            "town",
            "address",
            "service_area",
            "source",
            "source_detail",
            "department",
            "is_confidential",
            "past_cooperation",
            "prospects",
            "note",
        )
        widgets = {
            "body_type": forms.RadioSelect,
            "relation": forms.RadioSelect,
            "supervision": forms.RadioSelect,
            "source": forms.RadioSelect,
            "past_cooperation": TEXTAREA,
            "prospects": TEXTAREA,
            "note": TEXTAREA,
        }
        labels = {"name": gettext_lazy("单位名称")}
        help_texts = {
            "source_detail": gettext_lazy("选“其他”时请写明；转介请写由谁转介"),
            "is_confidential": gettext_lazy("只有负责社工和管理层看得到"),
        }


class NewEmployerForm(NewRecordForm, EmployerForm):
    """The form for a new employer: kind, unit, source, first contact (by whom, when) and first contact person."""

    SECTIONS = (
        NewRecordForm.KIND_FIRST,
        *EmployerForm.SECTIONS[:2],
        NewRecordForm.FIRST_CONTACT,
        NewRecordForm.FIRST_PERSON,
        *EmployerForm.SECTIONS[2:],
    )
    CLAUSES = (
        EmployerForm.CLAUSES
        | NewRecordForm.NEW_CLAUSES
        | {"person_name": gettext_lazy("用人单位关系管理指引 二（一）1.1")}
    )
    alike_heading = gettext_lazy("名称相同或相近的单位")
    alike_words = gettext_lazy("已经有名称相同或相近的单位，请先看看是不是同一家。")
    here_words = gettext_lazy("这里登记用人单位；%s请在它自己的名册里登记。")

    class Meta(EmployerForm.Meta):
        fields = (*EmployerForm.Meta.fields, "responsible")


class ContractForm(TermForm):
    """A contract: number, amount and goals in addition to the fields of every term (R67)."""

    word = pgettext_lazy("in a sentence", "合同")

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

    def clean_number(self):
        """The number must be unique among contracts visible to the user (see employers.duplicates for the others)."""
        number = " ".join(self.cleaned_data["number"].split())
        visible = Contract.objects.visible_to(self.user).exclude(pk=self.instance.pk)
        same = visible.with_number(number)
        own = same.filter(stakeholder=self.record.pk).first()
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
        cleaned = super().clean()
        signed, last = cleaned.get("signed_on"), cleaned.get("ends_on")
        if signed and last and signed > last:
            self.add_error("signed_on", _("比合同结束（%s）晚，请检查年份。") % last.isoformat())
        return cleaned


class NewContractForm(ScansFormMixin, ContractForm):
    scans = FilesField(label=gettext_lazy("合同扫描件"), help_text=gettext_lazy("PDF或图片，可以多张"))
