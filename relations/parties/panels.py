"""What rooms above this one show on pages of this one: hooks that give a panel, or nothing and leave no trace.

A hook of ON_WORK takes (user, today). A hook of ON_RECORD has `annotations(user)`, {name: expression}, which the
statement that fetches the record takes along, and `panel(user, record, today)`, which asks for itself when the record
came without them. A panel is an object with `template`, drawn with it as `panel`, or None.
"""

ON_RECORD, ON_WORK = [], []


def annotations(user):
    """What the statement of one record takes along for its panels; the record's key is OuterRef("pk")."""
    return {name: found for hook in ON_RECORD for name, found in hook.annotations(user).items()}


def on_record(user, record, today):
    """The panels beside `record`, as far as `user` may see anything in them."""
    return [panel for hook in ON_RECORD if (panel := hook.panel(user, record, today))]


def on_work(user, today):
    """The panels beside what `user` owes."""
    return [panel for hook in ON_WORK if (panel := hook(user, today))]
