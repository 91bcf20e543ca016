"""A form field that takes several files, each checked by its content."""

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from relations import files


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
        if len(given) > files.AT_MOST:
            raise ValidationError(_("一次最多传%d个文件，其余的请再传一次。") % files.AT_MOST)
        return self.checked(given) if given else []

    def checked(self, given):
        limit, problems, taken = files.size_limit(self.day), [], []
        for file in given:
            try:
                taken.append((file, files.check(file, limit)))
            except ValidationError as problem:
                problems.append(problem)
        if problems:
            raise ValidationError(problems)
        return taken
