"""The form of a public text."""

from django import forms
from django.utils.translation import gettext_lazy

from accounts.form_layout import CrispyFormMixin
from complaints.models import PublicText

ONE_LINE_KEYS = {
    PublicText.Key.PHONE,
    PublicText.Key.EMAIL,
    PublicText.Key.ADDRESS,
    PublicText.Key.WECHAT,
}


def one_line():
    return forms.CharField(
        label=gettext_lazy("内容"),
        required=False,
        max_length=120,
        help_text=gettext_lazy("写一行。留空就不显示。"),
    )


def many_lines():
    return forms.CharField(
        label=gettext_lazy("内容"),
        required=False,
        max_length=3000,
        widget=forms.Textarea(attrs={"rows": 8}),
        help_text=gettext_lazy("一行一条。留空就不显示这一段。"),
    )


class TextForm(CrispyFormMixin, forms.Form):
    """A new version: one line for contact details, one point per line for the others. An empty text is hidden."""

    seen = forms.IntegerField(widget=forms.HiddenInput, min_value=0)

    def __init__(self, *args, key, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["text"] = one_line() if key in ONE_LINE_KEYS else many_lines()
