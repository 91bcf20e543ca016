"""Uploaded workbooks of records to import (relations.imports)."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from relations.models.stakeholder import kind_choices


class Import(models.Model):
    """An uploaded workbook: the file, the values read from it, and the outcome. Written by relations.imports only."""

    class State(models.TextChoices):
        READING = "reading", _("正在读取")
        READ = "read", _("待核对")
        FAULTY = "faulty", _("有错")
        WRITING = "writing", _("正在导入")
        DONE = "done", _("已导入")
        FAILED = "failed", _("没有完成")

    kind = models.CharField(_("类别"), max_length=12, choices=kind_choices)
    file = models.FileField(upload_to="imports/%Y/%m/", max_length=200)
    name = models.CharField(_("文件名"), max_length=150)
    state = models.CharField(max_length=8, choices=State.choices, default=State.READING)
    progress = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    report = models.JSONField(default=dict, blank=True)
    sha256 = models.CharField(max_length=64)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="imports")
    at = models.DateTimeField(auto_now_add=True)
    committed_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("导入")
        verbose_name_plural = _("导入")
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=(Q(state="done") & Q(committed_at__isnull=False))
                | (~Q(state="done") & Q(committed_at=None)),
                name="import_done_when_committed",
            )
        ]
