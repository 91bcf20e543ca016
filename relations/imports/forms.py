"""The form of an upload."""

from django import forms

from accounts.form_layout import CrispyFormMixin
from relations.files.fields import UploadFormMixin
from relations.imports import uploads


class UploadForm(UploadFormMixin, CrispyFormMixin, forms.Form):
    """Upload of one workbook; its name and size are checked before it is opened."""

    file = forms.FileField(widget=forms.ClearableFileInput(attrs={"accept": ".xlsx"}))

    def __init__(self, *args, label="", **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["file"].label = label

    def clean_file(self):
        try:
            uploads.check_upload(self.cleaned_data["file"])
        except uploads.UploadRefused as problem:
            raise forms.ValidationError(str(problem)) from problem
        return self.cleaned_data["file"]
