"""Rows that are written once: neither the program nor somebody in the admin site changes or deletes them (R126)."""

from django.db import models


class AppendOnlyError(Exception):
    """Somebody tried to change or delete a row that is written once."""


class AppendOnlyQuerySet(models.QuerySet):
    """A queryset that only inserts and reads."""

    def update(self, **values):
        raise AppendOnlyError(self.model.__name__)

    def delete(self):
        raise AppendOnlyError(self.model.__name__)

    def bulk_update(self, *args, **kwargs):
        raise AppendOnlyError(self.model.__name__)
