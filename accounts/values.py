"""Values of a record as text, the same on the pages of its history and of a conflict."""

from datetime import date, datetime

from django.utils import formats, timezone
from django.utils.translation import gettext as _


def plain_words(value):
    """Returns yes or no, a moment, a date, a number or a text as display text."""
    if isinstance(value, bool):
        return _("是") if value else _("否")
    if isinstance(value, datetime):
        return f"{timezone.localtime(value):%Y-%m-%d %H:%M}"
    if isinstance(value, date):
        return value.isoformat()
    return str(formats.localize(value))
