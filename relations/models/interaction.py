"""沟通记录: the log of contacts, from which duties, printed forms, timelines and indicators are read (R101-R102)."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from accounts.roles import tiers_in
from relations.models import task_origins
from relations.models.figures import CountOnly
from relations.models.labels import CachedDisplayModel
from relations.models.stakeholder import (
    ContactPerson,
    Stakeholder,
    countable_with_stakeholder,
    level_choices,
    visible_with_stakeholder,
)


class Channel(models.TextChoices):
    """How the contact was made (R48, R75)."""

    FACE = "face", _("面谈")
    PHONE = "phone", _("电话")
    WECHAT = "wechat", _("微信")
    QQ = "qq", _("QQ")
    MEETING = "meeting", _("会议")
    VISIT = "visit", _("走访")
    EMAIL = "email", _("邮件")
    LETTER = "letter", _("书面")
    OTHER = "other", _("其他")
    DESK = "desk", _("核对")  # a check of the information sheet, without a contact


class Purpose(models.TextChoices):
    """The purpose of a contact (R68-R102). The order gives PURPOSE_BITS and must not change; append new ones."""

    ORDINARY = "ordinary", _("日常沟通")
    WORK_REPORT = "work_report", _("工作汇报")
    YEAR_END_REPORT = "year_end_report", _("年终汇报")
    INVITATION = "invitation", _("邀请参与")
    URGENT = "urgent", _("紧急沟通")
    INTERVIEW = "interview", _("会谈")
    FOLLOW_UP = "follow_up", _("回访")
    GREETING = "greeting", _("节日慰问")
    PUSH = "push", _("信息推送")
    VISIT = "visit", _("走访交流")
    FEEDBACK = "feedback", _("收集反馈")
    RENEWAL = "renewal", _("续签沟通")
    SHEET_CHECK = "sheet_check", _("信息表核对")
    OTHER = "other", _("其他维护")


PURPOSE_BITS = {purpose: 1 << place for place, purpose in enumerate(Purpose.values)}
FORMAL_PURPOSES = {Purpose.WORK_REPORT, Purpose.YEAR_END_REPORT}


class Outcome(models.TextChoices):
    REACHED = "reached", _("联系上了")
    ATTEMPTED = "attempted", _("没联系上")  # never counts (R446)


class Starter(models.TextChoices):
    """Who started the contact (R97, R100)."""

    US = "us", _("我们发起")
    THEM = "them", _("对方发起")


class GuestRole(models.TextChoices):
    """The role of an invited guest (R96)."""

    VOLUNTEER = "volunteer", _("志愿者")
    OBSERVER = "observer", _("观察者")


class InteractionQuerySet(models.QuerySet):
    def visible_to(self, user):
        """Contacts visible with their stakeholder; withdrawn ones are shown in the history only."""
        return self.filter(visible_with_stakeholder(user), withdrawn_at=None)

    def countable_by(self, user):
        """Returns a CountOnly of the contacts that `user` may count; it returns no rows."""
        return CountOnly(self.filter(countable_with_stakeholder(user), withdrawn_at=None))

    def counting(self):
        """Contacts that can meet a duty: not withdrawn, and the other side was reached (R446)."""
        return self.filter(withdrawn_at=None, outcome=Outcome.REACHED)

    def contacts(self):
        """Excludes checks of the information sheet, which are not contacts."""
        return self.exclude(purpose=Purpose.SHEET_CHECK)


class Interaction(CachedDisplayModel):
    """One contact. `contact_on` is the day it happened, `entered_at` the time it was entered (R101)."""

    stakeholder = models.ForeignKey(
        Stakeholder, on_delete=models.PROTECT, related_name="interactions", verbose_name=_("关系对象")
    )
    cycle = models.ForeignKey(
        "relations.Cycle", on_delete=models.PROTECT, null=True, blank=True, related_name="interactions"
    )
    plan_action = models.ForeignKey(
        "relations.PlanAction",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="interactions",
        verbose_name=_("对应的计划行动"),
    )
    contact_on = models.DateField(_("沟通日期"))
    channel = models.CharField(_("方式"), max_length=10, choices=Channel.choices)
    purpose = models.CharField(_("事由"), max_length=16, choices=Purpose.choices, default=Purpose.ORDINARY)
    outcome = models.CharField(_("结果"), max_length=10, choices=Outcome.choices, default=Outcome.REACHED)
    started_by = models.CharField(_("发起方"), max_length=6, choices=Starter.choices, default=Starter.US)
    starter = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("发起人"),
    )
    guest_role = models.CharField(_("参与身份"), max_length=10, choices=GuestRole.choices, blank=True)
    content = models.TextField(_("说了什么"), max_length=5000)
    follow_up = models.TextField(_("需跟进事项"), max_length=2000, blank=True)
    purpose_bit = models.PositiveIntegerField(editable=False)
    tier_mask = models.PositiveSmallIntegerField(default=0, editable=False)
    with_mask = models.PositiveSmallIntegerField(default=0, editable=False)
    level_mask = models.PositiveSmallIntegerField(default=0, editable=False)
    entered_at = models.DateTimeField(_("登记时间"), auto_now_add=True)
    entered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="entered_interactions",
        verbose_name=_("登记人"),
    )
    withdrawn_at = models.DateTimeField(_("撤销时间"), null=True, editable=False)
    withdrawn_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, editable=False, related_name="+"
    )
    withdraw_reason = models.CharField(_("撤销原因"), max_length=200, blank=True, editable=False)
    token = models.UUIDField(null=True, unique=True, editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)

    objects = InteractionQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        verbose_name = _("沟通记录")
        verbose_name_plural = _("沟通记录")
        ordering = ["-contact_on", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(withdrawn_at=None, withdrawn_by=None)
                | Q(withdrawn_at__isnull=False, withdrawn_by__isnull=False),
                name="interaction_withdrawn_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(guest_role="") | Q(purpose="invitation"), name="interaction_guests_are_invited"
            ),
        ]
        indexes = [
            models.Index(fields=["stakeholder", "-contact_on", "-id"], name="interaction_of_stakeholder"),
            models.Index(fields=["-contact_on", "-id"], name="interaction_newest"),
            models.Index(fields=["entered_by", "-contact_on", "-id"], name="interaction_entered_by"),
            models.Index(fields=["purpose", "-contact_on", "-id"], name="interaction_purpose"),
        ]

    def __str__(self):
        return f"{self.contact_on} {self.get_purpose_display()}"

    def save(self, *args, **kwargs):
        self.purpose_bit = PURPOSE_BITS[self.purpose]
        super().save(*args, **kwargs)

    @property
    def is_formal(self):
        """Whether the contact is formal: work reports are (R89)."""
        return self.purpose in FORMAL_PURPOSES

    @property
    def is_urgent(self):
        """Whether the contact is urgent; marked so that it can be found and reviewed (R99)."""
        return self.purpose == Purpose.URGENT


class OurParticipant(models.Model):
    """One of our users in a contact, with the tiers held on that day (R87); `is_accompanying` marks 陪同."""

    interaction = models.ForeignKey(Interaction, on_delete=models.CASCADE, related_name="our_people")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="participations"
    )
    tier_mask = models.PositiveSmallIntegerField(default=0)
    is_accompanying = models.BooleanField(_("陪同"), default=False)

    class Meta:
        ordering = ["is_accompanying", "pk"]
        constraints = [models.UniqueConstraint(fields=["interaction", "user"], name="our_participant_once")]

    @property
    def tiers(self):
        return tiers_in(self.tier_mask)


class TheirParticipant(models.Model):
    """A contact person of the other side in a contact, with the level held on that day (R86, R88)."""

    interaction = models.ForeignKey(Interaction, on_delete=models.CASCADE, related_name="their_people")
    person = models.ForeignKey(ContactPerson, on_delete=models.PROTECT, related_name="participations")
    level = models.CharField(max_length=16, choices=level_choices)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["interaction", "person"], name="their_participant_once")
        ]

    def __str__(self):
        return str(self.person)


class TaskQuerySet(models.QuerySet):
    def visible_to(self, user):
        return self.filter(visible_with_stakeholder(user))

    def open(self):
        return self.filter(done_at=None, dropped_at=None)

    def overdue_on(self, day):
        return self.open().filter(due_on__lt=day)


class Task(CachedDisplayModel):
    """待办: something due once, such as a promised follow-up, a renewal talk, a greeting, a revisit or an emergency."""

    class Origin(models.TextChoices):
        """Origins of the tasks that this app creates. relations.models.task_origins.ORIGINS has those of all apps."""

        FOLLOW_UP = "follow_up", _("跟进事项")
        RETRY = "retry", _("再联系一次")
        GREETING = "greeting", _("节日慰问")
        REVISIT = "revisit", _("跟踪回访")
        URGENT = "urgent", _("紧急协助")
        REPORT = "report", _("年终汇报约时间")
        MONTHLY_SHEET = "monthly_sheet", _("按月填写沟通记录表")
        NUDGE = "nudge", _("同事提醒")
        OTHER = "other", _("其他")

    stakeholder = models.ForeignKey(
        Stakeholder, on_delete=models.PROTECT, related_name="tasks", verbose_name=_("关系对象")
    )
    key = models.CharField(max_length=120, unique=True)
    origin = models.CharField(_("由来"), max_length=14, choices=task_origins.origin_choices)
    title = models.CharField(_("要做什么"), max_length=200)
    clause = models.CharField(_("依据"), max_length=120, blank=True)
    due_on = models.DateField(_("期限"))
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="tasks",
        verbose_name=_("负责人"),
    )
    raised_by = models.ForeignKey(
        Interaction, on_delete=models.PROTECT, null=True, blank=True, related_name="raised_tasks"
    )
    done_by = models.ForeignKey(
        Interaction, on_delete=models.SET_NULL, null=True, blank=True, related_name="done_tasks"
    )
    done_at = models.DateTimeField(_("完成时间"), null=True, editable=False)
    done_on = models.DateField(_("完成日期"), null=True, editable=False)
    dropped_at = models.DateTimeField(_("取消时间"), null=True, editable=False)
    drop_reason = models.CharField(_("取消原因"), max_length=200, blank=True)
    is_provisional = models.BooleanField(_("暂定"), default=False)
    notified = models.PositiveSmallIntegerField(default=0, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, editable=False, related_name="+"
    )

    objects = TaskQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        verbose_name = _("待办")
        verbose_name_plural = _("待办")
        ordering = ["due_on", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(done_at=None) | Q(dropped_at=None), name="task_done_or_dropped"
            ),
            models.CheckConstraint(
                condition=Q(dropped_at=None) | ~Q(drop_reason=""), name="task_dropped_with_reason"
            ),
        ]
        indexes = [
            models.Index(
                fields=["owner", "due_on"], condition=Q(done_at=None, dropped_at=None), name="task_open_owner"
            ),
            models.Index(fields=["stakeholder", "due_on"], name="task_of_stakeholder"),
            models.Index(
                fields=["notified", "due_on"],
                condition=Q(done_at=None, dropped_at=None),
                name="task_to_notify",
            ),
        ]

    def __str__(self):
        return self.title


class AttachmentQuerySet(models.QuerySet):
    def visible_to(self, user):
        return self.filter(visible_with_stakeholder(user), withdrawn_at=None)


class Attachment(models.Model):
    """A file of a stakeholder. Its type is determined from the content; it is served only after a permission check."""

    stakeholder = models.ForeignKey(Stakeholder, on_delete=models.PROTECT, related_name="attachments")
    interaction = models.ForeignKey(
        Interaction, on_delete=models.PROTECT, null=True, blank=True, related_name="attachments"
    )
    term = models.ForeignKey(
        "relations.Term", on_delete=models.PROTECT, null=True, blank=True, related_name="attachments"
    )
    file = models.FileField(upload_to="attachments/%Y/%m/", max_length=200)
    name = models.CharField(_("文件名"), max_length=150)
    content_type = models.CharField(max_length=100)
    size = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    uploaded_at = models.DateTimeField(auto_now_add=True)
    uploaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    withdrawn_at = models.DateTimeField(null=True, editable=False)
    withdrawn_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, editable=False, related_name="+"
    )

    objects = AttachmentQuerySet.as_manager()

    class Meta:
        verbose_name = _("附件")
        verbose_name_plural = _("附件")
        ordering = ["-uploaded_at", "-pk"]

    def __str__(self):
        return self.name
