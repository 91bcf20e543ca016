"""Rows of a model that inherits its columns lie in several tables; what is locked here is locked in all of them."""


def lock_with_parents(rows):
    """`rows` (a queryset) FOR NO KEY UPDATE: the row of the model and those of its parents, and nothing joined else.

    Of `of=("self",)` PostgreSQL locks only the table of the model itself, so that a writer of a parent's columns is
    neither waited for nor kept out. SQLite, which has one writer at a time, takes no notice.
    """
    return rows.select_for_update(no_key=True, of=lockable_tables(rows.model))


def lockable_tables(model, path=()):
    """The names that `of` has for the tables of `model`: "self", and the link to each parent, theirs included."""
    names = ["__".join(path) or "self"]
    for parent, link in model._meta.parents.items():
        if link is not None and link.model is model:
            names += lockable_tables(parent, (*path, link.name))
    return tuple(names)
