"""Creates and closes reminders and their deliveries in bulk: with as many queries for one as for a hundred thousand."""

from django.db import connection, transaction
from django.db.models import CharField, F, Max, Value
from django.db.models.functions import Cast, Coalesce, Concat
from django.utils import timezone

from reminders.models import Delivery, Reminder
from reminders.rowcount import affected_rows

# In-app rows are delivered by being stored; e-mails wait for reminders.deliveries. A row that was dropped when the
# reminder was reassigned becomes pending again when the reminder returns. An e-mail that a worker was sending when it
# was dropped becomes claimed again (the worker clears its claim when done), so that it is not sent twice.
INSERT_DELIVERIES = """
    WITH reader AS (
        SELECT id AS for_id, id AS person_id FROM accounts_user
        UNION
        SELECT absent_id, stand_in_id FROM accounts_standin
        WHERE cancelled_at IS NULL AND starts_on <= %s AND ends_on >= %s
    ),
    way(channel, state) AS (VALUES ('in_app', 'sent'), ('email', 'pending'))
    INSERT INTO reminders_delivery
        (reminder_id, recipient_id, channel, state, attempts, claimed_by, error, sent_at)
    SELECT m.id, u.id, way.channel, way.state, 0, '', '', {sent_at}
    FROM reminders_reminder m
    JOIN reader ON reader.for_id = m.recipient_id AND (reader.person_id = reader.for_id OR NOT m.is_personal)
    JOIN accounts_user u ON u.id = reader.person_id AND u.is_active
    JOIN way ON way.channel = 'in_app' OR (u.wants_email AND u.email <> '')
    WHERE m.closed_at IS NULL AND {which}
    ON CONFLICT (reminder_id, recipient_id, channel) DO UPDATE
        SET state = CASE WHEN reminders_delivery.claimed_by = '' THEN excluded.state ELSE 'claimed' END,
            attempts = 0, not_before = NULL, error = '', sent_at = excluded.sent_at, read_at = NULL
        WHERE reminders_delivery.state = 'dropped'
"""
SENT_AT = {
    "postgresql": "CASE way.channel WHEN 'in_app' THEN CAST(%s AS timestamp with time zone) END",
    "sqlite": "CASE way.channel WHEN 'in_app' THEN %s END",
}


def newest_pk():
    """The highest pk of a reminder; later reminders have higher ones."""
    return Reminder.objects.aggregate(newest=Max("pk"))["newest"] or 0


def create_deliveries(which, params, today):
    """Creates the deliveries of open reminders that match the SQL condition `which` on `m`. Returns the row count."""
    moment = connection.ops.adapt_datetimefield_value(timezone.now())
    sql = INSERT_DELIVERIES.format(sent_at=SENT_AT[connection.vendor], which=which)
    with connection.cursor() as cursor:
        cursor.execute(sql, [today, today, moment, *params])
        return affected_rows(cursor)


def create_deliveries_after(pk, today):
    """Creates the deliveries of all reminders with a pk above `pk`, to recipients and their stand-ins of today."""
    return create_deliveries("m.id > %s", [pk], today)


def restore_deliveries(pks, today):
    """Restores dropped deliveries of reopened reminders (`pks`), and creates those of readers added since."""
    for start in range(0, len(pks), 500):
        some = pks[start : start + 500]
        create_deliveries(f"m.id IN ({', '.join(['%s'] * len(some))})", some, today)


def create_stand_in_deliveries(today):
    """Creates the deliveries of open reminders for the stand-ins of today (R271). Returns the row count."""
    return create_deliveries("reader.person_id <> reader.for_id", [], today)


@transaction.atomic
def create_reminders(reminders, today):
    """Stores those of `reminders` (unsaved) whose key is new, with their deliveries. Returns the number of new ones."""
    before = newest_pk()
    keys = [reminder.key for reminder in reminders]
    Reminder.objects.bulk_create(reminders, ignore_conflicts=True, batch_size=500)
    raised = Reminder.objects.filter(pk__gt=before, key__in=keys).count() if keys else 0
    if raised:
        create_deliveries_after(before, today)
    return raised


def close_reminders(subjects):
    """Closes the open reminders about `subjects` (a list or a subquery); they may be reopened. Returns their number."""
    return Reminder.objects.open().filter(subject__in=subjects).update(closed_at=timezone.now())


@transaction.atomic
def retire_reminders(reminders):
    """Closes `reminders` (a queryset) permanently, after their date was moved or their reader removed.

    Their keys become free, so that a reminder about the same date can be created again. Waiting e-mails are dropped;
    one that a worker is sending is sent, or dropped when it fails. Call it after the write that makes the reminders
    outdated: that write waits for a concurrent sweep on the same row, whose reminders are then visible here. Returns
    their number.
    """
    pks = list(reminders.not_retired().values_list("pk", flat=True))
    now, freed = timezone.now(), Concat(F("key"), Value(":"), Cast("pk", CharField()))
    unsent = [Delivery.State.PENDING, Delivery.State.FAILED]
    for start in range(0, len(pks), 500):
        some = pks[start : start + 500]
        rows = Reminder.objects.not_retired().filter(pk__in=some)
        rows.update(closed_at=Coalesce("closed_at", now), retired_at=now, key=freed)
        letters = Delivery.objects.filter(reminder__in=some, channel=Delivery.Channel.EMAIL)
        letters.filter(state__in=unsent).update(state=Delivery.State.DROPPED)
    return len(pks)


@transaction.atomic
def reassign(moved, today):
    """Assigns open reminders to other recipients: `moved` is {pk of the new recipient: [pks of reminders]}."""
    pks = [pk for moving in moved.values() for pk in moving]
    for start in range(0, len(pks), 500):
        ways = Delivery.objects.filter(reminder__in=pks[start : start + 500])
        ways.exclude(state=Delivery.State.SENT, channel=Delivery.Channel.EMAIL).update(
            state=Delivery.State.DROPPED, read_at=timezone.now()
        )
    for recipient, moving in moved.items():
        for start in range(0, len(moving), 500):
            some = moving[start : start + 500]
            Reminder.objects.filter(pk__in=some).update(recipient=recipient)
            restore_deliveries(some, today)
    return len(pks)
