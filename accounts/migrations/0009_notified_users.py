"""Plainer names: Sheet.told is notified_users, AccountEvent.tell is is_announced. Rows stay as they are."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0008_steps_of_sheets"),
        ("relations", "0013_decisions_on_sheets"),  # it writes Sheet.told
    ]

    operations = [
        migrations.RenameField("sheet", "told", "notified_users"),
        # The condition of an index is not renamed along with its column.
        migrations.RemoveIndex("accountevent", "event_untold"),
        migrations.RenameField("accountevent", "tell", "is_announced"),
        migrations.AddIndex(
            "accountevent",
            models.Index(
                fields=["user"],
                condition=models.Q(is_announced=True, acknowledged_at=None),
                name="event_unacknowledged",
            ),
        ),
    ]
