"""Models of a service cycle: its stage, the record of each stage, and the log of moves (R13-R28, R54-R66)."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from accounts.fields import LongTextField
from relations.models.labels import CachedDisplayModel
from relations.models.stakeholder import Stakeholder, visible_with_stakeholder
from relations.parties.kinds import KINDS, choices_of, choices_of_every_kind


class Stage(models.TextChoices):
    """The seven stages in their fixed order (R13)."""

    CONTACT = "1_contact", _("初步建立联系")
    ASSESSMENT = "2_assessment", _("预估")
    DECISION = "3_decision", _("确认服务提供")
    PLAN = "4_plan", _("计划")
    EXECUTION = "5_execution", _("执行")
    EVALUATION = "6_evaluation", _("评估与结案")
    FOLLOW_UP = "7_follow_up", _("跟踪、回访")


def stage_label(stage, kind):
    """Returns the label of `stage`; a kind of stakeholder may have labels of its own."""
    spec = KINDS.get(kind)
    return (spec and spec.stage_labels.get(stage)) or Stage(stage).label


class Ending(models.TextChoices):
    """How a cycle ended; empty while it runs."""

    COMPLETED = "completed", _("回访期满")
    TERMINATED = "terminated", _("终止关系")
    REFERRED = "referred", _("转介")
    NEW_NEED = "new_need", _("有新的需求，进入新一轮")


class CycleQuerySet(models.QuerySet):
    def visible_to(self, user):
        return self.filter(visible_with_stakeholder(user))

    def running(self):
        return self.filter(ended_on=None)


class Cycle(models.Model):
    """One pass through the seven stages, with the fields of stage 1: the first contact and its receiver (R15-R16)."""

    stakeholder = models.ForeignKey(
        Stakeholder, on_delete=models.PROTECT, related_name="cycles", verbose_name=_("关系对象")
    )
    number = models.PositiveSmallIntegerField(_("第几轮"))
    previous = models.OneToOneField(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="next", verbose_name=_("上一轮")
    )
    stage = models.CharField(
        _("阶段"), max_length=14, choices=Stage.choices, default=Stage.CONTACT, editable=False
    )
    stage_since = models.DateField(_("进入本阶段"), editable=False)
    opened_on = models.DateField(_("开始"))
    ended_on = models.DateField(_("结束"), null=True, editable=False)
    ending = models.CharField(
        _("结束方式"), max_length=12, choices=Ending.choices, blank=True, editable=False
    )
    first_contact_on = models.DateField(_("首次联系日期"), null=True, blank=True)
    first_contact_time = models.TimeField(_("首次联系时间"), null=True, blank=True)
    received_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("接待人"),
    )
    class_confirmed = models.BooleanField(_("已确认对象类别"), default=False)
    preliminary_needs = LongTextField(_("初步评估的需求"), blank=True)
    version = models.PositiveIntegerField(default=1, editable=False)

    objects = CycleQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        verbose_name = _("服务周期")
        verbose_name_plural = _("服务周期")
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(fields=["stakeholder", "number"], name="cycle_number_once"),
            models.UniqueConstraint(
                fields=["stakeholder"], condition=Q(ended_on=None), name="cycle_one_running"
            ),
            models.CheckConstraint(
                condition=Q(ended_on=None, ending="") | (Q(ended_on__isnull=False) & ~Q(ending="")),
                name="cycle_ended_somehow",
            ),
        ]
        indexes = [models.Index(fields=["stage"], condition=Q(ended_on=None), name="cycle_running_stage")]

    def __str__(self):
        return f"{self.stakeholder_id} #{self.number}"


class StageChange(models.Model):
    """Log entry of one move. Written by relations.cycle.lifecycle only and never edited."""

    cycle = models.ForeignKey(Cycle, on_delete=models.PROTECT, related_name="changes")
    move = models.CharField(_("操作"), max_length=30)
    source = models.CharField(_("从"), max_length=14, choices=Stage.choices, blank=True)
    target = models.CharField(_("到"), max_length=14, choices=Stage.choices, blank=True)
    ending = models.CharField(_("结束方式"), max_length=12, choices=Ending.choices, blank=True)
    reason = LongTextField(_("原因"), blank=True)
    on = models.DateField(_("日期"))
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("操作人")
    )
    at = models.DateTimeField(_("时间"), auto_now_add=True)

    class Meta:
        verbose_name = _("阶段变动")
        verbose_name_plural = _("阶段变动")
        ordering = ["pk"]

    def get_target_display(self):
        """Overrides Django's: the label in the words of the kind of stakeholder."""
        return stage_label(self.target, self.cycle.stakeholder.kind) if self.target else ""


class Assessment(models.Model):
    """预估 (stage 2): material, needs, the views of both sides, and whether the centre can help (R17-R18, R54-R56)."""

    cycle = models.OneToOneField(Cycle, on_delete=models.PROTECT, related_name="assessment")
    material = LongTextField(_("收集到的详细资料"), blank=True)
    need_formation = LongTextField(_("需求形成的过程"), blank=True)
    existing_needs = LongTextField(_("存在的需求"))
    environment = LongTextField(_("与环境及环境系统的互动"), blank=True)
    conclusion = LongTextField(_("暂时性结论"))
    can_handle = models.BooleanField(_("对照中心的功能和实际情况，能够处理"), null=True)
    can_handle_reason = LongTextField(_("判断的理由"), blank=True)
    their_view = LongTextField(_("对方对需求的看法"), blank=True)
    is_willing = models.BooleanField(_("愿意由中心协助"), null=True)
    common_view = LongTextField(_("对需求的共同看法"), blank=True)
    goals = LongTextField(_("具体的目标"), blank=True)
    assessed_on = models.DateField(_("预估日期"))
    assessed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    version = models.PositiveIntegerField(default=1, editable=False)
    history = HistoricalRecords()

    class Meta:
        verbose_name = _("预估")
        verbose_name_plural = _("预估")


class Course(models.TextChoices):
    """The course of the relationship (R58)."""

    NEXT = "next", _("进入下一阶段")
    REFER = "refer", _("转介")
    TERMINATE = "terminate", _("终止关系")


class TerminationReason(models.TextChoices):
    """Why a relationship is terminated (R59-R62)."""

    OUT_OF_SCOPE = "out_of_scope", _("对方或其需求不在中心的职责、使命或功能范围之内")
    UNWILLING = "unwilling", _("对方不愿意接受服务，或中心的功能不符合需求，或需求已解决并满足")
    MISMATCH = "mismatch", _("对方的看法和期望与中心所能提供的服务不符")
    UNCONTROLLABLE = "uncontrollable", _("其他不可控因素")


def termination_reasons():
    """Returns the choices of the column, for all kinds; a form offers those of one kind only."""
    return choices_of_every_kind("termination_reasons", TerminationReason.choices)


class ReferralForm(models.TextChoices):
    FORMAL = "formal", _("正式转介")
    INFORMAL = "informal", _("非正式转介")


class DecisionQuerySet(models.QuerySet):
    def visible_to(self, user):
        return self.filter(visible_with_stakeholder(user, "cycle__stakeholder"))

    def awaiting(self):
        return self.filter(state=Decision.State.PROPOSED)


class Decision(CachedDisplayModel):
    """确认服务提供: intervene or not, with the reason, and the course taken (R19-R21, R58-R66).

    One user proposes it and another approves it. The state follows that of its approval request, `sheet`
    (relations.approvals.matter). Decisions older than approval requests have no `sheet`.
    """

    class State(models.TextChoices):
        PROPOSED = "proposed", _("待审批")
        APPROVED = "approved", _("已批准")
        RETURNED = "returned", _("已退回")
        WITHDRAWN = "withdrawn", _("已撤回")
        VOID = "void", _("已失效")

    ANSWERED = (State.APPROVED, State.RETURNED)
    TO_REPEAT = (State.RETURNED, State.WITHDRAWN, State.VOID)

    cycle = models.ForeignKey(Cycle, on_delete=models.PROTECT, related_name="decisions")
    sheet = models.OneToOneField(
        "accounts.Sheet", on_delete=models.PROTECT, null=True, editable=False, related_name="decision"
    )
    course = models.CharField(_("决定"), max_length=10, choices=Course.choices)
    justification = LongTextField(_("对照预估和中心实际情况的理由"))
    both_agree = models.BooleanField(_("双方对需求有共识"), default=False)
    is_willing = models.BooleanField(_("对方愿意由中心提供协助"), default=False)
    termination_reason = models.CharField(
        _("终止原因"), max_length=16, choices=termination_reasons, blank=True
    )
    help_offered = LongTextField(_("为帮助对方获得其他机会做了什么"), blank=True)
    referral_form = models.CharField(_("转介方式"), max_length=10, choices=ReferralForm.choices, blank=True)
    referred_to = models.CharField(_("转介到"), max_length=120, blank=True)
    state = models.CharField(_("状态"), max_length=10, choices=State.choices, default=State.PROPOSED)
    proposed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("提出人")
    )
    proposed_at = models.DateTimeField(_("提出时间"), auto_now_add=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("决定人"),
    )
    decided_on = models.DateField(_("决定日期"), null=True)
    decision_note = LongTextField(_("审批意见"), blank=True)

    objects = DecisionQuerySet.as_manager()
    history = HistoricalRecords()

    @property
    def termination_words(self):
        """The termination reason as text, as worded for the kind of the stakeholder; "" without one."""
        reasons = choices_of(self.cycle.stakeholder.kind, "termination_reasons", TerminationReason.choices)
        return dict(reasons).get(self.termination_reason, "")

    class Meta:
        verbose_name = _("关系进程的决定")
        verbose_name_plural = _("关系进程的决定")
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["cycle"], condition=Q(state="proposed"), name="decision_one_open"
            ),
            models.CheckConstraint(
                condition=~Q(course="terminate") | (~Q(termination_reason="") & ~Q(help_offered="")),
                name="decision_termination_is_explained",
            ),
            models.CheckConstraint(
                condition=~Q(course="refer") | (~Q(referral_form="") & ~Q(referred_to="")),
                name="decision_referral_is_told",
            ),
            models.CheckConstraint(
                condition=~Q(course="next") | Q(both_agree=True, is_willing=True),
                name="decision_next_needs_both",
            ),
            models.CheckConstraint(
                condition=Q(state="proposed", decided_by=None, decided_on=None)
                | Q(state__in=["approved", "returned"], decided_by__isnull=False, decided_on__isnull=False)
                | Q(state__in=["withdrawn", "void"], decided_by=None, decided_on__isnull=False),
                name="decision_decided_by_somebody",
            ),
            models.CheckConstraint(
                condition=~Q(state="proposed") | Q(sheet__isnull=False), name="decision_waits_on_a_sheet"
            ),
        ]


class GoalTag(models.TextChoices):
    """The five management goals, usable on plans and reports (R4)."""

    IMAGE = "image", _("树立信誉和形象")
    ENVIRONMENT = "environment", _("监督、改善运作环境")
    LIAISON = "liaison", _("联络社会公众和媒体，传递内外信息")
    SUPPORT = "support", _("辅助决策和协调人际关系")
    MISSION = "mission", _("MVV的有效实现")


class PlanGoal(models.Model):
    """A goal of the plan (R22)."""

    cycle = models.ForeignKey(Cycle, on_delete=models.PROTECT, related_name="goals")
    text = models.CharField(_("目标"), max_length=300)
    tag = models.CharField(_("管理目标"), max_length=12, choices=GoalTag.choices, blank=True)
    is_achieved = models.BooleanField(_("已实现"), null=True)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        verbose_name = _("计划目标")
        verbose_name_plural = _("计划目标")
        ordering = ["position", "pk"]

    def __str__(self):
        return self.text


class PlanAction(models.Model):
    """An action for a goal (R22); contacts of the execution stage refer to it (R23)."""

    goal = models.ForeignKey(PlanGoal, on_delete=models.PROTECT, related_name="actions")
    text = models.CharField(_("行动"), max_length=300)
    due_on = models.DateField(_("计划完成"), null=True, blank=True)
    is_done = models.BooleanField(_("已完成"), default=False)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        verbose_name = _("计划行动")
        verbose_name_plural = _("计划行动")
        ordering = ["position", "pk"]

    def __str__(self):
        return self.text


class ClosingType(models.TextChoices):
    """Why stage 6 closes the cycle (R104)."""

    ACHIEVED = "achieved", _("目标实现")
    UNWILLING = "unwilling", _("对方不愿继续接受服务")
    OBJECTIVE = "objective", _("存在不能实现目标的客观因素")
    OTHER = "other", _("其他")


def closing_types():
    """Returns the choices of the column, for all kinds; a form offers those of one kind only."""
    return choices_of_every_kind("closing_types", ClosingType.choices)


class Evaluation(models.Model):
    """评估与结案 (stage 6): whether the plan was realised, the lessons, and how to consolidate the results.

    R24-R26, R103-R104.
    """

    class Realised(models.TextChoices):
        FULLY = "fully", _("全部实现")
        PARTLY = "partly", _("部分实现")
        NOT = "not", _("没有实现")

    cycle = models.OneToOneField(Cycle, on_delete=models.PROTECT, related_name="evaluation")
    realised = models.CharField(_("是否实现了介入计划"), max_length=8, choices=Realised.choices)
    lessons = LongTextField(_("总结的经验"))
    process_reflection = LongTextField(_("对过程的反思"))
    result_reflection = LongTextField(_("对结果的反思"))
    consolidation = LongTextField(_("怎样巩固已有的成效"))
    closing_type = models.CharField(_("结束类型"), max_length=10, choices=closing_types)
    closing_note = models.CharField(_("说明"), max_length=300, blank=True)
    evaluated_on = models.DateField(_("评估日期"))
    evaluated_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    version = models.PositiveIntegerField(default=1, editable=False)
    history = HistoricalRecords()

    @property
    def closing_words(self):
        """The closing type as text, as worded for the kind of the stakeholder."""
        types = choices_of(self.cycle.stakeholder.kind, "closing_types", ClosingType.choices)
        return dict(types).get(self.closing_type, "")

    class Meta:
        verbose_name = _("评估与结案")
        verbose_name_plural = _("评估与结案")
        constraints = [
            models.CheckConstraint(
                condition=~Q(closing_type="other") | ~Q(closing_note=""), name="evaluation_other_is_told"
            )
        ]
