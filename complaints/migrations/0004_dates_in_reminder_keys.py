"""Reminders of clocks and measures are raised once for a date: the date goes into the keys of those that are there.

Nothing is raised anew by it, but for what a calendar had moved after it was told: a reminder of the day itself that was
told before that day keeps its old key, so that the new day is told when it comes. Keys that were freed when somebody
was taken off a list mark their reminder as retired.
"""

from django.db import migrations
from django.db.models import CharField, Exists, OuterRef, Subquery, Value
from django.db.models.functions import Cast, Concat

ON_OR_AFTER = {"due", "over"}  # steps that are told on the day and after it
PORTION = 500


def new_key(reminder):
    """The key in the new form, or None for one that stays as it is."""
    parts = reminder.key.split(":")
    if parts[0] == "measure" and len(parts) == 4:
        return ":".join([*parts[:3], str(reminder.due_on), parts[3]])
    if parts[0] == "complaint" and len(parts) == 6 and parts[2] in ("response", "result"):
        if parts[4] in ON_OR_AFTER and reminder.raised_on < reminder.due_on:
            return None
        return ":".join([*parts[:5], str(reminder.due_on), parts[5]])
    return None


def is_freed(reminder):
    parts = reminder.key.split(":")
    usual = 4 if parts[0] == "measure" else 6 if parts[2] in ("response", "result") else 5
    return reminder.closed_at is not None and len(parts) == usual + 1 and parts[-1] == str(reminder.pk)


def rewrite(apps, schema_editor):
    Reminder = apps.get_model("reminders", "Reminder")
    rows = Reminder.objects.filter(kind="complaint").order_by("pk")
    last = 0
    while portion := list(rows.filter(pk__gt=last)[:PORTION]):
        last = portion[-1].pk
        for reminder in portion:
            if is_freed(reminder):
                reminder.retired_at = reminder.closed_at
            elif reminder.due_on:
                reminder.key = new_key(reminder) or reminder.key
        Reminder.objects.bulk_update(portion, ["key", "retired_at"])


def close_what_asks_for_nothing(apps, schema_editor):
    """What was raised about complaints that are not processed, and has been looked at since, is closed."""
    Reminder, Viewing = apps.get_model("reminders", "Reminder"), apps.get_model("complaints", "Viewing")
    Complaint = apps.get_model("complaints", "Complaint")
    cases = Complaint.objects.filter(state="not_processed").annotate(
        asked=Concat(Value("complaint:"), Cast("pk", CharField()), Value(":new"))
    )
    looked = (
        Viewing.objects.filter(complaint__state="not_processed", user=OuterRef("recipient"))
        .filter(at__gte=OuterRef("raised_at"))
        .annotate(asked=Concat(Value("complaint:"), Cast("complaint", CharField()), Value(":new")))
        .filter(asked=OuterRef("subject"))
        .order_by("at")
    )
    asked = Reminder.objects.filter(closed_at=None, subject__in=cases.values("asked"))
    asked.filter(Exists(looked)).update(closed_at=Subquery(looked.values("at")[:1]))


class Migration(migrations.Migration):
    dependencies = [("complaints", "0003_portal_sessions"), ("reminders", "0004_dates_in_keys")]

    operations = [
        migrations.RunPython(rewrite, migrations.RunPython.noop),
        migrations.RunPython(close_what_asks_for_nothing, migrations.RunPython.noop),
    ]
