"""The words of a choice, looked up quickly: a list asks for them in every row."""

from functools import cache

from django.db import models
from django.utils.encoding import force_str


@cache
def labels(field):
    """The label of each value that `field` may have."""
    return dict(field.flatchoices)


class CachedDisplayModel(models.Model):
    """Gives `get_..._display` from a table that is kept; Django puts one together, lazy words and all, at each call."""

    class Meta:
        abstract = True

    def _get_FIELD_display(self, field):
        value = getattr(self, field.attname)
        return force_str(labels(field).get(value, value), strings_only=True)
