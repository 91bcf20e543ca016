"""Forms of the pages for setting a new password."""

from django import forms
from django.contrib.auth import authenticate, password_validation
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from accounts.form_layout import CrispyFormMixin
from accounts.login.forms import new_password, new_password_again, password_input
from accounts.login.throttle import MAX_NAME_LENGTH
from accounts.passwords import resets

MAX_CODE_LENGTH = 60  # fifteen characters, with typed spaces and dashes


def code_field(label, **attrs):
    widget = forms.TextInput(
        attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}
    )
    widget.attrs |= attrs
    return forms.CharField(label=label, max_length=MAX_CODE_LENGTH, widget=widget)


class ActivationForm(CrispyFormMixin, forms.Form):
    """Both halves of the code and the new password; when valid, `reset` is the PasswordReset they open."""

    first = code_field(_("第一段码"), autofocus=True, **{"data-code": "0"})
    second = code_field(_("第二段码"), **{"data-code": "1"})
    new_password1 = new_password()
    new_password2 = new_password_again()

    WRONG = _("这两段码不对，或者已经用过、取消、过期了。请对着纸条再输一次，还不行就请管理员重新发起。")
    reset = None
    is_wrong = False

    def clean(self):
        cleaned = super().clean()
        if "first" not in cleaned or "second" not in cleaned:
            return cleaned
        self.reset = resets.find_reset(cleaned["first"], cleaned["second"])
        if self.reset is None:
            self.is_wrong = True
            raise ValidationError(self.WRONG)
        self.check_password(cleaned)
        return cleaned

    def check_password(self, given):
        once, again = given.get("new_password1"), given.get("new_password2")
        if not (once and again):
            return
        if once != again:
            self.add_error("new_password2", _("两次输入的新密码不一样。"))
            return
        try:
            password_validation.validate_password(once, self.reset.user)
        except ValidationError as unfit:
            self.add_error("new_password1", unfit)


class ForgottenPasswordForm(CrispyFormMixin, forms.Form):
    username = forms.CharField(
        label=_("登录名"),
        max_length=MAX_NAME_LENGTH,
        widget=forms.TextInput(
            attrs={"autocomplete": "username", "autocapitalize": "none", "autofocus": True}
        ),
    )


class RequestConfirmationForm(CrispyFormMixin, forms.Form):
    """Requires the password again: a browser left open is not enough to confirm an address."""

    password = forms.CharField(label=_("现在的密码"), strip=False, widget=password_input("current-password"))

    def __init__(self, *args, request, **kwargs):
        self.request = request
        super().__init__(*args, **kwargs)

    def clean_password(self):
        typed = self.cleaned_data["password"]
        if not authenticate(self.request, username=self.request.user.get_username(), password=typed):
            raise ValidationError(_("现在的密码不对，请再输一次。"))
        return typed


class ConfirmationForm(CrispyFormMixin, forms.Form):
    code = forms.CharField(
        label=_("信里的确认码"),
        max_length=600,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false", "data-code": "0"}),
    )
