"""The forms of the public portal."""

from crispy_forms.layout import Fieldset, Layout
from django import forms
from django.core.exceptions import ValidationError
from django.utils.text import format_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.form_layout import CrispyFormMixin, Field
from complaints.models import Complaint, ComplaintKind, PersonClass, Subject
from complaints.portal import codes, pictures
from relations.files.attachments import MAX_FILES
from relations.files.fields import FilesField, FilesInput
from relations.files.names import clean_name
from reminders.models import Parameter

PDF = "application/pdf"
ACCEPT = "image/jpeg,image/png,image/webp,image/gif,application/pdf"
MAX_TEXT_LENGTH = 5000
CHOICE_ERRORS = {"required": gettext_lazy("请选一项。"), "invalid_choice": gettext_lazy("请选一项。")}
TEXT_ERRORS = {"required": gettext_lazy("请写几句，我们才知道是什么事。")}


class PublicFilesField(FilesField):
    """Pictures and PDF; cleans to pairs (file, content type).

    Only the header of a picture is checked here; the picture is redrawn when the whole form is accepted.
    """

    def __init__(self, **kwargs):
        kwargs.setdefault("label", gettext_lazy("照片或文件"))
        kwargs.setdefault(
            "help_text",
            format_lazy(
                gettext_lazy("最多{most}个，图片或PDF。照片里的位置信息会去掉，PDF原样保存。"), most=MAX_FILES
            ),
        )
        super().__init__(widget=FilesInput(attrs={"accept": ACCEPT}), **kwargs)

    def limit(self):
        """The size limit in bytes: lower than for staff, because the sender is unknown."""
        return min(super().limit(), Parameter.objects.value_on("portal_megabytes", self.day) << 20)

    def check_all(self, given):
        most = Parameter.objects.value_on("portal_total_megabytes", self.day)
        if sum(file.size for file in given) > most << 20:
            raise ValidationError(_("这些文件一共超过%d MB。请少选几个，其余的提交以后再补传。") % most)
        return super().check_all(given)

    def check(self, file, limit):
        content_type = super().check(file, limit)
        refuse_other_kinds(file, content_type)
        if content_type in pictures.FORMATS:
            pictures.check_size(file, content_type, self.day)
        return content_type


def refuse_other_kinds(file, content_type):
    """Raises ValidationError for types of files that the public portal does not accept."""
    name = clean_name(file.name)
    if content_type == "image/heic":
        raise ValidationError(_("“%s”是HEIC图片，这里打不开。请截屏，或在手机里转成JPG再传。") % name)
    if content_type not in (*pictures.FORMATS, PDF):
        raise ValidationError(_("“%s”是Office文件，这里不收。请存成PDF，或拍照、截屏后再传。") % name)


def choice_field(label, kinds, **more):
    return forms.ChoiceField(
        label=label, choices=kinds.choices, widget=forms.RadioSelect, error_messages=CHOICE_ERRORS, **more
    )


def text_field(label, longest, **more):
    """An optional field of one line."""
    attrs = more.pop("attrs", {})
    return forms.CharField(
        label=label, max_length=longest, required=False, widget=forms.TextInput(attrs=attrs), **more
    )


class SubmitForm(CrispyFormMixin, forms.Form):
    """A suggestion, a complaint or praise; without a name it is anonymous (R172-R173)."""

    kind = choice_field(gettext_lazy("您要反映的是"), ComplaintKind)
    person_class = choice_field(gettext_lazy("您是"), PersonClass)
    subject = choice_field(
        gettext_lazy("关于什么"), Subject, help_text=gettext_lazy("选最接近的一项，细节写在下面。")
    )
    is_personnel = forms.BooleanField(
        label=gettext_lazy("是人事投诉：本中心员工的录用、考核、处分等"), required=False
    )
    is_about_head = forms.BooleanField(
        label=gettext_lazy("反映的是中心负责人本人（会交给另外指定的人处理）"), required=False
    )
    title = forms.CharField(
        label=gettext_lazy("一句话说是什么事"),
        max_length=60,
        error_messages=TEXT_ERRORS,
    )
    statement = forms.CharField(
        label=gettext_lazy("请写下来"),
        max_length=MAX_TEXT_LENGTH,
        help_text=gettext_lazy("什么事、什么时候、在哪里、您希望怎样"),
        widget=forms.Textarea(attrs={"rows": 5}),
        error_messages=TEXT_ERRORS,
    )
    files = PublicFilesField()
    name = text_field(gettext_lazy("姓名"), 40, attrs={"autocomplete": "name"})
    contact = text_field(
        gettext_lazy("电话、微信或邮箱"), 120, help_text=gettext_lazy("不留也会办理，答复写在查询页里。")
    )
    is_strict = forms.BooleanField(label=gettext_lazy("请严格保密"), required=False)
    kept_from = text_field(
        gettext_lazy("谁不能知道这件事"),
        100,
        help_text=gettext_lazy("写名字或说是谁，例如来家里探访的社工。"),
    )

    def __init__(self, *args, today, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["files"].day = today

    def get_layout(self):
        return Layout(
            Field("kind", wrapper_class="fld--3"),
            Field("person_class", wrapper_class="fld--3"),
            "subject",
            "is_personnel",
            Field("is_about_head", wrapper_class="fld--last"),
            "title",
            "statement",
            "files",
            "name",
            "contact",
            Fieldset(_("保密"), "is_strict", "kept_from", css_class="fld"),
        )

    @property
    def is_not_processed(self):
        """Whether it is anonymous and about personnel: registered, not processed (R155)."""
        return self.cleaned_data["is_personnel"] and not self.cleaned_data["name"]

    def complaint(self, seed, today):
        """The form data as an unsaved Complaint."""
        data = self.cleaned_data
        classes = {name: data[name] for name in ("kind", "person_class", "subject", "is_personnel")}
        written = {name: data[name] for name in ("title", "statement", "name", "contact")}
        return Complaint(
            **classes,
            **written,
            intake_key=codes.key_of(seed),
            code_hash=codes.code_hash(codes.code_of(seed)),
            channel="form",
            method="written",
            is_anonymous=not data["name"],
            is_strictly_confidential=data["is_strict"],
            stated_on=today,
            received_on=today,
        )


class CodeForm(CrispyFormMixin, forms.Form):
    code = forms.CharField(
        label=gettext_lazy("查询码"),
        max_length=100,
        help_text=gettext_lazy("大小写、空格和横线都没关系。"),
        error_messages={
            "required": gettext_lazy("请输入查询码。"),
            "max_length": gettext_lazy("没有找到这个查询码，请再核对一遍。"),
        },
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}
        ),
    )

    def get_layout(self):
        return Layout(Field("code", wrapper_class="fld--code"))


class MessageForm(CrispyFormMixin, forms.Form):
    """A message or an answer of the complainant."""

    text = forms.CharField(
        label=gettext_lazy("补充说明，或回答上面的问题"),
        max_length=MAX_TEXT_LENGTH,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages=TEXT_ERRORS,
    )
    files = PublicFilesField()

    def __init__(self, *args, today, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["files"].day = today


class NameForm(CrispyFormMixin, forms.Form):
    """A name that turns an anonymous personnel complaint into a processed one."""

    name = forms.CharField(
        label=gettext_lazy("姓名"),
        max_length=40,
        error_messages={"required": gettext_lazy("请写姓名，写了才能办理。")},
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    contact = text_field(gettext_lazy("电话、微信或邮箱"), 120)
