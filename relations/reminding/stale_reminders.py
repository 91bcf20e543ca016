"""Closes single reminders about a record that is no longer visible to their recipient, or is voided.

Reminders of duties and tasks are reassigned instead (relations.reminding.raising.reassign_reminders). Approval requests
and messages from a colleague have no other recipient.
"""

from django.db import connection
from django.utils import timezone

from relations.shares.sight_sql import people_sql, sees_sql
from reminders.models import Reminder
from reminders.rowcount import affected_rows

RECORD_JOINS = {
    "task": "relations_task t ON t.key = m.subject JOIN relations_stakeholder s ON s.id = t.stakeholder_id",
    "decision": """relations_decision d ON 'decision:' || d.id = REPLACE(m.subject, ':answer', '')
        JOIN relations_cycle c ON c.id = d.cycle_id JOIN relations_stakeholder s ON s.id = c.stakeholder_id""",
}
KINDS = (Reminder.Kind.NUDGE.value, Reminder.Kind.APPROVAL.value)
CLOSE = """
    UPDATE reminders_reminder SET closed_at = %s WHERE closed_at IS NULL AND id IN (
        SELECT m.id FROM reminders_reminder m JOIN {about} LEFT JOIN ({people}) p ON p.id = m.recipient_id
        WHERE m.closed_at IS NULL AND m.kind IN (%s, %s) AND {which}
          AND (s.voided_at IS NOT NULL OR NOT COALESCE({sees}, FALSE))
          AND (s.voided_at IS NOT NULL OR m.recipient_id NOT IN (SELECT stand_in_id FROM accounts_standin
                                     WHERE cancelled_at IS NULL AND starts_on <= %s AND ends_on >= %s)))
"""


def close_stale_reminders(today, *, stakeholders=None, recipient=None):
    """Closes reminders whose recipient may no longer see the record. Returns the number.

    Limited to those about `stakeholders` (a list of pks) or of `recipient`, if given. Users who are a stand-in today
    keep their reminders, unless the record is voided.
    """
    which, params = condition(stakeholders, recipient)
    moment = connection.ops.adapt_datetimefield_value(timezone.now())
    closed = 0
    with connection.cursor() as cursor:
        for about in RECORD_JOINS.values():
            sql = CLOSE.format(about=about, people=people_sql(), sees=sees_sql("p", today), which=which)
            cursor.execute(sql, [moment, *KINDS, *params, today, today])
            closed += affected_rows(cursor)
    return closed


def condition(stakeholders, recipient):
    if recipient is not None:
        return "m.recipient_id = %s", [recipient.pk]
    if stakeholders is None:
        return "1 = 1", []
    return f"s.id IN ({', '.join(['%s'] * len(stakeholders)) or 'NULL'})", list(stakeholders)
