"""The counts in the navigation: what I owe this week and what I have not read, in one statement."""

from datetime import timedelta

from lezhi import nav
from relations.models import Duty, Task
from relations.paging import capped_counts
from reminders import clock, notices


def counts(user):
    """{"owed": open duties and tasks of mine due by Sunday or overdue, "unread": notices}, each capped at 1,001."""
    today = clock.today()
    sunday = today + timedelta(days=6 - today.weekday())
    found = capped_counts(
        {
            "duties": Duty.objects.visible_to(user).open().of(user).filter(due_on__lte=sunday),
            "tasks": Task.objects.visible_to(user).open().filter(owner=user, due_on__lte=sunday),
            "unread": notices.unread(user),
        }
    )
    return {"owed": found["duties"] + found["tasks"], "unread": found["unread"]}


nav.COUNTS.append(counts)
