"""The counts in the navigation: what I owe this week, what I have not read, what I may approve, in one statement."""

from datetime import timedelta

from lezhi import nav
from relations import decisions
from relations.models import Duty, Task
from relations.paging import capped_counts
from reminders import clock, notices


def counts(user):
    """What stands beside the navigation, each capped at 1,001.

    owed: open duties and tasks of mine due by Sunday or overdue; unread: notices; approvals: decisions waiting for me.
    """
    today = clock.today()
    sunday = today + timedelta(days=6 - today.weekday())
    asked = {
        "duties": Duty.objects.visible_to(user).open().of(user).filter(due_on__lte=sunday),
        "tasks": Task.objects.visible_to(user).open().filter(owner=user, due_on__lte=sunday),
        "unread": notices.unread(user),
        "approvals": decisions.awaiting(user),
    }
    found = capped_counts(asked)
    return {
        "owed": found["duties"] + found["tasks"],
        "unread": found["unread"],
        "approvals": found["approvals"],
    }


nav.COUNTS.append(counts)
