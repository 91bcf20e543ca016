"""Requests that wait about the record of a colleague name that colleague, who then does not decide them."""

from django.db import migrations

OPEN = "open"


def name_the_colleague(apps, schema_editor):
    Decision = apps.get_model("relations", "Decision")
    Sheet = apps.get_model("accounts", "Sheet")
    Step = apps.get_model("accounts", "Step")
    waiting = Decision.objects.filter(sheet__state=OPEN, cycle__stakeholder__account__isnull=False)
    for sheet, account in waiting.values_list("sheet", "cycle__stakeholder__account"):
        Sheet.objects.filter(pk=sheet).update(about=account)
        Step.objects.filter(sheet=sheet, decided_by=None).update(about=account)


class Migration(migrations.Migration):
    dependencies = [
        ("relations", "0017_levels_of_kinds"),
        ("accounts", "0009_notified_users"),
    ]

    operations = [migrations.RunPython(name_the_colleague, migrations.RunPython.noop)]
