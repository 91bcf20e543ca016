"""One opinion or complaint, from the day it was received to the day it is closed (R121-R182)."""

from django.conf import settings
from django.db import models
from django.db.models import Case, DateField, F, Q, When
from django.db.models.functions import Coalesce, Least
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.fields import LongTextField
from complaints.models.access import Access
from relations.models.labels import CachedDisplayModel


class ComplaintKind(models.TextChoices):
    """Suggestion, complaint or praise (R136, R168)."""

    SUGGESTION = "suggestion", _("建议")
    COMPLAINT = "complaint", _("投诉")
    PRAISE = "praise", _("表扬")


class Channel(models.TextChoices):
    """The eight channels of complaints (R128-R135)."""

    MEETING = "meeting", _("座谈会")
    FORM = "form", _("意见收集表（纸质或网上）")
    ORAL = "oral", _("口头向中心反映")
    PHONE = "phone", _("致电中心")
    POST = "post", _("邮寄")
    EMAIL = "email", _("电子邮件")
    WECHAT = "wechat", _("微信公众号")
    OTHER = "other", _("其他途径")


class Method(models.TextChoices):
    """The seven checkboxes of the form (R170); e-mail and post have none of their own (R171)."""

    ORAL = "oral", _("口头")
    WRITTEN = "written", _("书面")
    WECHAT = "wechat", _("微信")
    QQ = "qq", "QQ"
    PHONE = "phone", _("电话")
    BOX = "box", _("意见箱")
    MEETING = "meeting", _("民主会议")


METHOD_OF_CHANNEL = {
    Channel.MEETING: Method.MEETING,
    Channel.FORM: Method.WRITTEN,
    Channel.ORAL: Method.ORAL,
    Channel.PHONE: Method.PHONE,
    Channel.POST: Method.WRITTEN,
    Channel.EMAIL: Method.WRITTEN,
    Channel.WECHAT: Method.WECHAT,
    Channel.OTHER: Method.WRITTEN,
}


class PersonClass(models.TextChoices):
    """The class of the complainant (R121)."""

    EMPLOYER = "employer", pgettext_lazy("one that speaks up", "用人单位")
    CLIENT = "client", pgettext_lazy("one that speaks up", "服务对象")
    FAMILY = "family", _("服务对象家属")
    PARTNER = "partner", _("合作方")
    STAFF = "staff", _("员工")
    OTHER = "other", _("其他人士")


class Subject(models.TextChoices):
    """What a complaint is about (R137-R138); whether it is a personnel matter is a separate flag."""

    GUIDE = "guide", _("服务指南")
    RULES = "rules", _("服务规定")
    PROCEDURE = "procedure", _("服务程序")
    DECISION = "decision", _("中心的决定")
    CONDUCT = "conduct", _("员工的行动或态度")
    MANAGEMENT = "management", _("服务与管理")
    OTHER = "other", _("其他")


class State(models.TextChoices):
    """The state of a complaint; complaints.workflow.lifecycle defines which act leads to which state."""

    WITH_HEAD = "with_head", _("已交负责人")
    HANDLING = "handling", _("调查中")
    REPLIED = "replied", _("已回复，待确认是否满意")
    UNRESOLVED = "unresolved", _("不满意，待说明打算")
    PLANNED = "planned", _("已说明打算，待答复结果")
    PASSED = "passed", _("已转行政机关，待反馈")
    ANSWERED = "answered", _("已答复结果，待确认是否满意")
    SETTLED = "settled", _("待负责人签署意见")
    CLOSED = "closed", _("已办结")
    NOT_PROCESSED = "not_processed", _("登记，不予处理")
    VOID = "void", _("登记有误")


RESPONSE, RESULT = CLOCKS = ("response", "result")  # their columns begin with these: response_due_on
ENDED = (State.CLOSED, State.NOT_PROCESSED, State.VOID)
WAITING_FOR_COMPLAINANT = (State.REPLIED, State.ANSWERED)


class Finding(models.TextChoices):
    """Whether a complaint was borne out (R150)."""

    TRUE = "true", _("属实")
    PARTLY = "partly", _("部分属实")
    UNTRUE = "untrue", _("不属实")


class ComplaintQuerySet(models.QuerySet):
    def visible_to(self, user):
        """Complaints on whose access list `user` is now; no role, scope or stand-in opens any other (R153)."""
        if not user.is_active:
            return self.none()
        return self.filter(pk__in=Access.objects.current().filter(user=user.pk).values("complaint"))

    def open(self):
        return self.exclude(state__in=ENDED)

    def running(self):
        """Open complaints that are not paused."""
        return self.open().filter(paused_on=None)

    def overdue_on(self, day):
        """Complaints with a clock that is not met and was due before `day`, by the stored dates (design §3)."""
        late = Q(response_met_on=None, response_due_on__lt=day) | Q(result_met_on=None, result_due_on__lt=day)
        return self.running().filter(late)

    def due_by(self, day):
        """Complaints with a clock that is not met and due on `day` or earlier."""
        due = Q(response_met_on=None, response_due_on__lte=day) | Q(
            result_met_on=None, result_due_on__lte=day
        )
        return self.running().filter(due)

    def received_in(self, first, last):
        return self.filter(received_on__gte=first, received_on__lte=last)

    def with_next_due(self):
        """Adds `next_due_on`: the earlier of the due dates that are not met, or None."""
        waiting = [
            Case(When(**{f"{clock}_met_on": None}, then=F(f"{clock}_due_on")), output_field=DateField())
            for clock in CLOCKS
        ]
        return self.annotate(next_due_on=Least(Coalesce(*waiting), Coalesce(*reversed(waiting))))


class Complaint(CachedDisplayModel):
    """意见／投诉: what a complainant raised, who handles it, and its two clocks.

    `number` is random, so that one number does not reveal how many there are. `code_hash` is the SHA-256 of the receipt
    code of the public portal. `intake_key` makes sure that a form submitted twice makes one complaint.
    """

    number = models.CharField(_("编号"), max_length=16, unique=True, editable=False)
    intake_key = models.CharField(max_length=36, unique=True, editable=False)
    kind = models.CharField(_("种类"), max_length=12, choices=ComplaintKind.choices)
    channel = models.CharField(_("途径"), max_length=8, choices=Channel.choices)
    method = models.CharField(_("收集方式"), max_length=8, choices=Method.choices)
    person_class = models.CharField(_("反映人身份"), max_length=10, choices=PersonClass.choices)
    stakeholder = models.ForeignKey(
        "relations.Stakeholder",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="complaints",
        verbose_name=_("有关的关系对象"),
    )
    is_anonymous = models.BooleanField(_("匿名"), default=False)
    name = models.CharField(_("姓名"), max_length=40, blank=True)
    contact = models.CharField(_("联系方式"), max_length=120, blank=True)
    subject = models.CharField(_("反映的方面"), max_length=12, choices=Subject.choices)
    is_personnel = models.BooleanField(_("人事投诉"), default=False)
    title = models.CharField(_("反映的主题"), max_length=60)
    statement = LongTextField(_("陈述"))
    stated_on = models.DateField(_("陈述日期"))
    received_on = models.DateField(_("收到日期"))
    entered_at = models.DateTimeField(_("登记时间"), editable=False)
    entered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, editable=False, related_name="+"
    )
    handed_over_at = models.DateTimeField(_("转交负责人时间"), editable=False)
    state = models.CharField(_("状态"), max_length=14, choices=State.choices, default=State.WITH_HEAD)
    head = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("中心负责人")
    )
    handler = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("跟进人"),
    )
    told_on = models.DateField(_("告知处理方式和时限的日期"), null=True, editable=False)
    counted_from = models.DateField(_("计时起点"), editable=False)
    planned_on = models.DateField(_("说明打算的日期"), null=True, editable=False)
    response_due_on = models.DateField(_("回应期限"), null=True, editable=False)
    response_met_on = models.DateField(_("回应日期"), null=True, editable=False)
    result_due_on = models.DateField(_("答复结果期限"), null=True, editable=False)
    result_met_on = models.DateField(_("答复结果日期"), null=True, editable=False)
    response_extended_to = models.DateField(null=True, editable=False)
    result_extended_to = models.DateField(null=True, editable=False)
    # how often an act has moved a due date: extended, promised, paused, restarted
    extensions = models.PositiveSmallIntegerField(default=0, editable=False)
    paused_on = models.DateField(_("暂停计时日期"), null=True, editable=False)
    paused_days = models.PositiveSmallIntegerField(_("暂停的工作日"), default=0, editable=False)
    is_provisional = models.BooleanField(_("期限暂定"), default=False, editable=False)
    is_satisfied = models.BooleanField(_("对回复满意"), null=True, editable=False)
    next_step = models.CharField(_("下一步"), max_length=200, blank=True, editable=False)
    next_step_on = models.DateField(_("下一步日期"), null=True, editable=False)
    finding = models.CharField(
        _("是否属实"), max_length=8, choices=Finding.choices, blank=True, editable=False
    )
    opinion = LongTextField(_("负责人意见"), blank=True, editable=False)
    opinion_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, editable=False, related_name="+"
    )
    opinion_on = models.DateField(_("签署日期"), null=True, editable=False)
    closed_on = models.DateField(_("办结日期"), null=True, editable=False)
    # Only its head exports it or prints it in the file of a period (R154). It hides nothing else: sight and every count
    # start from visible_to, which is the access list for any complaint.
    is_strictly_confidential = models.BooleanField(_("严格保密"), default=False)
    code_hash = models.CharField(max_length=64, unique=True, null=True, editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)

    objects = ComplaintQuerySet.as_manager()

    class Meta:
        verbose_name = _("意见／投诉")
        verbose_name_plural = _("意见／投诉")
        ordering = ["-received_on", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(is_anonymous=False) | Q(name=""), name="complaint_anonymous_has_no_name"
            ),
            models.CheckConstraint(
                condition=~Q(state="not_processed") | Q(is_anonymous=True, is_personnel=True),
                name="complaint_not_processed_is_anonymous_personnel",
            ),
            models.CheckConstraint(
                condition=~Q(state="not_processed") | Q(response_due_on=None, result_due_on=None),
                name="complaint_not_processed_has_no_clock",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["not_processed", "void"])
                | Q(response_due_on__isnull=False, result_due_on__isnull=False),
                name="complaint_processed_has_clocks",
            ),
            models.CheckConstraint(
                condition=Q(opinion="", opinion_by=None, opinion_on=None)
                | (~Q(opinion="") & Q(opinion_by__isnull=False, opinion_on__isnull=False)),
                name="complaint_opinion_is_signed",
            ),
            models.CheckConstraint(
                condition=(~Q(state="closed") & Q(closed_on=None))
                | Q(state="closed", closed_on__isnull=False),
                name="complaint_closed_has_date",
            ),
            models.CheckConstraint(
                condition=Q(stated_on__lte=F("received_on")), name="complaint_stated_before_received"
            ),
        ]
        indexes = [
            models.Index(fields=["-received_on", "-id"], name="complaint_received"),
            models.Index(
                fields=["response_due_on"], condition=Q(response_met_on=None), name="complaint_response"
            ),
            models.Index(fields=["result_due_on"], condition=Q(result_met_on=None), name="complaint_result"),
            models.Index(fields=["stakeholder", "-received_on"], name="complaint_stakeholder"),
            models.Index(fields=["subject", "-received_on"], name="complaint_subject"),
        ]

    def __str__(self):
        return self.number

    @property
    def is_open(self):
        return self.state not in ENDED

    def get_absolute_url(self):
        return reverse("complaints:case", args=[self.number])
