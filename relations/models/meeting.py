"""会谈 (meetings): preparation, outline and results (R35-R52)."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from accounts.fields import LongTextField
from relations.models.cycle import Cycle
from relations.models.interaction import Interaction
from relations.models.stakeholder import Stakeholder, visible_with_stakeholder


class ItemKind(models.TextChoices):
    CHECKLIST = "checklist", _("会谈前的准备")
    OUTLINE = "outline", _("会谈提纲")


class MeetingTemplateItem(models.Model):
    """A line of the preparation checklist (R36-R40) or of the interview outline (R42-R46); edited in the admin site."""

    kind = models.CharField(_("清单"), max_length=10, choices=ItemKind.choices)
    text = models.CharField(_("内容"), max_length=200)
    clause = models.CharField(_("依据"), max_length=80, blank=True)
    position = models.PositiveSmallIntegerField(_("次序"), default=0)
    is_in_use = models.BooleanField(_("使用"), default=True)
    history = HistoricalRecords()

    class Meta:
        verbose_name = _("会谈模板")
        verbose_name_plural = _("会谈模板")
        ordering = ["kind", "position", "pk"]

    def __str__(self):
        return self.text


class MeetingForm(models.TextChoices):
    """The form of the meeting (R48)."""

    FACE = "face", _("面谈")
    PHONE = "phone", _("电话联系")
    OTHER = "other", _("其他")


class MeetingQuerySet(models.QuerySet):
    def visible_to(self, user):
        return self.filter(visible_with_stakeholder(user))


class Meeting(models.Model):
    """One meeting with a named lead (R35), prepared items, and the four parts of its record (R49-R52)."""

    stakeholder = models.ForeignKey(Stakeholder, on_delete=models.PROTECT, related_name="meetings")
    cycle = models.ForeignKey(Cycle, on_delete=models.PROTECT, related_name="meetings")
    lead = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="led_meetings",
        verbose_name=_("会谈主要负责人"),
    )
    planned_on = models.DateField(_("计划日期"))
    form = models.CharField(_("会谈的形式"), max_length=8, choices=MeetingForm.choices)
    purpose = models.CharField(_("会谈目的"), max_length=200, blank=True)
    needs = LongTextField(_("界定的需求"), blank=True)
    view_of_centre = LongTextField(_("对中心的看法"), blank=True)
    hoped_goals = LongTextField(_("期望达到的目标"), blank=True)
    roles = LongTextField(_("澄清的角色期望和责任"), blank=True)
    needs_urgent_help = models.BooleanField(_("有需要紧急协助处理的事项"), default=False)
    urgent_matter = models.CharField(_("紧急事项"), max_length=200, blank=True)
    interaction = models.OneToOneField(
        Interaction, on_delete=models.PROTECT, null=True, blank=True, related_name="meeting"
    )
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    version = models.PositiveIntegerField(default=1, editable=False)

    objects = MeetingQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        verbose_name = _("会谈")
        verbose_name_plural = _("会谈")
        ordering = ["-planned_on", "-pk"]

    def __str__(self):
        return f"{self.stakeholder_id} {self.planned_on}"


class MeetingItem(models.Model):
    """One line of this meeting's checklist or outline, copied from the template and freely editable (R47)."""

    meeting = models.ForeignKey(Meeting, on_delete=models.CASCADE, related_name="items")
    kind = models.CharField(max_length=10, choices=ItemKind.choices)
    text = models.CharField(max_length=200)
    note = LongTextField(blank=True)
    is_done = models.BooleanField(default=False)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["kind", "position", "pk"]
