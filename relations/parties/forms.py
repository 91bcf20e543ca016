"""Forms of a stakeholder of any kind and its contact persons (R5-R6, R12, R15-R16, R38, R41, R86)."""

import difflib
import re
import uuid

from crispy_forms.layout import Layout
from django import forms
from django.db.models import Count
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.form_layout import CrispyFormMixin, Field, Panel
from accounts.models import Department, User
from accounts.roles import Permission
from accounts.widgets import DayInput
from relations.lists.forms import assignable_workers
from relations.models import ContactPerson, SearchToken, Source, Stakeholder, levels_of
from relations.models.stakeholder import kind_choices
from relations.parties.kinds import default_level_of, has_cycle, label_of, may_for_kind
from relations.parties.own_right import sees_in_own_right
from relations.parties.phones import NotAPhoneNumber, half_width, phone_numbers
from relations.search.pinyin import ngrams, normalize_name

SIMILARITY = 0.8  # ratio from which two names, which differ in one or two characters, are similar
MAX_SIMILAR = 5
TEXTAREA = forms.Textarea(attrs={"rows": 3})
PHONE_INPUT = forms.TextInput(attrs={"inputmode": "tel"})


class TimeInput(forms.TimeInput):
    input_type = "time"

    def __init__(self, attrs=None):
        super().__init__(attrs, format="%H:%M")


class SectionedFormMixin(CrispyFormMixin):
    """A form in panels. SECTIONS: (heading, names of fields); CLAUSES: {name of a field: clause that requires it}.

    Names without a field are left out, and so are panels without fields.
    """

    SECTIONS = ()
    CLAUSES = {}

    def get_layout(self):
        return Layout(*self.panels())

    def sections(self):
        """Yields (heading, names of fields), in order."""
        yield from self.SECTIONS

    def panels(self):
        for heading, names in self.sections():
            fields = [Field(name, clause=self.CLAUSES.get(name, "")) for name in names if name in self.fields]
            if fields:
                yield Panel(heading, *fields, css_class="formcol")


class RecordForm(SectionedFormMixin, forms.ModelForm):
    """Base of the forms of all kinds: name, source, department, confidentiality; the kind adds its fields in Meta.

    Department and confidentiality decide who sees the record: only for users who see it in their own right.
    """

    def __init__(self, *args, user, **kwargs):
        super().__init__(*args, **kwargs)
        self.user = user
        is_held = self.instance.pk is None or sees_in_own_right(user, self.instance)
        if not (is_held and may_for_kind(user, Permission.HAND_OVER, self._meta.model.KIND)):
            self.fields.pop("department", None)
        if not is_held:
            self.fields.pop("is_confidential", None)
        if "department" in self.fields:
            self.fields["department"].queryset = Department.objects.all()
            self.fields["department"].empty_label = _("未定")

    def clean_name(self):
        return re.sub(r"\s+", " ", self.cleaned_data["name"]).strip()

    def clean(self):
        super().clean()
        if self.cleaned_data.get("source") == Source.OTHER and not self.cleaned_data.get("source_detail"):
            self.add_error("source_detail", _("来源选了“其他”，请写明是怎样联系上的。"))
        self.check_still_visible()
        return self.cleaned_data

    def check_still_visible(self):
        """Adds an error when a user marks a record as confidential and could no longer see it."""
        worker = self.cleaned_data.get("responsible", self.instance.responsible)
        hides = self.cleaned_data.get("is_confidential") and worker != self.user
        if hides and not self.user.may(Permission.CONFIDENTIAL):
            self.add_error("is_confidential", _("标为保密后您自己也看不到它；请由负责社工或管理层来标。"))


class NewRecordForm(forms.Form):
    """Mixin for the form of a new record: the class first, the first contact and who received it, the first liaison.

    A kind without a cycle has no fields of the first contact; the worker is asked if `responsible` is a field. Put it
    before the RecordForm of the kind. `alike` are the records with the same or a similar name.
    """

    FIRST_CONTACT = (
        gettext_lazy("首次联系"),
        ("first_contact_on", "first_contact_time", "received_by", "preliminary_needs"),
    )
    FIRST_PERSON = (
        gettext_lazy("主要对接人"),
        ("person_name", "person_title", "person_level", "person_phone"),
    )
    KIND_FIRST = (gettext_lazy("先确认对象类别"), ("kind",))
    NEW_CLAUSES = {
        "kind": gettext_lazy("公共关系管理指引 一（四）：明确管理对象类型"),
        "first_contact_on": gettext_lazy("公共关系管理指引 二（二）1：第一印象非常重要"),
        "preliminary_needs": gettext_lazy("公共关系管理指引 二（二）1：初步评估"),
    }
    alike_heading = gettext_lazy("名称相同或相近的记录")
    alike_words = gettext_lazy("已经有名称相同或相近的记录，请先看看是不是同一个。")
    here_words = gettext_lazy("这里登记别的类别；%s请在它自己的名册里登记。")

    kind = forms.ChoiceField(label=gettext_lazy("对象类别"), choices=kind_choices, widget=forms.RadioSelect)
    first_contact_on = forms.DateField(label=gettext_lazy("首次联系日期"), widget=DayInput)
    first_contact_time = forms.TimeField(label=gettext_lazy("首次联系时间"), required=False, widget=TimeInput)
    received_by = forms.ModelChoiceField(None, label=gettext_lazy("接待人"))
    preliminary_needs = forms.CharField(
        label=gettext_lazy("初步评估的需求"), required=False, widget=TEXTAREA, max_length=2000
    )
    person_name = forms.CharField(label=gettext_lazy("姓名"), required=False, max_length=40)
    person_title = forms.CharField(label=gettext_lazy("职务"), required=False, max_length=60)
    person_level = forms.ChoiceField(label=gettext_lazy("层级"), required=False)
    person_phone = forms.CharField(
        label=gettext_lazy("联系电话"), required=False, max_length=60, widget=PHONE_INPUT
    )
    token = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4)
    anyway = forms.BooleanField(label=gettext_lazy("不是同一个，仍然登记"), required=False)

    def __init__(self, *args, user, today, **kwargs):
        super().__init__(*args, user=user, **kwargs)
        self.today = today
        self.alike = []
        kind = self._meta.model.KIND
        self.fields["kind"].initial = kind
        self.fields["person_level"].choices = levels_of(kind)
        self.fields["person_level"].initial = default_level_of(kind)
        self.fields["source"].initial = None
        self.initial["source"] = None
        if "responsible" in self.fields:
            self.offer("responsible", assignable_workers(user), empty_label=_("未定"))
        if has_cycle(kind):
            colleagues = User.objects.visible_to(user).may_be_responsible()
            self.offer("received_by", colleagues, empty_label=None)
            self.fields["first_contact_on"].initial = today
        else:
            _heading, of_first_contact = self.FIRST_CONTACT
            for name in of_first_contact:
                del self.fields[name]

    def offer(self, name, workers, empty_label):
        field = self.fields[name]
        field.queryset, field.empty_label = workers, empty_label
        field.initial = self.user.pk

    def sections(self):
        """Yields the sections, with `anyway` below the name when there are similar records."""
        for heading, names in super().sections():
            shown = list(names)
            if self.alike and "name" in shown:
                shown.insert(shown.index("name") + 1, "anyway")
            yield heading, shown

    def clean_kind(self):
        kind = self.cleaned_data["kind"]
        if kind != self._meta.model.KIND:
            raise forms.ValidationError(str(self.here_words) % label_of(kind))
        return kind

    def clean_token(self):
        """Refuses the token of another user's form, which would lead to their record."""
        token = self.cleaned_data["token"]
        same = self._meta.model.objects.filter(token=token)
        if same.exclude(created_by=self.user).exists():
            raise forms.ValidationError(_("请重新打开这一页。"))
        return token

    def clean_first_contact_on(self):
        day = self.cleaned_data["first_contact_on"]
        if day > self.today:
            raise forms.ValidationError(_("首次联系不能在今天以后，请检查日期。"))
        return day

    def clean_person_phone(self):
        return clean_phone_number(self.cleaned_data["person_phone"])

    def clean(self):
        super().clean()
        data = self.cleaned_data
        if not data.get("person_name") and (data.get("person_title") or data.get("person_phone")):
            self.add_error("person_name", _("请写对接人的姓名。"))
        if data.get("name"):
            self.warn_of_similar_names(data["name"])
        return data

    def warn_of_similar_names(self, name):
        """Adds an error for visible records with the same or a similar name, until the user confirms (R5).

        Records that the user may not see are ignored.
        """
        similar = similar_records(self._meta.model.objects.visible_to(self.user), name)
        if self.already_saved_record():  # checked last: a double submit may have been saved a moment ago
            return
        self.alike = similar
        if self.alike and not self.cleaned_data.get("anyway"):
            self.add_error("name", self.alike_words)

    def already_saved_record(self):
        """Whether the form was submitted before: then the view redirects to its record, without a warning."""
        token = self.cleaned_data.get("token")
        return bool(token) and self._meta.model.objects.filter(token=token, created_by=self.user).exists()

    def first_contact(self):
        """Returns the fields of stage 1 (R15-R16); none for a kind without a cycle."""
        data = self.cleaned_data
        if "received_by" not in data:
            return {}
        return {
            "first_contact_on": data["first_contact_on"],
            "first_contact_time": data["first_contact_time"],
            "received_by": data["received_by"],
            "preliminary_needs": data["preliminary_needs"],
            "class_confirmed": True,
        }

    def person(self):
        """Returns the unsaved first liaison, or None."""
        data = self.cleaned_data
        if not data["person_name"]:
            return None
        return ContactPerson(
            name=data["person_name"],
            title=data["person_title"],
            level=data["person_level"] or default_level_of(self._meta.model.KIND),
            phone=data["person_phone"],
        )


def similar_records(records, name):
    """Returns at most MAX_SIMILAR of `records` with the same or a similar name, most similar first."""
    pairs = ngrams(normalize_name(name), 2) or set(normalize_name(name))
    candidates = (
        SearchToken.objects.filter(token__in=pairs, stakeholder__in=records.values("pk"))
        .values("stakeholder")
        .annotate(shared=Count("pk"))
        .order_by("-shared")[:50]
    )
    near = records.filter(pk__in=[row["stakeholder"] for row in candidates])
    rated = [
        (difflib.SequenceMatcher(None, normalize_name(one.name), normalize_name(name)).ratio(), one)
        for one in near
    ]
    rated.sort(key=lambda pair: (-pair[0], pair[1].pk))
    return [one for ratio, one in rated if ratio >= SIMILARITY][:MAX_SIMILAR]


def clean_phone_number(phone):
    """Returns one or more telephone numbers with half-width characters. Raises ValidationError for other text."""
    try:
        phone_numbers(phone)
    except NotAPhoneNumber:
        raise forms.ValidationError(_("请只写电话号码，例如 0769-80001234 转 8，或 13700004521。")) from None
    return half_width(phone)


class CautionForm(CrispyFormMixin, forms.ModelForm):
    """Form of 特殊事项 of a record (R38)."""

    class Meta:
        model = Stakeholder
        fields = ("caution",)
        widgets = {"caution": forms.Textarea(attrs={"rows": 4, "maxlength": 1000})}
        help_texts = {"caution": gettext_lazy("只有负责社工、督导和管理层看得到，不会出现在导出和打印里")}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if has_cycle(self.instance.kind):
            self.fields["caution"].help_text = _(
                "只有负责社工、督导和管理层看得到；不会导出，只会印在他们打印的会谈准备里"
            )


class PersonForm(SectionedFormMixin, forms.ModelForm):
    """Form of a contact person (对接人) with a level (R41, R86)."""

    make_main = forms.BooleanField(label=gettext_lazy("设为主要对接人"), required=False)

    SECTIONS = (("", ("name", "title", "level", "phone", "email", "wechat", "make_main", "caution", "note")),)
    CLAUSES = {"level": gettext_lazy("公共关系管理指引 三 一（二）1 层级安排")}

    class Meta:
        model = ContactPerson
        fields = ("name", "title", "level", "phone", "email", "wechat", "caution", "note")
        widgets = {
            "phone": PHONE_INPUT,
            "level": forms.RadioSelect,
            "caution": forms.Textarea(attrs={"rows": 2}),
        }
        help_texts = {"caution": gettext_lazy("与这个人来往要谨慎处理的事；只有负责社工、督导和管理层看得到")}

    def __init__(self, *args, stakeholder, user, this, **kwargs):
        super().__init__(*args, **kwargs)
        self.stakeholder, self.this = stakeholder, this
        self.fields["level"].choices = levels_of(stakeholder.kind)
        if self.instance.pk is None:
            self.initial["level"] = default_level_of(stakeholder.kind)
        if not stakeholder.may_see_caution(user):
            del self.fields["caution"]
        self.fields["make_main"].initial = self.instance.is_main
        if self.instance.is_main:
            del self.fields["make_main"]

    def clean_phone(self):
        """A number stored before the rule, or by another one, is no obstacle to saving the rest."""
        phone = self.cleaned_data["phone"]
        return clean_phone_number(phone) if "phone" in self.changed_data else phone

    def clean(self):
        super().clean()
        name, title = self.cleaned_data.get("name"), self.cleaned_data.get("title", "")
        same = self.stakeholder.contacts.filter(name=name, title=title, left_on=None).exclude(
            pk=self.instance.pk
        )
        if name and same.exists():
            self.add_error("name", _("%s已经有同名同职务的对接人。") % self.this)
        return self.cleaned_data


class ReasonForm(CrispyFormMixin, forms.Form):
    """The reason for voiding something."""

    reason = forms.CharField(label=gettext_lazy("原因"), max_length=200)
