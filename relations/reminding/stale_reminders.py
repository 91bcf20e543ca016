"""Closes single reminders about a record that is no longer visible to their recipient, or is voided.

Reminders of duties and tasks are reassigned instead (relations.reminding.raising.reassign_reminders). Approval requests
and messages from a colleague have no other recipient.
"""

from django.db import connection
from django.utils import timezone

from relations.reminding.stand_in_sight import stand_in_sees_sql
from relations.shares.sight_sql import people_sql, sees_sql
from reminders.models import Reminder
from reminders.rowcount import affected_rows

# {first word of the subject of a reminder that names a record: SQL that joins it, with the pk of the record}
RECORD_JOINS = {
    "task": "t.stakeholder_id FROM reminders_reminder m JOIN relations_task t ON t.key = m.subject",
    "decision": """c.stakeholder_id FROM reminders_reminder m
        JOIN relations_decision d ON 'decision:' || d.id = REPLACE(m.subject, ':answer', '')
        JOIN relations_cycle c ON c.id = d.cycle_id""",
    "share": """h.stakeholder_id FROM reminders_reminder m
        JOIN relations_share h ON 'share:' || h.id = m.subject""",
}
DUTY_JOIN = "u.stakeholder_id FROM reminders_reminder m JOIN relations_duty u ON u.key = m.subject"
KINDS = (Reminder.Kind.NUDGE.value, Reminder.Kind.APPROVAL.value)
CLOSE = """
    UPDATE reminders_reminder SET closed_at = %s WHERE closed_at IS NULL AND id IN (
        SELECT m.id FROM ({about}) m JOIN relations_stakeholder s ON s.id = m.stakeholder_id
        LEFT JOIN ({people}) p ON p.id = m.recipient_id
        WHERE {which} AND (s.voided_at IS NOT NULL OR NOT COALESCE({sees} OR {stands_in}, FALSE)))
"""
MAKE_PERSONAL = """
    UPDATE reminders_reminder SET is_personal = TRUE WHERE NOT is_personal AND id IN (
        SELECT m.id FROM ({about}) m JOIN relations_stakeholder s ON s.id = m.stakeholder_id
        WHERE {which} AND s.is_confidential AND COALESCE(s.responsible_id, 0) <> m.recipient_id)
"""


def close_stale_reminders(today, *, stakeholders=None, recipients=None):
    """Closes reminders whose recipient may no longer see the record, in one statement. Returns the number.

    Limited to those about `stakeholders` or of `recipients` (lists of pks), if given. A recipient who sees the record
    today as the stand-in of an absent colleague keeps the reminder, unless the record is voided.
    """
    which, params = condition(stakeholders, recipients)
    kinds = ", ".join(f"'{kind}'" for kind in KINDS)
    sql = CLOSE.format(
        about=about_sql(RECORD_JOINS.values(), f"m.closed_at IS NULL AND m.kind IN ({kinds})"),
        people=people_sql(),
        sees=sees_sql("p", today),
        stands_in=stand_in_sees_sql("p", today),
        which=which,
    )
    moment = connection.ops.adapt_datetimefield_value(timezone.now())
    with connection.cursor() as cursor:
        cursor.execute(sql, [moment, *params])
        return affected_rows(cursor)


def make_personal(stakeholders):
    """Hides open reminders about those of `stakeholders` (pks) that are confidential from stand-ins.

    Those of the responsible worker remain, because the worker's stand-in sees the record.
    """
    which, params = condition(stakeholders, None)
    about = about_sql([*RECORD_JOINS.values(), DUTY_JOIN], "m.closed_at IS NULL")
    with connection.cursor() as cursor:
        cursor.execute(MAKE_PERSONAL.format(about=about, which=which), params)


def about_sql(joins, which):
    """Returns SQL: the reminders that match `which`, each with the record that its title names."""
    return " UNION ALL ".join(f"SELECT m.id, m.recipient_id, {join} WHERE {which}" for join in joins)


def condition(stakeholders, recipients):
    if recipients is not None:
        return in_params("m.recipient_id", recipients)
    if stakeholders is None:
        return "1 = 1", []
    return in_params("s.id", stakeholders)


def in_params(column, pks):
    return f"{column} IN ({', '.join(['%s'] * len(pks)) or 'NULL'})", list(pks)
