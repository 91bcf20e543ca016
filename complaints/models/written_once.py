"""Rows that are written once: neither the program nor somebody in the admin site changes or deletes them (R126)."""

from django.db import models


class Unchangeable(Exception):
    """Somebody tried to change or delete a row that is written once."""


class WrittenOnceQuerySet(models.QuerySet):
    """A queryset that only inserts and reads."""

    def update(self, **values):
        raise Unchangeable(self.model.__name__)

    def delete(self):
        raise Unchangeable(self.model.__name__)

    def bulk_update(self, *args, **kwargs):
        raise Unchangeable(self.model.__name__)
