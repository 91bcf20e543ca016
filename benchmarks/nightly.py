"""Benchmarks of the sweep and of the rebuild of duties, on a copy of the city, because they commit."""

import time
from contextlib import contextmanager
from datetime import timedelta

import psycopg2
from django.db import connection, transaction
from django.db.models import Max

from benchmarks.statements import Times
from relations.duties import settlement as duties
from reminders import clock, steps
from reminders.models import Reminder

NEW = 80_000
ROUNDS = 3

# Only these open duties have not been reminded about yet; they are due tomorrow, so that today's sweep creates one
# reminder for each and escalates none.
MARK_ALL_NOTIFIED = "UPDATE relations_duty SET notified = 9 WHERE met_on IS NULL AND frozen_at IS NULL"
RESET_NEW = """
    UPDATE relations_duty SET notified = 0, due_on = %s WHERE id IN (
        SELECT id FROM relations_duty WHERE met_on IS NULL AND frozen_at IS NULL ORDER BY id LIMIT %s)
"""

# The same rows by plain SQL, without escalation, visibility, stand-ins and texts.
FLOOR = (
    "UPDATE relations_duty SET notified = 1 WHERE met_on IS NULL AND frozen_at IS NULL AND notified = 0",
    """
    INSERT INTO reminders_reminder
        (key, subject, kind, recipient_id, title, link, due_on, raised_on, raised_at)
    SELECT d.key || ':0', d.key, 'due', d.owner_id, s.name || '：' || r.name, '/relations/' || s.id || '/', d.due_on,
           current_date, now()
    FROM relations_duty d JOIN relations_stakeholder s ON s.id = d.stakeholder_id
    JOIN relations_cadencerule r ON r.id = d.rule_id
    WHERE d.met_on IS NULL AND d.frozen_at IS NULL AND d.notified = 1 AND d.owner_id IS NOT NULL
    ON CONFLICT (key) DO NOTHING
    """,
    """
    INSERT INTO reminders_delivery (reminder_id, recipient_id, channel, state, attempts, claimed_by, error, sent_at)
    SELECT m.id, u.id, way.channel, way.state, 0, '', '', now()
    FROM reminders_reminder m JOIN accounts_user u ON u.id = m.recipient_id
    CROSS JOIN (VALUES ('in_app', 'sent'), ('email', 'pending')) way(channel, state)
    WHERE m.closed_at IS NULL AND (way.channel = 'in_app' OR u.email <> '')
    ON CONFLICT DO NOTHING
    """,
)


@contextmanager
def copy_of_city(name="benchmarks_copy"):
    """Context manager: connects Django to a copy of the database, dropped at the end. Needs exclusive access."""
    city = connection.settings_dict["NAME"]
    connection.ensure_connection()
    admin = psycopg2.connect(connection.connection.dsn, dbname="postgres")
    admin.autocommit = True
    connection.close()
    with admin.cursor() as cursor:
        cursor.execute(f"DROP DATABASE IF EXISTS {name}")
        cursor.execute(f"CREATE DATABASE {name} TEMPLATE {city}")
        try:
            connection.settings_dict["NAME"] = name
            yield
        finally:
            connection.close()
            connection.settings_dict["NAME"] = city
            cursor.execute(f"DROP DATABASE {name}")


class Stopwatch:
    """An execute wrapper that adds up the seconds spent in the database."""

    def __init__(self):
        self.seconds = 0.0

    def __call__(self, execute, sql, params, many, context):
        started = time.perf_counter()
        try:
            return execute(sql, params, many, context)
        finally:
            self.seconds += time.perf_counter() - started


def timed(act):
    """Calls `act`. Returns (seconds, seconds of them spent in the database, its result)."""
    watch = Stopwatch()
    started = time.perf_counter()
    with connection.execute_wrapper(watch):
        result = act()
    return time.perf_counter() - started, watch.seconds, result


def run(sql, params=None):
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return cursor.rowcount


@transaction.atomic
def by_floor():
    run(FLOOR[0])
    raised = run(FLOOR[1])
    run(FLOOR[2])
    return raised


def leave_new(today):
    """Prepares a usual morning: all reminders but the new ones exist. Returns the pk of the newest reminder."""
    run(MARK_ALL_NOTIFIED)
    steps.sweep(today)
    newest = Reminder.objects.aggregate(newest=Max("pk"))["newest"] or 0
    forget_new(today, newest)
    return newest


def forget_new(today, newest):
    """Deletes the reminders that a sweep has created, and resets the new duties."""
    run("DELETE FROM reminders_delivery WHERE reminder_id > %s", [newest])
    run("DELETE FROM reminders_reminder WHERE id > %s", [newest])
    run(MARK_ALL_NOTIFIED)
    run(RESET_NEW, [today + timedelta(days=1), NEW])
    for table in ("relations_duty", "reminders_reminder", "reminders_delivery", "relations_task"):
        run(f"VACUUM ANALYZE {table}")


def sweeps(table):
    """Measures a sweep that creates 80,000 reminders against plain SQL, in turn; then one with nothing new."""
    today, floor, ours, raised, quiet = clock.today(), [], [], set(), []
    with copy_of_city():
        newest = leave_new(today)
        for _round in range(ROUNDS):
            seconds, _sql, count = timed(by_floor)
            floor.append(seconds)
            raised.add(count)
            forget_new(today, newest)
            seconds, _sql, (counts, failed) = timed(lambda: steps.sweep(today))
            ours.append(seconds)
            raised.add(counts["reminders_raised"])
            if failed:
                raise AssertionError(f"these steps failed: {failed}")
            before = Reminder.objects.count()
            _all, sql, (counts, _failed) = timed(lambda: steps.sweep(today))
            quiet.append((sql, sum(counts.values()), Reminder.objects.count() - before))
            forget_new(today, newest)
    add_sweep_rows(table, Times(ours), Times(floor), raised, quiet)


def add_sweep_rows(table, ours, floor, raised, quiet):
    best, middle = ours.best / floor.best, ours.median / floor.median
    figures = f"{best:.2f} x (median {middle:.2f}; {ours.best:.2f} s, SQL {floor.best:.2f} s; {sorted(raised)} raised)"
    table.add(f"sweep that raises {NEW:,} reminders", figures, "≤ 1.5 x the bare SQL", best <= 1.5)
    sql = Times([seconds for seconds, _count, _new in quiet])
    rows = max(count + new for _seconds, count, new in quiet)
    figures = f"{rows} rows, {sql.best:.3f} s of SQL (median {sql.median:.3f})"
    table.add("sweep with nothing new", figures, "0 rows, ≤ 0.1 s of SQL", rows == 0 and sql.best <= 0.1)


def rebuild(table):
    """Measures the rebuild of all duties from the log, and counts differences afterwards."""
    today, ours, sql = clock.today(), [], []
    with copy_of_city():
        for _round in range(ROUNDS):
            seconds, database, _derived = timed(lambda: duties.rebuild(today))
            ours.append(seconds)
            sql.append(database)
        different = duties.differences(today)
    ours, sql = Times(ours), Times(sql)
    figures = (
        f"{ours.best / sql.best:.2f} x ({ours.best:.2f} s, SQL {sql.best:.2f} s; median {ours.median:.2f} s)"
    )
    table.add("rebuild of duties from the log", figures, "≤ 1.5 x its SQL", ours.best <= 1.5 * sql.best)
    table.most("differences afterwards", different, 0, "duties")
