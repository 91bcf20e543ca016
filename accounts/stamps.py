"""Forms about rows that count no version: the form carries a stamp of what it showed, and saving asks for it.

What is checked here must be read under the lock of the transaction that writes. A form that is overtaken comes back
(409) with everything that was typed and what stands there now; sent once more, what was typed holds.
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
    """A text that is another one when any of `values` (with a stable repr) is."""
    return hashlib.sha256(repr(values).encode()).hexdigest()[:32]


def row_stamp(record, names=None):
    """The stamp of a row: of its columns `names`, or of all. Empty for None and for a row that is not stored yet."""
    if record is None or record.pk is None:
        return ""
    fields = [field for field in record._meta.concrete_fields if names is None or field.name in names]
    return stamp_of(record.pk, *((field.name, stored_value(field, record)) for field in fields))


def stored_value(field, record):
    """The value of a column, the same before and after it has been to the database."""
    return field.value_to_string(record) if getattr(record, field.attname) is not None else None


class StampedForm(CrispyFormMixin, forms.Form):
    """For a form whose view gives it the `stamp` of what stands there now."""

    seen = forms.CharField(
        widget=forms.HiddenInput,
        max_length=32,
        error_messages={"required": gettext_lazy("请重新打开这一页。")},
    )

    def __init__(self, *args, stamp, **kwargs):
        super().__init__(*args, **kwargs)
        self.initial[STAMP_FIELD] = stamp


def add_conflict_error(form, stamp, now=""):
    """Says on a bound form that somebody was quicker, and lets its next sending replace what has `stamp`.

    `now` is what stands there now, in a sentence.
    """
    form.data = form.data.copy()
    form.data[form.add_prefix(STAMP_FIELD)] = stamp
    told = _("刚才有人先改了。%(now)s您填的还在，再保存一次就以您填的为准。") % {"now": now}
    form.add_error(None, forms.ValidationError(told, code=CONFLICT_CODE))


def differences(form, latest):
    """What stands in the row `latest` and what was typed instead, in a sentence; empty where nothing differs."""
    told = [
        _("“%(label)s”现在是%(theirs)s，您填的是%(mine)s") % vars(row)
        for row in conflict_rows(form, latest, None)
        if row.name in form.cleaned_data
    ]
    return _("；").join(told) + _("。") if told else ""


def status_of(form):
    """409 for a form that was overtaken, else 200."""
    return 409 if form.is_bound and form.has_error(NON_FIELD_ERRORS, CONFLICT_CODE) else 200
