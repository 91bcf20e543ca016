"""What rooms above this one show on pages of this one, each a panel, or nothing that leaves no trace.

A panel is an object with `template`, drawn with it as `panel`, or None.
"""

from accounts.registry import Registry

# Name: a function (user, today) that gives a panel.
ON_WORK = Registry("panels of My work")
# Name: an object with `annotations(user)`, {name: expression}, which the statement that fetches the record takes along,
# and `panel(user, record, today)`, which asks for itself when the record came without them.
ON_RECORD = Registry("panels of a record")


def annotations(user):
    """What the statement of one record takes along for its panels; the record's key is OuterRef("pk")."""
    return {name: found for source in ON_RECORD.values() for name, found in source.annotations(user).items()}


def record_panels(user, record, today):
    """The panels beside `record`, as far as `user` may see anything in them."""
    return [panel for source in ON_RECORD.values() if (panel := source.panel(user, record, today))]


def work_panels(user, today):
    """The panels beside what `user` owes."""
    return [panel for draw in ON_WORK.values() if (panel := draw(user, today))]
