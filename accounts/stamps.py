"""Edit conflicts of forms on rows without a version: the form carries a stamp (hash) of the values it showed.

The row must be compared under the lock of the transaction that writes it. After a conflict the form comes back (409)
with everything that was typed and the present values; submitting it again saves what was typed.
"""

import hashlib

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.editing import conflict_rows
from accounts.form_layout import CrispyFormMixin

STAMP_FIELD = "seen"
CONFLICT_CODE = "overtaken"


def stamp_of(*values):
    """Returns a text that changes when any of `values` (with a stable repr) changes."""
    return hashlib.sha256(repr(values).encode()).hexdigest()[:32]


def row_stamp(record, names=None):
    """Returns the stamp of a row, of its columns `names` or of all; "" for None and for an unsaved row."""
    if record is None or record.pk is None:
        return ""
    fields = [field for field in record._meta.concrete_fields if names is None or field.name in names]
    return stamp_of(record.pk, *((field.name, stored_value(field, record)) for field in fields))


def stored_value(field, record):
    """Returns the value of a column as text, identical before and after it was stored."""
    return field.value_to_string(record) if getattr(record, field.attname) is not None else None


class StampedForm(CrispyFormMixin, forms.Form):
    """A form whose view passes it the `stamp` of the present values."""

    seen = forms.CharField(
        widget=forms.HiddenInput,
        max_length=32,
        error_messages={"required": gettext_lazy("请重新打开这一页。")},
    )

    def __init__(self, *args, stamp, **kwargs):
        super().__init__(*args, **kwargs)
        self.initial[STAMP_FIELD] = stamp


def add_conflict_error(form, stamp, now=""):
    """Adds the error of an edit conflict to a bound form; its next submission may replace the row that has `stamp`.

    `now` describes the present values, as a sentence.
    """
    form.data = form.data.copy()
    form.data[form.add_prefix(STAMP_FIELD)] = stamp
    message = _("刚才有人先改了。%(now)s您填的还在，再保存一次就以您填的为准。") % {"now": now}
    form.add_error(None, forms.ValidationError(message, code=CONFLICT_CODE))


def differences(form, latest):
    """Returns the stored values of `latest` and the typed ones where they differ, as a sentence, or ""."""
    parts = [
        _("“%(label)s”现在是%(theirs)s，您填的是%(mine)s") % vars(row)
        for row in conflict_rows(form, latest, None)
        if row.name in form.cleaned_data
    ]
    return _("；").join(parts) + _("。") if parts else ""


def status_of(form):
    """Returns the HTTP status of a form: 409 after an edit conflict, else 200."""
    return 409 if form.is_bound and form.has_error(NON_FIELD_ERRORS, CONFLICT_CODE) else 200
