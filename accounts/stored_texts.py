"""The language of stored texts: titles of reminders and tasks, reasons in the history, acts of a complaint.

They are in the language of the site, simplified Chinese, whoever acts: colleagues with other pages read them too.
"""

from contextlib import contextmanager

from django.conf import settings
from django.utils import translation


@contextmanager
def stored_in_chinese():
    """Context manager and decorator for code that makes such a text; not for what the acting user is told."""
    with translation.override(settings.LANGUAGE_CODE):
        yield
