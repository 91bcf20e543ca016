"""Forms of the login page and of the page for changing the password."""

from django import forms
from django.contrib.auth import authenticate
from django.contrib.auth.forms import AuthenticationForm, PasswordChangeForm, UsernameField
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from accounts.form_layout import CrispyFormMixin
from accounts.login.throttle import MAX_NAME_LENGTH
from accounts.stored_texts import stored_in_chinese


def password_input(autocomplete, **attrs):
    return forms.PasswordInput(attrs={"autocomplete": autocomplete, **attrs})


def new_password():
    return forms.CharField(
        label=_("新密码"),
        strip=False,
        widget=password_input("new-password"),
        help_text=_("至少10个字符，不要全是数字，不要用姓名、登录名或常见的密码。"),
    )


def new_password_again():
    return forms.CharField(label=_("再输一次新密码"), strip=False, widget=password_input("new-password"))


class LoginForm(CrispyFormMixin, AuthenticationForm):
    """Shows the same message for a wrong password, an unknown name and a closed account."""

    username = UsernameField(
        label=_("登录名"),
        max_length=MAX_NAME_LENGTH,
        error_messages={"max_length": _("登录名或密码不对，请再试一次。")},
        widget=forms.TextInput(
            attrs={"autocomplete": "username", "autofocus": True, "autocapitalize": "none"}
        ),
    )
    password = forms.CharField(label=_("密码"), strip=False, widget=password_input("current-password"))

    error_messages = {
        "invalid_login": _("登录名或密码不对，请再试一次。"),
        "inactive": _("登录名或密码不对，请再试一次。"),
    }


class ChangePasswordForm(CrispyFormMixin, PasswordChangeForm):
    """Changes the password; wrong entries of the old one count like failed logins."""

    old_password = forms.CharField(
        label=_("现在的密码"), strip=False, widget=password_input("current-password", autofocus=True)
    )
    new_password1 = new_password()
    new_password2 = new_password_again()

    error_messages = {
        "password_incorrect": _("现在的密码不对，请再输一次。"),
        "password_mismatch": _("两次输入的新密码不一样。"),
        "password_unchanged": _("新密码和现在的一样，请换一个。"),
    }

    def __init__(self, user, *args, request=None, **kwargs):
        self.request = request
        super().__init__(user, *args, **kwargs)

    def clean_old_password(self):
        old = self.cleaned_data["old_password"]
        if not authenticate(self.request, username=self.user.get_username(), password=old):
            raise ValidationError(self.error_messages["password_incorrect"], code="password_incorrect")
        return old

    def clean(self):
        cleaned = super().clean() or self.cleaned_data
        old, new = cleaned.get("old_password"), cleaned.get("new_password1")
        if old and old == new:
            self.add_error("new_password1", self.error_messages["password_unchanged"])
        return cleaned

    def save(self, commit=True):
        """Saves the password and no other column of the account."""
        self.user.set_password(self.cleaned_data["new_password1"])
        self.user.must_change_password = False
        with stored_in_chinese():
            self.user._change_reason = str(_("改密码"))
        self.user.save(update_fields=["password", "must_change_password"])
        return self.user
