"""Plainer names of models: Appointment, ExcludedPerson, Attempt. Rows, permissions and content types stay."""

from django.db import migrations, models

MODELS = {"incharge": "appointment", "nottold": "excludedperson", "knock": "attempt"}


def rename_permissions(apps, names):
    """Permissions are named after their model; those that were made anew after an earlier step are left alone."""
    permissions = apps.get_model("auth", "Permission").objects
    for old, new in names.items():
        for action in ("add", "change", "delete", "view"):
            if not permissions.filter(codename=f"{action}_{new}", content_type__app_label="complaints").exists():
                permissions.filter(codename=f"{action}_{old}", content_type__app_label="complaints").update(
                    codename=f"{action}_{new}"
                )


def forwards(apps, schema_editor):
    rename_permissions(apps, MODELS)


def backwards(apps, schema_editor):
    rename_permissions(apps, {new: old for old, new in MODELS.items()})


class Migration(migrations.Migration):
    dependencies = [
        ("auth", "0012_alter_user_first_name_max_length"),
        ("complaints", "0005_knock_cost"),
    ]

    operations = [
        migrations.RenameModel("InCharge", "Appointment"),
        # The conditions of constraints and indexes are not renamed along with their columns.
        migrations.RemoveConstraint("appointment", "in_charge_word_of_another"),
        migrations.RenameField("appointment", "word_by", "hand_over_agreed_by"),
        migrations.RenameField("appointment", "word_at", "hand_over_agreed_at"),
        migrations.AddConstraint(
            "appointment",
            models.CheckConstraint(
                condition=models.Q(hand_over_agreed_by=None, hand_over_agreed_at=None)
                | (
                    models.Q(hand_over_agreed_by__isnull=False, hand_over_agreed_at__isnull=False)
                    & ~models.Q(hand_over_agreed_by=models.F("head"))
                ),
                name="appointment_agreed_by_another",
            ),
        ),
        migrations.RenameModel("NotTold", "ExcludedPerson"),
        migrations.RenameModel("Knock", "Attempt"),
        migrations.RemoveIndex("attempt", "knock_hand"),
        migrations.RenameField("attempt", "hand", "sender_hash"),
        migrations.AddIndex(
            "attempt", models.Index(fields=["sender_hash", "door", "at"], name="attempt_sender")
        ),
        migrations.RunPython(forwards, backwards),
    ]
