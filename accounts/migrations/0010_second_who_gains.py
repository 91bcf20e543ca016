"""A step knows a second user who gains by its request: the new alternate, appointed together with the head."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


def another_than(column):
    """The condition that `column` does not hold the same user as `also_about`."""
    return models.Q(**{column: None}) | models.Q(also_about=None) | ~models.Q(**{column: models.F("also_about")})


def fill_waiting(apps, schema_editor):
    """Requests that wait to appoint both at once: the new alternate does not confirm them any more."""
    steps = apps.get_model("accounts", "Step").objects
    for step in steps.filter(sheet__matter="in_charge", state="asked").select_related("sheet"):
        alternate, was = step.sheet.asked["alternate"], step.sheet.asked["was"]
        if alternate != step.about_id and not (was[0] and alternate == was[2]):
            steps.filter(pk=step.pk).update(also_about=alternate)


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0009_notified_users"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            "step",
            "also_about",
            models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddConstraint(
            "step",
            models.CheckConstraint(condition=another_than("decided_by"), name="step_not_by_who_also_gains"),
        ),
        migrations.AddConstraint(
            "step",
            models.CheckConstraint(condition=another_than("decided_for"), name="step_not_for_who_also_gains"),
        ),
        migrations.RunPython(fill_waiting, migrations.RunPython.noop),
    ]
