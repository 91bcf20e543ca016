"""What is typed on a sheet."""

from django import forms
from django.utils.translation import gettext_lazy as _


class OpinionForm(forms.Form):
    """A word with the answer; asked for when somebody does not agree, so that the field is not called optional."""

    opinion = forms.CharField(
        label=_("意见"),
        max_length=200,
        required=False,
        widget=forms.TextInput(attrs={"aria-required": "false"}),
    )
