"""Forms for accounts, departments and stand-ins, with the choices open to each user."""

from crispy_forms.layout import Div, Layout
from django import forms
from django.utils.translation import gettext_lazy as _

from accounts import rights
from accounts.form_layout import CrispyFormMixin, Include
from accounts.models import Department, StandIn, User
from accounts.people import names
from accounts.people.actions import CHANGEABLE
from accounts.roles import Permission, Role
from accounts.widgets import DayInput

MAX_ABSENCE_DAYS = 366


class RolesChoice(forms.TypedMultipleChoiceField):
    """Roles as checkboxes, in the order of accounts.roles."""

    def __init__(self, **kwargs):
        kwargs |= {"choices": Role.choices, "coerce": Role, "widget": forms.CheckboxSelectMultiple}
        super().__init__(**kwargs)


class ReasonField(forms.CharField):
    """The reason shown to the user who confirms."""

    def __init__(self, **kwargs):
        kwargs |= {
            "label": _("原因"),
            "max_length": 200,
            "required": False,
            "help_text": _("给了看得多的角色，或给这样的同事换部门时要写：确认的人会看到。"),
        }
        super().__init__(**kwargs)


class UniqueNameMixin:
    """For a form that changes the name of an account: refuses a name that belongs or belonged to another account."""

    def clean_name(self):
        name, user = self.cleaned_data["name"], self.instance
        if user.pk and name != user.name and names.belongs_to_other_account(name, user):
            raise forms.ValidationError(names.NAME_TAKEN_MESSAGE)
        return name


class AccountForm(CrispyFormMixin, UniqueNameMixin, forms.ModelForm):
    """An existing account; the login name cannot be changed."""

    HEAD = ("name", "department", "email", "phone")

    reason = ReasonField()
    roles = RolesChoice(label=_("角色"), error_messages={"required": _("请至少勾一个角色。")})

    class Meta:
        model = User
        fields = CHANGEABLE

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["department"].empty_label = _("不属于任何部门")
        self.was = rights.rights_of(self.instance)

    def get_layout(self):
        return Layout(Div(*self.HEAD, css_class="ask2"), Include("accounts/_roles.html"), "reason")

    def clean(self):
        """Requires a reason when a second user has to confirm."""
        cleaned = super().clean()
        if "roles" in cleaned and "department" in cleaned and not cleaned.get("reason"):
            department = cleaned["department"] and cleaned["department"].pk
            requested = {**self.was, "roles": list(map(str, cleaned["roles"])), "department": department}
            if not rights.same_rights(rights.split_immediate(self.was, requested), requested):
                self.add_error("reason", _("这要另一位同事确认，请写明原因。"))
        return cleaned


class OwnAccountForm(CrispyFormMixin, UniqueNameMixin, forms.ModelForm):
    """The user's own account; another user has to change roles and department."""

    class Meta:
        model = User
        fields = ("name", "email", "phone")

    def get_layout(self):
        return Layout(Div(*self.Meta.fields, css_class="ask2"))


class NewAccountForm(AccountForm):
    """A new account; its login name must differ from every other by more than case."""

    HEAD = ("name", "username", "department", "phone", "email")
    TAKEN = _("这个登录名已经有人用了，请换一个。")

    class Meta(AccountForm.Meta):
        fields = ["username", *AccountForm.Meta.fields]
        help_texts = {"username": _("字母、数字或汉字，登录时不分大小写。")}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["username"].widget.attrs |= {"autocomplete": "off", "autocapitalize": "none"}

    def clean_username(self):
        username = self.cleaned_data["username"]
        if User.objects.with_login_name(username).exists():
            raise forms.ValidationError(self.TAKEN)
        return username


class ProfileForm(CrispyFormMixin, forms.ModelForm):
    """Settings of the user's own account; no other column is saved."""

    class Meta:
        model = User
        fields = ["email", "phone", "wants_email", "uses_keys", "language"]
        widgets = {
            "language": forms.RadioSelect,
            "uses_keys": forms.CheckboxInput(attrs={"data-keys-switch": True}),
        }

    def get_layout(self):
        return Layout(Div("email", "phone", css_class="ask2"), "wants_email", "uses_keys", "language")

    def save(self, commit=True):
        self.instance.save(update_fields=self.Meta.fields)
        return self.instance


class DepartmentForm(CrispyFormMixin, forms.ModelForm):
    """Name and head of a department; a new head needs a confirmation (`sheet`, set by `save`)."""

    class Meta:
        model = Department
        fields = ["name", "head"]
        error_messages = {"name": {"unique": _("已经有这个部门了。")}}

    def __init__(self, *args, by, **kwargs):
        self.by, self.sheet = by, None
        super().__init__(*args, **kwargs)
        present = User.objects.active().with_permission(Permission.VIEW)
        self.fields["head"].queryset = present | User.objects.filter(pk=self.instance.head_id)
        self.fields["head"].empty_label = _("暂时没有")

    def clean_head(self):
        head = self.cleaned_data["head"]
        if head == self.by and head.pk != self.instance.head_id:
            raise forms.ValidationError(_("不能把自己定为部门负责人，要由另一位系统管理员来做。"))
        return head

    def save(self, commit=True):
        self.sheet = rights.save_department(self.instance, by=self.by)
        return self.instance


class StandInForm(CrispyFormMixin, forms.ModelForm):
    """Who is absent, from when to when, and who stands in; leaders choose the absent user too (R271)."""

    class Meta:
        model = StandIn
        fields = ["absent", "starts_on", "ends_on", "stand_in", "reason"]
        widgets = dict.fromkeys(("starts_on", "ends_on"), DayInput)
        labels = {"starts_on": _("从哪天起"), "ends_on": _("到哪天为止")}
        help_texts = {
            "stand_in": _("这些天里，外出同事负责的记录、提醒和审批也交给这位同事。"),
            "ends_on": _("两头都算在内。"),
        }

    def __init__(self, *args, by, today, **kwargs):
        self.by, self.today = by, today
        super().__init__(*args, **kwargs)
        self.instance.created_by = by
        led = User.objects.stand_ins_arrangeable_by(by).active().with_permission(Permission.VIEW)
        self.fields["absent"].queryset = led
        self.initial["absent"] = by.pk
        self.fields["absent"].empty_label = self.fields["stand_in"].empty_label = _("请选择")
        self.fields["stand_in"].queryset = (
            User.objects.visible_to(by).active().with_permission(Permission.VIEW)
        )
        if not may_arrange_for_others(by):
            self.fields["absent"].widget = forms.HiddenInput()
            self.fields["absent"].disabled = True

    def clean_ends_on(self):
        ends_on = self.cleaned_data["ends_on"]
        if ends_on < self.today:
            raise forms.ValidationError(_("这一天已经过去，请填今天或以后。"))
        return ends_on

    def clean(self):
        cleaned = super().clean()
        starts_on, ends_on = cleaned.get("starts_on"), cleaned.get("ends_on")
        if starts_on and ends_on and (ends_on - starts_on).days >= MAX_ABSENCE_DAYS:
            self.add_error("ends_on", _("一次最多安排一年，请检查年份。"))
        self.check_rights_of_stand_in(cleaned.get("absent"), cleaned.get("stand_in"))
        return cleaned

    def check_rights_of_stand_in(self, absent, stand_in):
        """Adds errors when the acting user may not arrange this.

        No user arranges a stand-in for a colleague with more permissions; an administrator cannot give themselves
        access to the records of others.
        """
        if not absent or absent == self.by:
            return
        if not self.by.may(Permission.MANAGE_ACCOUNTS) and not absent.permissions <= self.by.permissions:
            self.add_error("absent", _("这位同事的权限比您大，请TA自己或上级来安排。"))
        if stand_in == self.by and not self.by.may(Permission.HAND_OVER):
            self.add_error("stand_in", _("不能把别人的记录交给自己，请另选一位。"))


def may_arrange_for_others(user):
    """Whether `user` may arrange stand-ins for others."""
    return user.may(Permission.MANAGE_ACCOUNTS) or user.may(Permission.HAND_OVER)
