"""A form field that takes several files, each checked by its content, and the form that every upload way builds on."""

from django import forms
from django.core.exceptions import ValidationError
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _

from relations.files import attachments as files
from relations.files import virus_scan


class FilesInput(forms.ClearableFileInput):
    allow_multiple_selected = True


class FilesField(forms.FileField):
    """Gives a list of pairs (file, content type). `day` is the day whose size limit holds; set it on the field."""

    widget = FilesInput
    day = None

    def __init__(self, **kwargs):
        kwargs.setdefault("required", False)
        kwargs.setdefault("widget", FilesInput(attrs={"accept": files.ACCEPT}))
        super().__init__(**kwargs)

    def clean(self, data, initial=None):
        given = [file for file in (data if isinstance(data, (list, tuple)) else [data]) if file]
        if self.required and not given:
            raise ValidationError(self.error_messages["required"], code="required")
        if len(given) > files.MAX_FILES:
            raise ValidationError(_("一次最多传%d个文件，其余的请再传一次。") % files.MAX_FILES)
        return self.check_all(given) if given else []

    def limit(self):
        """The largest file in bytes."""
        return files.size_limit(self.day)

    def limits(self):
        """What may be sent, in a sentence beside the field."""
        return _("图片、PDF、Word、Excel、PPT，每个不超过%(mb)s，一次最多5个。") % {
            "mb": filesizeformat(self.limit())
        }

    def check_all(self, given):
        limit, problems, taken = self.limit(), [], []
        for file in given:
            try:
                taken.append((file, self.check(file, limit)))
            except ValidationError as problem:
                problems.append(problem)
        if problems:
            raise ValidationError(problems)
        return taken

    def check(self, file, limit):
        """The content type of one file. Raises ValidationError."""
        return files.check_file(file, limit)


class UploadFormMixin(forms.BaseForm):
    """The first base of every form that takes files: a valid one shows them to the virus scanner, last of all."""

    def full_clean(self):
        super().full_clean()
        if self.is_bound and not self.errors:
            self.require_clean_files()

    def require_clean_files(self):
        for name, field in self.fields.items():
            if isinstance(field, forms.FileField) and (given := self.cleaned_data.get(name)):
                try:
                    virus_scan.require_clean(files_in(given))
                except ValidationError as problem:
                    self.add_error(name, problem)


def files_in(given):
    """The files of a cleaned field: one file, or pairs (file, content type)."""
    return [file for file, _kind in given] if isinstance(given, list) else [given]
