"""Who may read a complaint, who must not, and the log of viewings (R153-R158)."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from complaints.models.written_once import AppendOnlyQuerySet
from relations.models.labels import CachedDisplayModel


class AccessRole(models.TextChoices):
    """Why a user is on the access list. Head and handler act; the others only read."""

    HEAD = "head", pgettext_lazy("complaint", "负责人")
    HANDLER = "handler", _("跟进人")
    NAMED = "named", _("指定知情人")
    ESCALATED = "escalated", _("逾期上报")


class AccessQuerySet(models.QuerySet):
    def current(self):
        return self.filter(taken_at=None)

    def visible_to(self, user):
        mine = Access.objects.current().filter(user=user.pk).values("complaint")
        return self.filter(complaint__in=mine) if user.is_active else self.none()


class Access(CachedDisplayModel):
    """One user on the access list of a complaint, current while `taken_at` is empty (complaints.access.access_list)."""

    complaint = models.ForeignKey("complaints.Complaint", on_delete=models.PROTECT, related_name="accesses")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    role = models.CharField(_("身份"), max_length=10, choices=AccessRole.choices)
    reason = models.CharField(_("原因"), max_length=200, blank=True)
    given_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    given_at = models.DateTimeField(auto_now_add=True)
    taken_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    taken_at = models.DateTimeField(null=True)

    objects = AccessQuerySet.as_manager()

    class Meta:
        verbose_name = _("知情人")
        verbose_name_plural = _("知情人")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["complaint", "user", "role"], condition=Q(taken_at=None), name="access_once"
            ),
            models.UniqueConstraint(
                fields=["complaint", "role"],
                condition=Q(taken_at=None, role__in=["head", "handler"]),
                name="access_one_head_one_handler",
            ),
        ]
        indexes = [models.Index(fields=["user", "complaint"], condition=Q(taken_at=None), name="access_live")]


class Accused(models.Model):
    """A user complained about: never head, handler or reader of the complaint (R143, R158)."""

    complaint = models.ForeignKey("complaints.Complaint", on_delete=models.PROTECT, related_name="accused")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("被投诉的人")
        verbose_name_plural = _("被投诉的人")
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["complaint", "user"], name="accused_once")]


class ExcludedPerson(models.Model):
    """不得告知: a user, or people named as free text, whom the complainant wants not to be informed (R158)."""

    complaint = models.ForeignKey("complaints.Complaint", on_delete=models.PROTECT, related_name="not_told")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    words = models.CharField(_("不得告知的人"), max_length=100, blank=True)

    class Meta:
        verbose_name = _("不得告知的人")
        verbose_name_plural = _("不得告知的人")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["complaint", "user"], name="not_told_once"),
            models.CheckConstraint(condition=Q(user__isnull=False) | ~Q(words=""), name="not_told_says_whom"),
        ]


class Viewing(CachedDisplayModel):
    """One viewing of a complaint or of a part of it; insert only (R153)."""

    class What(models.TextChoices):
        CASE = "case", _("打开")
        IDENTITY = "identity", _("显示完整信息")
        FILE = "file", _("下载附件")
        PAPER = "paper", _("打印或下载记录表")
        EXPORT = "export", _("导出")

    complaint = models.ForeignKey("complaints.Complaint", on_delete=models.PROTECT, related_name="viewings")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    what = models.CharField(_("看了什么"), max_length=10, choices=What.choices)
    at = models.DateTimeField(_("时间"), auto_now_add=True)

    objects = AppendOnlyQuerySet.as_manager()

    class Meta:
        verbose_name = _("查看记录")
        verbose_name_plural = _("查看记录")
        ordering = ["-pk"]
