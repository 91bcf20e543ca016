"""The choices of a kind are asked of the register of kinds; the database does not change."""

from django.db import migrations, models

import reminders.kinds


class Migration(migrations.Migration):
    dependencies = [("reminders", "0006_kind_of_record")]

    operations = [
        migrations.AlterField(
            model_name="reminder",
            name="kind",
            field=models.CharField(choices=reminders.kinds.kind_choices, max_length=10, verbose_name="种类"),
        ),
    ]
