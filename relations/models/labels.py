"""Fast lookup of the labels of choices, which lists need in every row."""

from functools import cache

from django.db import models
from django.utils.encoding import force_str


@cache
def labels(field):
    """Returns {value: label} of the choices of `field`."""
    return dict(field.flatchoices)


class CachedDisplayModel(models.Model):
    """Looks up `get_..._display` in a cached dict; Django builds one at each call, with lazy translations."""

    class Meta:
        abstract = True

    def _get_FIELD_display(self, field):
        value = getattr(self, field.attname)
        return force_str(labels(field).get(value, value), strings_only=True)
