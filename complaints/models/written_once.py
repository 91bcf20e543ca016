"""Append-only rows: neither the program nor a user of the admin site changes or deletes them (R126)."""

from django.db import models


class AppendOnlyError(Exception):
    """Raised on an attempt to change or delete an append-only row."""


class AppendOnlyQuerySet(models.QuerySet):
    """A queryset that only inserts and reads."""

    def update(self, **values):
        raise AppendOnlyError(self.model.__name__)

    def delete(self):
        raise AppendOnlyError(self.model.__name__)

    def bulk_update(self, *args, **kwargs):
        raise AppendOnlyError(self.model.__name__)
