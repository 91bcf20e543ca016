"""The uploaded registers move to relations, which keeps those of every kind; rows, keys and files stay as they are."""

from django.db import connection, migrations

COLUMNS = "id, file, name, state, progress, total, report, sha256, at, committed_at, by_id"


def to_relations(apps, schema_editor):
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO relations_import ({COLUMNS}, kind)"  # noqa: S608
            f" SELECT {COLUMNS}, 'employer' FROM employers_import"
        )
        continue_keys(cursor, "employers_import", "relations_import")
    # What the admin site has noted of them, and its permissions, follow the model.
    types = apps.get_model("contenttypes", "ContentType").objects
    if not types.filter(app_label="relations", model="import").exists():
        types.filter(app_label="employers", model="import").update(app_label="relations")


def to_employers(apps, schema_editor):
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO employers_import ({COLUMNS}) SELECT {COLUMNS} FROM relations_import"  # noqa: S608
            " WHERE kind = 'employer'"
        )
        cursor.execute("DELETE FROM relations_import WHERE kind = 'employer'")
        continue_keys(cursor, "relations_import", "employers_import")


def continue_keys(cursor, source, target):
    """A key that was given once is not given again: notices and progress are found by it."""
    if connection.vendor == "postgresql":
        cursor.execute(
            "SELECT setval(pg_get_serial_sequence(%s, 'id'), nextval(pg_get_serial_sequence(%s, 'id')), false)",
            [target, source],
        )
        return
    cursor.execute("SELECT seq FROM sqlite_sequence WHERE name = %s", [source])
    if last := cursor.fetchone():
        cursor.execute("DELETE FROM sqlite_sequence WHERE name = %s", [target])
        cursor.execute("INSERT INTO sqlite_sequence (name, seq) VALUES (%s, %s)", [target, last[0]])


class Migration(migrations.Migration):
    dependencies = [
        ("contenttypes", "0002_remove_content_type_name"),
        ("employers", "0006_open_terms"),
        ("relations", "0010_imports"),
    ]

    operations = [
        migrations.RunPython(to_relations, to_employers),
        migrations.DeleteModel(name="Import"),
    ]
