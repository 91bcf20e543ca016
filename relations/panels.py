"""What rooms above this one show on pages of this one: hooks that give a panel, or nothing and leave no trace.

ON_RECORD hooks take (user, stakeholder, today), ON_WORK hooks (user, today); each returns an object with `template`,
which is drawn with it as `panel`, or None.
"""

ON_RECORD, ON_WORK = [], []


def on_record(user, stakeholder, today):
    """The panels beside the record of `stakeholder`, as far as `user` may see anything in them."""
    return [panel for hook in ON_RECORD if (panel := hook(user, stakeholder, today))]


def on_work(user, today):
    """The panels beside what `user` owes."""
    return [panel for hook in ON_WORK if (panel := hook(user, today))]
