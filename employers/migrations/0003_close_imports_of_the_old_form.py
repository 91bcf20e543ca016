"""Imports that were checked before their report was packed cannot be shown or written: they are asked for again."""

from django.db import migrations

PROBLEM = "系统升级以前读的文件，不能再看或导入，什么都没有写入。请重新上传。"


def close_old(apps, schema_editor):
    waiting = apps.get_model("employers", "Import").objects.filter(state__in=["read", "faulty", "writing"])
    waiting.exclude(report__has_key="mark").update(state="failed", report={"problem": PROBLEM})


class Migration(migrations.Migration):
    dependencies = [("employers", "0002_employers_token")]
    operations = [migrations.RunPython(close_old, migrations.RunPython.noop)]
