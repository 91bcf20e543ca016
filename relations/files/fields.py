"""A form field for several files, each checked by its content, and the base of all forms with uploads."""

from django import forms
from django.core.exceptions import ValidationError
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _

from relations.files import attachments as files
from relations.files import virus_scan


class FilesInput(forms.ClearableFileInput):
    allow_multiple_selected = True


class FilesField(forms.FileField):
    """Cleans to a list of (file, content type) pairs. Set `day` on the field: its size limit applies."""

    widget = FilesInput
    day = None

    def __init__(self, **kwargs):
        kwargs.setdefault("required", False)
        kwargs.setdefault("widget", FilesInput(attrs={"accept": files.ACCEPT}))
        super().__init__(**kwargs)

    def clean(self, data, initial=None):
        uploads = [file for file in (data if isinstance(data, (list, tuple)) else [data]) if file]
        if self.required and not uploads:
            raise ValidationError(self.error_messages["required"], code="required")
        if len(uploads) > files.MAX_FILES:
            raise ValidationError(_("一次最多传%d个文件，其余的请再传一次。") % files.MAX_FILES)
        return self.check_all(uploads) if uploads else []

    def limit(self):
        """Returns the maximum file size in bytes."""
        return files.size_limit(self.day)

    def limits(self):
        """Returns the help text: accepted types, size and number of files."""
        return _("图片、PDF、Word、Excel、PPT，每个不超过%(mb)s，一次最多%(most)s个。") % {
            "mb": filesizeformat(self.limit()),
            "most": files.MAX_FILES,
        }

    def check_all(self, given):
        limit, problems, accepted = self.limit(), [], []
        for file in given:
            try:
                accepted.append((file, self.check(file, limit)))
            except ValidationError as problem:
                problems.append(problem)
        if problems:
            raise ValidationError(problems)
        return accepted

    def check(self, file, limit):
        """Returns the content type of one file. Raises ValidationError."""
        return files.check_file(file, limit)


class UploadFormMixin(forms.BaseForm):
    """First base class of all forms with uploads: after all other checks, has the files scanned for viruses."""

    def full_clean(self):
        super().full_clean()
        if self.is_bound and not self.errors:
            self.require_clean_files()

    def require_clean_files(self):
        for name, field in self.fields.items():
            if isinstance(field, forms.FileField) and (value := self.cleaned_data.get(name)):
                try:
                    virus_scan.require_clean(files_in(value))
                except ValidationError as problem:
                    self.add_error(name, problem)


def files_in(given):
    """Returns the files in a cleaned value: one file, or a list of (file, content type) pairs."""
    return [file for file, _kind in given] if isinstance(given, list) else [given]
