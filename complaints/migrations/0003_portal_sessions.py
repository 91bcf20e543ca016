"""The public door gets sessions of its own; those of the staff site that hold a case or a receipt are removed."""

from importlib import import_module

from django.conf import settings
from django.db import migrations, models

HELD = {"portal_receipt", "portal_case", "portal_shown"}


def remove_joined_sessions(apps, schema_editor):
    """A session that used both doors names an account and a case: whoever has one logs in again."""
    Session = apps.get_model("sessions", "Session")
    read = import_module(settings.SESSION_ENGINE).SessionStore().decode
    rows = Session.objects.values_list("session_key", "session_data").iterator(chunk_size=1000)
    joined = [key for key, data in rows if HELD & set(read(data))]
    for start in range(0, len(joined), 500):
        Session.objects.filter(session_key__in=joined[start : start + 500]).delete()


class Migration(migrations.Migration):
    dependencies = [("complaints", "0002_appointments"), ("sessions", "0001_initial")]

    operations = [
        migrations.CreateModel(
            name="PortalSession",
            fields=[
                ("key_hash", models.CharField(max_length=64, primary_key=True, serialize=False)),
                ("sealed", models.TextField()),
                ("until", models.DateTimeField(db_index=True)),
            ],
        ),
        migrations.CreateModel(
            name="ShownReceipt",
            fields=[
                ("mark", models.CharField(max_length=64, primary_key=True, serialize=False)),
                ("until", models.DateTimeField(db_index=True)),
            ],
        ),
        migrations.RunPython(remove_joined_sessions, migrations.RunPython.noop),
    ]
