"""Counts of the navigation, in one SQL query: due this week, unread, to approve, complaints waiting for the user."""

from accounts.approvals.assignment import Days, steps_waiting_for
from accounts.query_cache import PreparedSql
from complaints.lists.waiting import waiting_for
from lists.paging import capped_counts_sql
from relations.duties.periods import week_of
from relations.models import Duty, Task
from reminders import clock, notices

NAMES = ("duties", "tasks", "unread", "approvals", "complaints")


def counts_sql(user, sunday, today, established):
    """The counts as one SQL query, with columns in the order of NAMES."""
    return capped_counts_sql(
        [
            Duty.objects.visible_to(user).open().owned_by(user).filter(due_on__lte=sunday),
            Task.objects.visible_to(user).open().filter(owner=user, due_on__lte=sunday),
            notices.unread(user),
            steps_waiting_for(user, Days(today, established)),
            waiting_for(user),
        ]
    )


COUNTS_STATEMENT = PreparedSql(counts_sql)


def counts(user):
    """The counts next to the navigation entries, as a dict; each number is capped at 1,001.

    owed: the user's open duties and tasks, due by Sunday or overdue; unread: notices; approvals: approval requests
    under 待我审批; complaints: those whose next act the user has to do.
    """
    today = clock.today()
    sunday, days = week_of(today)[1], Days.for_day(today)
    rows = COUNTS_STATEMENT.fetch(user, sunday=sunday, today=days.today, established=days.established)
    row = dict(zip(NAMES, rows[0], strict=True))
    return {
        "owed": row["duties"] + row["tasks"],
        "unread": row["unread"],
        "approvals": row["approvals"],
        "complaints": row["complaints"],
    }
