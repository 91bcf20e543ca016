"""Panels that apps above this one add to its pages.

A panel is an object with the attribute `template`, which is rendered with it as `panel`; None shows nothing.
"""

from accounts.registry import Registry

# By name: a function (user, today) that returns a panel.
ON_WORK = Registry("panels of My work")
# By name: an object with `annotations(user)`, {name: expression} for the query of the record, and
# `panel(user, record, today)`, which makes its own queries when the record has no such annotations.
ON_RECORD = Registry("panels of a record")


def annotations(user):
    """Returns the annotations of the panels for the query of a record; the record's key is OuterRef("pk")."""
    return {name: value for source in ON_RECORD.values() for name, value in source.annotations(user).items()}


def record_panels(user, record, today):
    """Returns the panels shown next to `record`; those without anything visible to `user` are left out."""
    return [panel for source in ON_RECORD.values() if (panel := source.panel(user, record, today))]


def work_panels(user, today):
    """Returns the panels shown on the workbench of `user`."""
    return [panel for draw in ON_WORK.values() if (panel := draw(user, today))]
