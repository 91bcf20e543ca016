"""登记: the form in which a staff member registers a complaint, turned into an unsaved Complaint."""

from datetime import date
from uuid import uuid4

from crispy_forms.layout import Layout
from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.form_layout import CrispyFormMixin, Field, Fold, Include, Panel
from accounts.widgets import DayInput
from complaints.intake.actions import IntakeDetails
from complaints.intake.colleague_field import ColleaguesField
from complaints.models import (
    METHOD_OF_CHANNEL,
    Channel,
    Complaint,
    ComplaintKind,
    Method,
    PersonClass,
    Subject,
)
from relations.cycle.forms import textarea, validate_not_future
from relations.files.fields import FilesField, UploadFormMixin
from relations.models import Stakeholder
from relations.search.index import matching

EARLIEST = date(2000, 1, 1)
MAX_FOUND = 8
FIELDS = (
    "kind",
    "channel",
    "method",
    "person_class",
    "stakeholder",
    "is_anonymous",
    "name",
    "contact",
    "subject",
    "is_personnel",
    "title",
    "statement",
    "received_on",
    "stated_on",
    "is_strictly_confidential",
)

PANELS = (
    gettext_lazy("什么事，怎么来的"),
    gettext_lazy("谁反映的"),
    gettext_lazy("反映什么"),
    gettext_lazy("保密和回避"),
)
COLLAPSED_SECTIONS = {
    "method": ("method",),
    "link": ("stakeholder", "find"),
    "papers": ("stated_on", "files"),
    "not_told": ("not_told", "not_told_words"),
}


def chip_field(label, choices, **kwargs):
    return forms.ChoiceField(label=label, choices=choices, widget=forms.RadioSelect, **kwargs)


def find_stakeholders(user, words):
    """The stakeholders visible to `user` that match `words`, at most one more than are offered."""
    return list(matching(Stakeholder.objects.visible_to(user), words).order_by("name", "pk")[: MAX_FOUND + 1])


class IntakeForm(UploadFormMixin, CrispyFormMixin, forms.Form):
    """Kind, channel, complainant and content, and who must not be informed. `user` is the registrar.

    `intake_key` is created at random with the empty form and submitted with every attempt, so that one form makes one
    complaint.
    """

    intake_key = forms.UUIDField(widget=forms.HiddenInput, required=False)
    kind = chip_field(gettext_lazy("种类"), ComplaintKind.choices)
    channel = chip_field(gettext_lazy("从哪个途径来"), Channel.choices)
    method = chip_field(
        gettext_lazy("收集方式"),
        Method.choices,
        required=False,
        help_text=gettext_lazy("记录表上的七格；不选就按途径填。"),
    )
    person_class = chip_field(gettext_lazy("反映人是"), PersonClass.choices)
    stakeholder = forms.ModelChoiceField(Stakeholder.objects.none(), required=False)
    find = forms.CharField(label=gettext_lazy("有关的单位或人"), required=False, max_length=40)
    is_anonymous = forms.BooleanField(label=gettext_lazy("匿名"), required=False)
    name = forms.CharField(label=gettext_lazy("姓名"), required=False, max_length=40)
    contact = forms.CharField(
        label=gettext_lazy("联系方式"),
        required=False,
        max_length=120,
        help_text=gettext_lazy("电话、微信或邮箱；匿名也可以留，好把结果告诉对方。"),
    )
    subject = chip_field(gettext_lazy("反映哪方面"), Subject.choices)
    is_personnel = forms.BooleanField(label=gettext_lazy("这是人事投诉"), required=False)
    title = forms.CharField(
        label=gettext_lazy("反映的主题"),
        max_length=60,
        help_text=gettext_lazy("一句话，不写姓名，例如：探访没有按约定时间来。"),
    )
    statement = forms.CharField(label=gettext_lazy("陈述"), max_length=5000, widget=textarea(5))
    received_on = forms.DateField(
        label=gettext_lazy("收到日期"),
        widget=DayInput,
        help_text=gettext_lazy("期限从这一天起算，当天不计；后来才补登的，写当时收到的日期。"),
    )
    stated_on = forms.DateField(
        label=gettext_lazy("陈述日期"),
        widget=DayInput,
        required=False,
        help_text=gettext_lazy("和收到日期不同才填。"),
    )
    files = FilesField(label=gettext_lazy("纸质表的扫描件、照片"))
    is_strictly_confidential = forms.BooleanField(label=gettext_lazy("反映人要求严格保密"), required=False)
    accused = ColleaguesField(
        label=gettext_lazy("被投诉的同事"),
        help_text=gettext_lazy("写在这里的人不会经手，也看不到这件事。几个人用“、”隔开。"),
    )
    not_told = ColleaguesField(
        label=gettext_lazy("不要告诉哪些同事"), help_text=gettext_lazy("反映人有权要求不向有关的人透露。")
    )
    not_told_words = forms.CharField(label=gettext_lazy("还不要告诉谁"), required=False, max_length=100)

    def __init__(self, *args, user, today, **kwargs):
        super().__init__(*args, **kwargs)
        self.user, self.today, self.offered = user, today, []
        self.fields["files"].day = today
        self.fields["received_on"].initial = today
        self.fields["intake_key"].initial = uuid4()
        self.fields["stakeholder"].queryset = Stakeholder.objects.visible_to(user)
        self.fields["received_on"].widget.attrs["max"] = today.isoformat()
        for name in ("name", "contact", "title"):
            self.fields[name].widget.attrs["autocomplete"] = "off"
        self.fields["name"].widget.attrs["aria-required"] = "false"  # required unless 匿名 is chosen

    def get_layout(self):
        return Layout(*map(self.panel, PANELS, (self.matter(), self.person(), self.words(), self.secrecy())))

    def panel(self, title, fields):
        return Panel(title, *fields, css_class="formcol")

    def matter(self):
        words = _("收集方式，不选就按途径填")
        method = Field("method", clause=_("记录表：收集方式"))
        return (
            "kind",
            "channel",
            Fold("ui-checks", words, method, is_open=self.open_sections["method"]),
            Field("received_on", clause=_("记录表：收到表格日期，期限从这天起算")),
        )

    def person(self):
        free = _("记录表：姓名（可匿名）；附件 6（3）：匿名的投诉，除人事投诉外，都受理")
        return (
            "person_class",
            Field("is_anonymous", clause=free),
            "name",
            Field("contact", clause=_("记录表：联系方式（可不填）")),
            Include("complaints/_link.html"),
        )

    def words(self):
        personnel = _(
            "对录用、任免、待遇这类人事安排的投诉。匿名的人事投诉只登记，不予处理；请先告诉对方，留下姓名就可以正式受理。"
        )
        paper = (Field("files", hint=self.fields["files"].limits()), "stated_on")
        return (
            "subject",
            Field(
                "is_personnel",
                clause=_("用人单位关系管理指引 附件：意见收集及投诉处理 6（3）"),
                hint=personnel,
            ),
            "title",
            Field("statement", hint=_("照对方的原话写，写清时间、地点和经过；不用简称和术语。")),
            Fold("camera", _("纸质表：扫描件、陈述日期"), *paper, is_open=self.open_sections["papers"]),
        )

    def secrecy(self):
        strict = _("用人单位关系管理指引 附件：意见收集及投诉处理 6（2）：在档案中注明需要将资料严格保密")
        not_told = Field("not_told", clause=_("附件 6（4）：有权要求不要向关连的其它人士披露"))
        hidden = (not_told, "not_told_words")
        return (
            Field("is_strictly_confidential", clause=strict),
            Field("accused", clause=_("附件 4（1）：公正的原则；被投诉的人不经手")),
            Fold("eye-slash", _("还有谁不能知道"), *hidden, is_open=self.open_sections["not_told"]),
            Include("complaints/_colleagues.html"),
        )

    @property
    def open_sections(self):
        """{section: whether it starts open}: the collapsible sections with a value or an error do."""
        return {
            name: any(self[one].value() or self[one].errors for one in names)
            for name, names in COLLAPSED_SECTIONS.items()
        }

    @property
    def had_files(self):
        """Whether files came with a form that has errors; a browser does not submit them again automatically."""
        return self.is_bound and bool(self.files.getlist("files"))

    def chosen(self):
        """The stakeholder chosen before, to be shown again: a list of one, or empty."""
        key = self["stakeholder"].value()
        field = self.fields["stakeholder"]
        try:
            found = field.clean(key) if key else None
        except forms.ValidationError:
            return []
        return [found] if found else []

    def clean_received_on(self):
        day = validate_not_future(self.cleaned_data["received_on"], self.today)
        if day < EARLIEST:
            raise forms.ValidationError(_("早于2000年，请检查年份。"))
        return day

    def clean(self):
        cleaned = super().clean()
        self.check_days(cleaned)
        self.check_name(cleaned)
        self.check_people(cleaned)
        if cleaned.get("find") and not cleaned.get("stakeholder") and "stakeholder" not in self.errors:
            cleaned["stakeholder"] = self.find_stakeholder(cleaned["find"])
        return cleaned

    def check_days(self, cleaned):
        received, stated = cleaned.get("received_on"), cleaned.get("stated_on")
        if received and stated and not EARLIEST <= stated <= received:
            words = _("陈述日期不能晚于收到日期（%s），请检查。") % received.isoformat()
            self.add_error("stated_on", words if stated > received else _("早于2000年，请检查年份。"))

    def check_name(self, cleaned):
        """Requires an explicit choice to stay anonymous, because much depends on it (R155-R157)."""
        if cleaned.get("is_anonymous") and cleaned.get("name"):
            self.add_error("name", _("选了匿名就不要写姓名；姓名会一直留在档案里。"))
        if not cleaned.get("is_anonymous") and not cleaned.get("name") and "name" not in self.errors:
            self.add_error("name", _("请写姓名；不愿意留姓名的，请选“匿名”。"))

    def check_people(self, cleaned):
        twice = [user.name for user in cleaned.get("not_told", []) if user in cleaned.get("accused", [])]
        if twice:
            self.add_error("not_told", _("%s已经写在被投诉的人里，不用再写。") % _("、").join(twice))

    def find_stakeholder(self, words):
        """The one stakeholder that matches `words`; with several or none, adds an error and returns None."""
        found = find_stakeholders(self.user, words)
        if len(found) == 1:
            return found[0]
        self.offered = found[:MAX_FOUND]
        error = (
            _("请点选其中一个，或者清空这一格。") if found else _("没有找到，请换两个字，或者清空这一格。")
        )
        self.add_error("find", error)
        return None

    def complaint(self):
        """The form data as an unsaved Complaint."""
        cleaned = self.cleaned_data
        case = Complaint(**{name: cleaned[name] for name in FIELDS})
        case.intake_key = str(cleaned["intake_key"] or uuid4())
        case.method = case.method or METHOD_OF_CHANNEL[Channel(case.channel)]
        case.stated_on = case.stated_on or case.received_on
        return case

    def intake_details(self):
        cleaned = self.cleaned_data
        return IntakeDetails(cleaned["accused"], cleaned["not_told"], cleaned["not_told_words"])
