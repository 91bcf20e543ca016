"""Row locks: of an account, and of a model with multi-table inheritance, whose row is locked in all of its tables."""

from accounts.models import User


def lock_user(user):
    """Returns the account as stored now, locked until the transaction ends."""
    return User.objects.select_for_update(no_key=True).get(pk=user.pk)


def lock_with_parents(rows):
    """Returns `rows` (a queryset) FOR NO KEY UPDATE: locks the row of the model and of its parents, no joined table.

    With `of=("self",)` PostgreSQL locks only the table of the model itself, so that a writer of a parent's columns
    would be neither waited for nor blocked. SQLite, which has one writer at a time, ignores the lock.
    """
    return rows.select_for_update(no_key=True, of=lockable_tables(rows.model))


def lockable_tables(model, path=()):
    """Returns the values of `of` for the tables of `model`: "self" and the links to all its ancestors."""
    names = ["__".join(path) or "self"]
    for parent, link in model._meta.parents.items():
        if link is not None and link.model is model:
            names += lockable_tables(parent, (*path, link.name))
    return tuple(names)
