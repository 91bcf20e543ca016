"""What somebody who is logged in asked for and was refused."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0005_resets_and_lockouts")]

    operations = [
        migrations.CreateModel(
            name="RefusedAttempt",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("method", models.CharField(max_length=8)),
                ("route", models.CharField(max_length=100)),
                ("key", models.CharField(blank=True, max_length=40)),
                ("status", models.PositiveSmallIntegerField()),
                ("is_secret", models.BooleanField(default=False)),
                ("minute", models.DateTimeField()),
                ("last_at", models.DateTimeField()),
                ("times", models.PositiveIntegerField(default=1)),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="同事",
                    ),
                ),
            ],
            options={
                "verbose_name": "被拒绝的访问",
                "verbose_name_plural": "被拒绝的访问",
                "ordering": ["-minute", "-pk"],
                "indexes": [models.Index(fields=["-minute", "-id"], name="refusedattempt_newest")],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("user", "minute", "route", "method", "status"),
                        name="refusedattempt_once_a_minute",
                    )
                ],
            },
        ),
    ]
