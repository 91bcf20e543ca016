"""Renewal tasks that were dropped because the contract had changed free their keys: its former end may come back."""

from django.db import migrations
from django.db.models import CharField, F, Value
from django.db.models.functions import Cast, Concat

REASONS = [
    "已有新合同，或合同日期已改",
    "There is a new contract, or the contract dates have changed",
]


def free(apps, schema_editor):
    Task = apps.get_model("relations", "Task")
    dropped = Task.objects.filter(origin="renewal", dropped_at__isnull=False, drop_reason__in=REASONS)
    dropped.update(key=Concat(F("key"), Value(":"), Cast("pk", CharField())))


class Migration(migrations.Migration):
    dependencies = [
        ("employers", "0003_close_imports_of_the_old_form"),
        ("relations", "0007_tokens_without_constraint"),
    ]

    operations = [migrations.RunPython(free, migrations.RunPython.noop)]
