"""The acts of a complaint, rows that are never changed or deleted (R126), and the files that belong to them."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.fields import LongTextField
from complaints.models.case import Complaint
from complaints.models.written_once import AppendOnlyError, AppendOnlyQuerySet
from relations.models.labels import CachedDisplayModel


class ActKind(models.TextChoices):
    """The kinds of acts; complaints.workflow.lifecycle defines who may perform them and when."""

    REGISTERED = "registered", _("登记")
    HANDED_OVER = "handed_over", _("转交中心负责人")
    APPOINTED = "appointed", _("指派跟进人")
    TOLD = "told", _("告知处理方式和时限")
    NOTE = "note", _("调查记录")
    QUESTION = "question", _("询问反映人")
    MESSAGE = "message", _("反映人留言")
    REPLY = "reply", _("回复")
    SATISFIED = "satisfied", _("对回复满意")
    UNSATISFIED = "unsatisfied", _("对回复不满意")
    NO_WORD = "no_word", _("没有表态")
    PLAN = "plan", _("说明打算和答复时限")
    PASSED = "passed", _("转交行政机关")
    ANSWER = "answer", _("答复结果")
    FOLLOW_UP = "follow_up", _("需要进一步跟进")
    OPINION = "opinion", _("负责人意见")
    CLOSED = "closed", _("办结")
    REOPENED = "reopened", _("重新处理")
    RECLASSED = "reclassed", _("更正分类")
    EXTENDED = "extended", _("另定日期")
    PAUSED = "paused", _("暂停计时")
    RESUMED = "resumed", _("恢复计时")
    RECKONED = "reckoned", _("按放假通知重算期限")
    ACCUSED = "accused", _("登记被投诉的人")
    LISTED = "listed", _("增加知情人")
    DELISTED = "delisted", _("减少知情人")
    MARKED = "marked", _("改变保密要求")
    MEASURE = "measure", _("改善措施")
    FILED = "filed", _("附件")
    HEAD_CHANGED = "head_changed", _("更换负责人")
    IDENTIFIED = "identified", _("反映人补充身份")
    REMINDED = "reminded", _("提醒")
    VOIDED = "voided", _("标为登记有误")


class ReplyForm(models.TextChoices):
    """How the complainant was answered (R141, R149)."""

    PHONE = "phone", _("电话")
    INTERVIEW = "interview", _("面谈")
    EMAIL = "email", _("电子邮件")
    WRITING = "writing", _("书面")
    WECHAT = "wechat", _("微信")
    CODE = "code", _("查询码留言")
    NOTICE = "notice", _("公示（匿名且没有联系方式）")


class ActQuerySet(AppendOnlyQuerySet):
    def public(self):
        """The acts that the complainant can read with the receipt code."""
        return self.filter(is_public=True)


class Act(CachedDisplayModel):
    """One act: who did what and when, and its text. `seal` chains it to the previous act (complaints.acts.audit_log).

    `at` is when it was recorded, `on` the day on which it was done. `by` is empty for automatic acts and for those of
    the complainant. `details` stores former values: dates, classes, names of fields.
    """

    complaint = models.ForeignKey("complaints.Complaint", on_delete=models.PROTECT, related_name="acts")
    place = models.PositiveSmallIntegerField()
    kind = models.CharField(_("行动"), max_length=14, choices=ActKind.choices)
    at = models.DateTimeField(_("时间"))
    on = models.DateField(_("日期"))
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    text = LongTextField(_("内容"), blank=True)
    form_of_reply = models.CharField(_("方式"), max_length=10, choices=ReplyForm.choices, blank=True)
    due_on = models.DateField(_("时限"), null=True)
    is_public = models.BooleanField(default=False)
    from_state = models.CharField(max_length=14, blank=True)
    to_state = models.CharField(max_length=14, blank=True)
    details = models.JSONField(default=dict)
    seal = models.CharField(max_length=64)

    objects = ActQuerySet.as_manager()

    class Meta:
        verbose_name = _("办理经过")
        verbose_name_plural = _("办理经过")
        ordering = ["place"]
        constraints = [models.UniqueConstraint(fields=["complaint", "place"], name="act_place_once")]

    def save(self, *args, **kwargs):
        if not self._state.adding:
            raise AppendOnlyError("Act")
        super().save(*args, **kwargs)

    def delete(self, *args, **kwargs):
        raise AppendOnlyError("Act")


class EnclosureQuerySet(models.QuerySet):
    def visible_to(self, user):
        return self.filter(complaint__in=Complaint.objects.visible_to(user).values("pk"))


class Enclosure(models.Model):
    """附件: a scan, picture or proof that belongs to an act; visible to the same users as the complaint."""

    complaint = models.ForeignKey("complaints.Complaint", on_delete=models.PROTECT, related_name="enclosures")
    act = models.ForeignKey(Act, on_delete=models.PROTECT, related_name="enclosures")
    file = models.FileField(_("文件"), upload_to="complaints/%Y")
    name = models.CharField(_("文件名"), max_length=150)
    content_type = models.CharField(max_length=100)
    size = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    uploaded_at = models.DateTimeField(auto_now_add=True)

    objects = EnclosureQuerySet.as_manager()

    class Meta:
        verbose_name = _("意见／投诉的附件")
        verbose_name_plural = _("意见／投诉的附件")
        ordering = ["pk"]

    def __str__(self):
        return self.name
