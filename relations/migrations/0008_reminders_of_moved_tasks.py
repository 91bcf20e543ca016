"""Tasks that were moved after somebody had been told of the former day: that reminder ends, the new day will be told.

Other tasks and all duties are as they were: nothing is raised anew for them.
"""

from django.db import migrations

MOVED = """
    SELECT t.{what} FROM relations_task t JOIN reminders_reminder m ON m.subject = t.key
    WHERE t.done_at IS NULL AND t.dropped_at IS NULL AND m.kind IN ('due', 'escalated') AND m.due_on <> t.due_on
      AND m.retired_at IS NULL
"""
UNTELL = f"UPDATE relations_task SET notified = 0 WHERE id IN ({MOVED.format(what='id')} AND m.closed_at IS NULL)"  # noqa: S608
RETIRE = f"""
    UPDATE reminders_reminder
    SET closed_at = COALESCE(closed_at, CURRENT_TIMESTAMP), retired_at = CURRENT_TIMESTAMP,
        key = key || ':' || CAST(id AS TEXT)
    WHERE id IN ({MOVED.format(what="id").replace("SELECT t.id", "SELECT m.id")})
"""  # noqa: S608


def mend(apps, schema_editor):
    for statement in (UNTELL, RETIRE):
        schema_editor.execute(statement, params=None)


class Migration(migrations.Migration):
    dependencies = [
        ("relations", "0007_tokens_without_constraint"),
        ("reminders", "0004_dates_in_keys"),
    ]

    operations = [migrations.RunPython(mend, migrations.RunPython.noop)]
