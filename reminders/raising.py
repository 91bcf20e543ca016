"""Reminders and their ways to the readers, set-based: as many statements for one as for a hundred thousand."""

from django.db import connection, transaction
from django.db.models import CharField, F, Max, Value
from django.db.models.functions import Cast, Coalesce, Concat
from django.utils import timezone

from reminders.models import Delivery, Reminder
from reminders.rowcount import affected_rows

# In-app rows are delivered by being there; letters wait for reminders.deliveries. A row that was dropped when the
# reminder went to somebody else comes to life again when it returns; a letter that a worker had in its hands when it
# was dropped is in its hands still (the worker forgets its claim when it is done), so that it is not sent twice.
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
    """The highest pk of a reminder; those raised from here on lie above it."""
    return Reminder.objects.aggregate(newest=Max("pk"))["newest"] or 0


def create_deliveries(which, params, today):
    """Makes the deliveries of the open reminders that the condition `which` on `m` names. Returns how many rows."""
    moment = connection.ops.adapt_datetimefield_value(timezone.now())
    sql = INSERT_DELIVERIES.format(sent_at=SENT_AT[connection.vendor], which=which)
    with connection.cursor() as cursor:
        cursor.execute(sql, [today, today, moment, *params])
        return affected_rows(cursor)


def create_deliveries_after(pk, today):
    """Deliveries of every reminder raised after `pk` was the newest, to recipients and their stand-ins of today."""
    return create_deliveries("m.id > %s", [pk], today)


def restore_deliveries(pks, today):
    """What these reminders, which are open again, lack: the letters that were dropped, and readers who came since."""
    for start in range(0, len(pks), 500):
        some = pks[start : start + 500]
        create_deliveries(f"m.id IN ({', '.join(['%s'] * len(some))})", some, today)


def create_stand_in_deliveries(today):
    """Whoever stands in from today is given what is already open (R271). Returns how many rows."""
    return create_deliveries("reader.person_id <> reader.for_id", [], today)


@transaction.atomic
def create_reminders(reminders, today):
    """Stores those of `reminders` (unsaved) whose key is new, with their deliveries. Returns how many were new."""
    before = newest_pk()
    keys = [reminder.key for reminder in reminders]
    Reminder.objects.bulk_create(reminders, ignore_conflicts=True, batch_size=500)
    raised = Reminder.objects.filter(pk__gt=before, key__in=keys).count() if keys else 0
    if raised:
        create_deliveries_after(before, today)
    return raised


def close_reminders(subjects):
    """Closes the open reminders about `subjects` (a list or a subquery of subjects); they may be opened again."""
    return Reminder.objects.open().filter(subject__in=subjects).update(closed_at=timezone.now())


@transaction.atomic
def retire_reminders(reminders):
    """Closes `reminders` (a queryset) for good: the date they speak of was moved, or their reader is told no more.

    Their keys are free, so that the same date is told again when it comes back. A letter that waits is dropped; one
    that a worker has in its hands goes out or comes back to be dropped. Call it after the write that makes them
    outdated: that write waits for a sweep at the same row, whose reminders are then seen here. Returns how many.
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
    """Gives open reminders to other readers: `moved` is {new recipient's pk: [reminder pks]}."""
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
