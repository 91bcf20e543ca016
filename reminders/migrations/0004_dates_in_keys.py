"""Reminders of duties and tasks are raised once for a date: the date goes into the keys of those that are there.

Nothing is raised anew by it: the key of an old row becomes the one that the next sweep would ask for.
"""

from django.db import migrations, models
from django.db.models import Q

# The old key is the subject and the digit of the step.
OLD = """
    kind IN ('due', 'escalated') AND (subject LIKE 'duty:%' OR subject LIKE 'task:%') AND due_on IS NOT NULL
    AND LENGTH(key) = LENGTH(subject) + 2 AND SUBSTR(key, 1, LENGTH(subject)) = subject
"""
DATE_TEXT = {"postgresql": "to_char(due_on, 'YYYY-MM-DD')", "sqlite": "CAST(due_on AS TEXT)"}
FORWARD = """
    UPDATE reminders_reminder
    SET step = CAST(SUBSTR(key, LENGTH(subject) + 2) AS INTEGER),
        key = subject || ':' || {date} || ':' || SUBSTR(key, LENGTH(subject) + 2)
    WHERE {old}
"""
# Answers to proposals, words from colleagues and results of imports ask for nothing that would close them.
INFORMATION = """
    UPDATE reminders_reminder SET is_for_information = {true}
    WHERE closed_at IS NULL AND (
        (kind = 'approval' AND subject LIKE '%:answer') OR (kind = 'nudge' AND subject LIKE 'nudge:%')
        OR kind = 'import')
"""


def rewrite(apps, schema_editor):
    vendor = schema_editor.connection.vendor
    schema_editor.execute(FORWARD.format(date=DATE_TEXT[vendor], old=OLD), params=None)
    schema_editor.execute(
        INFORMATION.format(true="TRUE" if vendor == "postgresql" else "1"),
        params=None,
    )


class Migration(migrations.Migration):
    dependencies = [("reminders", "0003_personal_reminders")]

    operations = [
        migrations.AddField("reminder", "step", models.PositiveSmallIntegerField(db_default=0, default=0)),
        migrations.AddField(
            "reminder", "is_for_information", models.BooleanField(db_default=False, default=False)
        ),
        migrations.AddField("reminder", "retired_at", models.DateTimeField(null=True)),
        migrations.AddIndex(
            "reminder",
            models.Index(
                condition=Q(closed_at=None, is_for_information=True),
                fields=["recipient"],
                name="reminder_information",
            ),
        ),
        migrations.AddConstraint(
            "reminder",
            models.CheckConstraint(
                condition=Q(retired_at=None) | Q(closed_at__isnull=False), name="reminder_retired_is_closed"
            ),
        ),
        migrations.RunPython(rewrite, migrations.RunPython.noop),
    ]
