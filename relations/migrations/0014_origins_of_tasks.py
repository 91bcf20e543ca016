"""The choices of an origin are asked of the register of origins; the database does not change."""

from django.db import migrations, models

import relations.models.task_origins


def origin():
    return models.CharField(choices=relations.models.task_origins.origin_choices, max_length=14, verbose_name="由来")


class Migration(migrations.Migration):
    dependencies = [("relations", "0013_decisions_on_sheets")]

    operations = [
        migrations.AlterField(model_name="historicaltask", name="origin", field=origin()),
        migrations.AlterField(model_name="task", name="origin", field=origin()),
    ]
