"""The counts in the navigation: owed this week, unread, to approve, complaints that wait for me, in one statement."""

from datetime import timedelta

from django.db import connection

from accounts.approvals.asking import Days, asked_of
from accounts.query_cache import PreparedSql
from complaints.lists.waiting import waiting_for
from lists.paging import capped_counts_sql
from relations.models import Duty, Task
from reminders import clock, notices

NAMES = ("duties", "tasks", "unread", "approvals", "complaints")


def counts_sql(user, sunday, today, settled):
    """The counts as one statement, in the order of NAMES."""
    return capped_counts_sql(
        [
            Duty.objects.visible_to(user).open().owned_by(user).filter(due_on__lte=sunday),
            Task.objects.visible_to(user).open().filter(owner=user, due_on__lte=sunday),
            notices.unread(user),
            asked_of(user, Days(today, settled)),
            waiting_for(user),
        ]
    )


COUNTS_STATEMENT = PreparedSql(counts_sql)


def counts(user):
    """What stands beside the navigation, each capped at 1,001.

    owed: open duties and tasks of mine due by Sunday or overdue; unread: notices; approvals: what waits for
    me under 待我审批; complaints: those in which the next act is mine.
    """
    today = clock.today()
    sunday, days = today + timedelta(days=6 - today.weekday()), Days.of(today)
    with connection.cursor() as cursor:
        cursor.execute(*COUNTS_STATEMENT(user, sunday=sunday, today=days.today, settled=days.settled))
        found = dict(zip(NAMES, cursor.fetchone(), strict=True))
    return {
        "owed": found["duties"] + found["tasks"],
        "unread": found["unread"],
        "approvals": found["approvals"],
        "complaints": found["complaints"],
    }
