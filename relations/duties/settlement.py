"""Derives the duties owed and met, from one SQL query (design §3, R69-R88).

Opening a period, settling after a contact, deriving after a change, the rebuild and the nightly check all get the
expected duties from `relations.duties.sql`; they differ only in the stakeholders and periods. The number of queries
does not depend on the number of stakeholders. Every change of a duty also changes the stored sums
(`relations.duties.sums`), in the same transaction.
"""

from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date

from django.db import connection, transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from relations.duties import sums
from relations.duties.dialects import DIALECTS
from relations.duties.periods import matter_with_period
from relations.duties.sql import COUNTS_FOR_RULE, REACHED, REMOVE, Statement
from relations.models import Duty, Stakeholder
from relations.models.interaction import PURPOSE_BITS
from relations.reminding.raising import reassign_reminders
from reminders import clock, raising
from reminders.models import Reminder
from reminders.rowcount import affected_rows

# The duties that each contact completed: it counts, and with it the required number was reached; also its tasks.
COMPLETED = """
    SELECT i.id, o.name, o.period, d.period_start
    FROM relations_interaction i
    JOIN relations_duty d ON d.stakeholder_id = i.stakeholder_id AND d.met_on = i.contact_on
    JOIN relations_cadencerule o ON o.id = d.rule_id
    WHERE i.id IN ({places}) AND {reached} AND {counts}
      AND d.owed = (
        SELECT COUNT(*) FROM relations_interaction j
        WHERE j.stakeholder_id = i.stakeholder_id AND {earlier_reached}
          AND j.contact_on >= d.period_start
          AND (j.contact_on < i.contact_on OR (j.contact_on = i.contact_on AND j.id <= i.id)) AND {earlier_counts})
    UNION ALL
    SELECT t.done_by_id, t.title, '', NULL FROM relations_task t WHERE t.done_by_id IN ({places})
"""

PREVIEW_COUNT = """
    WITH i(purpose_bit, tier_mask, with_mask, level_mask) AS (VALUES (%s, %s, %s, %s))
    SELECT d.id FROM relations_duty d JOIN relations_cadencerule o ON o.id = d.rule_id CROSS JOIN i
    WHERE d.stakeholder_id = %s AND d.met_on IS NULL AND d.frozen_at IS NULL
      AND d.period_start <= {date} AND d.due_on >= {date} AND {counts}
"""

EXPECTED, CHANGED = "expected_duty", "changed_duty"  # temporary tables
HASH_JOIN_FROM = 500  # stakeholders
PLANNER_SETTINGS = {"work_mem": "'256MB'", "enable_nestloop": "off", "enable_sort": "off"}
LOCK_TIMEOUT = "5s"


@dataclass(frozen=True)
class DerivationResult:
    """The numbers of duties that a run wrote (created or changed) and removed."""

    written: int
    removed: int


def derive(*, first, last, stakeholders=None):
    """Makes the stored duties of all periods overlapping [first, last] match rules, terms and contacts.

    `stakeholders` is a list of pks, or None for all. Frozen duties are not changed. Closes the reminders of duties
    that are met or no longer owed, and reopens those of duties that are open again. Returns a DerivationResult.
    """
    statement = Statement(first, last, stakeholders)
    with transaction.atomic(), connection.cursor() as cursor:
        lock_duties(cursor, stakeholders)
        sums.copy_visibility(cursor, stakeholders)
        with temporary_tables(cursor, statement):
            cursor.execute(sums.add(CHANGED))
            removed_keys = remove_surplus(cursor)
            cursor.execute(statement.write(CHANGED))
            written = affected_rows(cursor)
        update_reminders(first, last, stakeholders, removed_keys)
    return DerivationResult(written, len(removed_keys))


@contextmanager
def temporary_tables(cursor, statement):
    """Context manager: temporary tables with the expected duties and their differences from the stored ones."""
    with planner_settings(cursor, statement.stakeholders):
        cursor.execute(*statement.create_expected_table(EXPECTED))
        cursor.execute(*statement.create_changes_table(CHANGED, EXPECTED))
        yield
        cursor.execute(f"DROP TABLE {EXPECTED}")
        cursor.execute(f"DROP TABLE {CHANGED}")


def lock_duties(cursor, stakeholders):
    """Locks the duties of `stakeholders` (pks, or None for all) against settling until the transaction ends.

    Otherwise a duty that was just met could be overwritten as open. A user who saves a contact in the meantime waits,
    and then counts again what was derived without that contact. Deriving all duties raises OperationalError after
    LOCK_TIMEOUT when a long transaction (an import) holds the table, because all later writers would wait for both.

    Deriving the duties of some stakeholders and of all exclude each other, so that the rows that were compared are
    those that are overwritten, in duties and in sums. SQLite allows one writer at a time anyway.
    """
    if connection.vendor != "postgresql":
        return
    if stakeholders is None:
        cursor.execute(f"SET LOCAL lock_timeout = '{LOCK_TIMEOUT}'")
        cursor.execute("LOCK TABLE relations_duty IN SHARE ROW EXCLUSIVE MODE")
        cursor.execute("SET LOCAL lock_timeout TO DEFAULT")
    else:
        rows = Stakeholder.objects.filter(pk__in=stakeholders).order_by("pk")
        list(rows.select_for_update(no_key=True).values_list("pk"))
        cursor.execute("LOCK TABLE relations_duty IN ROW EXCLUSIVE MODE")


@contextmanager
def planner_settings(cursor, stakeholders):
    """Context manager: makes PostgreSQL use hash joins for many stakeholders.

    Its planner cannot estimate the numbers of rows in the CTEs. An error undoes the settings with the transaction.
    """
    is_large = stakeholders is None or len(stakeholders) > HASH_JOIN_FROM
    planned = PLANNER_SETTINGS if is_large and connection.vendor == "postgresql" else {}
    for name, value in planned.items():
        cursor.execute(f"SET LOCAL {name} = {value}")
    yield
    for name in planned:
        cursor.execute(f"SET LOCAL {name} TO DEFAULT")


def remove_surplus(cursor):
    """Deletes the stored duties that are no longer owed, and returns their keys."""
    cursor.execute(REMOVE.format(changed=CHANGED))
    return [row[0] for row in cursor.fetchall()]


@dataclass(frozen=True)
class SettledDuty:
    """A duty that was counted again: its present values, and the name and `period` (a Period value) of its rule."""

    key: str
    notified: int
    owed: int
    met: int
    met_on: date | None
    period_start: date
    name: str
    period: str

    @property
    def words(self):
        """The duty as text: 10月驻点沟通."""
        return matter_with_period(self.period, self.period_start, self.name)

    @property
    def is_just_complete(self):
        """Whether the contact that was just saved completed the required number."""
        return self.met == self.owed


def settle(stakeholder, days):
    """After a contact was saved, corrected or withdrawn: counts the duties of the periods around `days` again.

    Call it inside the transaction of the save, with the row of the stakeholder locked, so that two contacts saved at
    once are both counted. A contact never changes what is owed, so no duty is removed. Returns the changed duties, a
    list of SettledDuty.
    """
    with connection.cursor() as cursor:
        for statement in Statement(min(days), max(days), [stakeholder.pk]).settle_statements():
            cursor.execute(*statement)
        changed = [settled_from_row(row) for row in cursor.fetchall()]
    notified = [duty for duty in changed if duty.notified]
    if fulfilled := [duty.key for duty in notified if duty.met_on]:
        Reminder.objects.open().filter(subject__in=fulfilled).update(closed_at=timezone.now())
    if unmet := [duty.key for duty in notified if not duty.met_on]:
        reopen_reminders(Duty.objects.filter(key__in=unmet), clock.today(), [stakeholder.pk])
    return changed


def settled_from_row(row):
    """Returns a SettledDuty from a row of the database."""
    key, notified, owed, met, met_on, starts_on, name, period = row
    return SettledDuty(key, notified, owed, met, as_date(met_on), as_date(starts_on), name, period)


def completed_by(interactions):
    """Returns the duties and tasks that each contact completed, {pk: ["10月驻点沟通", ...]}, from one query."""
    pks = [interaction.pk for interaction in interactions]
    if not pks:
        return {}
    sql = COMPLETED.format(
        places=", ".join(["%s"] * len(pks)),
        reached=REACHED,
        counts=COUNTS_FOR_RULE,
        earlier_reached=of_earlier_contact(REACHED),
        earlier_counts=of_earlier_contact(COUNTS_FOR_RULE),
    )
    words = {}
    with connection.cursor() as cursor:
        cursor.execute(sql, [*pks, *pks])
        for pk, name, period, starts_on in cursor.fetchall():
            words.setdefault(pk, []).append(
                matter_with_period(period, as_date(starts_on), name) if period else name
            )
    return words


def of_earlier_contact(condition):
    """Returns a condition (SQL) on the contact `i` as one on the contact `j`."""
    return condition.replace("i.", "j.")


def as_date(value):
    """Returns a date from a database value, which is text on SQLite."""
    return date.fromisoformat(value[:10]) if isinstance(value, str) else value


def would_count(stakeholder, interaction):
    """Returns a queryset of the open duties, with rules, that an unsaved contact would count for (保存后完成 …)."""
    sql = PREVIEW_COUNT.format(date=DIALECTS[connection.vendor]["date"], counts=COUNTS_FOR_RULE)
    facts = [
        PURPOSE_BITS[interaction.purpose],
        interaction.tier_mask,
        interaction.with_mask,
        interaction.level_mask,
    ]
    with connection.cursor() as cursor:
        cursor.execute(sql, [*facts, stakeholder.pk, interaction.contact_on, interaction.contact_on])
        duty_pks = [row[0] for row in cursor.fetchall()]
    return Duty.objects.filter(pk__in=duty_pks).select_related("rule")


def rederive(stakeholders, today):
    """After a change of contract, rule, department or responsible worker: derives all periods since `watched_from`."""
    begun = Stakeholder.objects.filter(pk__in=stakeholders).values_list("watched_from", flat=True)
    if begun:
        return derive(first=min(min(begun), today), last=today, stakeholders=list(stakeholders))
    return DerivationResult(0, 0)


@transaction.atomic
def rebuild(today):
    """Derives all duties from the first watched day to `today`, and recalculates all sums."""
    derived = derive(first=first_watched_day(today), last=today)
    with connection.cursor() as cursor:
        sums.rebuild(cursor)
    return derived


@transaction.atomic
def rebuild_sums():
    """Recalculates all sums from the stored duties and the present visibility of their stakeholders."""
    with connection.cursor() as cursor:
        lock_duties(cursor, None)
        sums.copy_visibility(cursor, None)
        sums.rebuild(cursor)


def differences(today):
    """Returns the number of stored duties that are superfluous, missing or different; 0 if all are right."""
    statement = Statement(first_watched_day(today), today)
    with transaction.atomic(), connection.cursor() as cursor, temporary_tables(cursor, statement):
        cursor.execute(f"SELECT COUNT(*) FROM {CHANGED}")  # noqa: S608  built from constants
        return cursor.fetchone()[0]


def duties_under_rule(code, day):
    """Returns the stakeholders with a duty by the rule `code` in the period of `day`: {pk: whether it is met}.

    Uses the rule as it is now, and changes no rows.
    """
    with transaction.atomic(), connection.cursor() as cursor, planner_settings(cursor, None):
        cursor.execute(*Statement(day, day, rule=code).preview_query(day))
        return {pk: met_on is not None for pk, met_on in cursor.fetchall()}


def first_watched_day(today):
    begun = Stakeholder.objects.order_by("watched_from").values_list("watched_from", flat=True).first()
    return min(begun or today, today)


def update_reminders(first, last, stakeholders, removed_keys=()):
    """Closes the reminders of duties that are met or removed, and reopens those of duties that are open again."""
    derived = Duty.objects.in_periods_overlapping(first, last)
    if stakeholders is not None:
        derived = derived.filter(stakeholder__in=stakeholders)
    retire_reminders_of_moved(derived.filter(notified=0))
    touched = derived.exclude(notified=0)
    fulfilled = Reminder.objects.open().filter(subject__in=touched.met().values("key"))
    fulfilled.update(closed_at=timezone.now())
    reopen_reminders(touched.open(), last, None if stakeholders is None else list(stakeholders))
    if removed_keys:
        Reminder.objects.open().filter(subject__in=removed_keys).update(closed_at=timezone.now())


def retire_reminders_of_moved(duties):
    """Retires the reminders whose due date is not that of their duty: changing a rule in place has moved the duty."""
    moved = duties.filter(key=OuterRef("subject")).exclude(due_on=OuterRef("due_on"))
    raising.retire_reminders(Reminder.objects.filter(Exists(moved), due_on__isnull=False))


def reopen_reminders(duties, today, stakeholders):
    """Reopens the reminders of these open duties, for the steps already taken (those below `notified`).

    They are reassigned to their present recipients: the record may have been handed over in the meantime.
    """
    claimed = duties.filter(key=OuterRef("subject"), notified__gt=OuterRef("step"))
    if Reminder.objects.not_retired().filter(Exists(claimed), closed_at__isnull=False).update(closed_at=None):
        reassign_reminders(today, stakeholders=stakeholders)
