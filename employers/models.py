"""用人单位: organisations that buy or use the centre's service, and contracts with them (R8, R29-R34, R67)."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Upper
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from accounts.fields import LongTextField
from relations.models import Kind
from relations.models.kind import Agreement, Record

NUMBER_PREFIX = "YR"


class BodyType(models.TextChoices):
    """The type of organisation (R8); 群团组织 is not in the document, but common in registers."""

    GOVERNMENT = "government", _("政府部门")
    ENTERPRISE = "enterprise", _("企业")
    INSTITUTION = "institution", _("事业单位")
    MASS = "mass", _("群团组织")
    OTHER = "other", _("其他")


class Relation(models.TextChoices):
    """Whether an employer buys the service, uses it, or both (R8)."""

    BOTH = "both", _("购买并使用")
    BUYS = "buys", _("购买")
    USES = "uses", _("使用")


class Supervision(models.TextChoices):
    """Whether an employer supervises the centre directly or indirectly (R8)."""

    DIRECT = "direct", _("直接监督和指导")
    INDIRECT = "indirect", _("间接监督和指导")


class Employer(Record):
    """An organisation that buys or uses the service. Active or prospective follows from its contracts (R32)."""

    KIND = Kind.EMPLOYER

    body_type = models.CharField(
        _("单位类型"), max_length=12, choices=BodyType.choices, default=BodyType.GOVERNMENT
    )
    relation = models.CharField(
        _("购买或使用"), max_length=6, choices=Relation.choices, default=Relation.BOTH
    )
    supervision = models.CharField(
        _("监督指导"), max_length=10, choices=Supervision.choices, default=Supervision.DIRECT
    )
    town = models.CharField(_("所属镇街"), max_length=40, blank=True)
    address = models.CharField(_("地址"), max_length=200, blank=True)
    parent_unit = models.CharField(_("主管单位"), max_length=120, blank=True)
    service_area = models.CharField(_("服务区域"), max_length=200, blank=True)
    past_cooperation = LongTextField(_("以前购买社工服务的情况"), blank=True)
    prospects = LongTextField(_("合作机会和意愿"), blank=True)
    note = LongTextField(_("备注"), blank=True)

    history = HistoricalRecords()

    class Meta:
        verbose_name = _("用人单位")
        verbose_name_plural = _("用人单位")
        ordering = ["pk"]
        indexes = [
            models.Index(fields=["town"], name="employer_town"),
            models.Index(fields=["body_type"], name="employer_body_type"),
        ]


class Contract(Agreement):
    """服务合同或协议: number, parties, term, goals, constraints and scans (R67)."""

    number = models.CharField(_("合同编号"), max_length=60)
    parties = models.CharField(_("签约方"), max_length=300, blank=True)
    signed_on = models.DateField(_("签订日期"), null=True, blank=True)
    content = LongTextField(_("服务内容"), blank=True)
    goals = LongTextField(_("目标"), blank=True)
    constraints = LongTextField(_("约束"), blank=True)
    amount = models.DecimalField(_("金额（元）"), max_digits=14, decimal_places=2, null=True, blank=True)

    history = HistoricalRecords()

    class Meta:
        verbose_name = _("合同")
        verbose_name_plural = _("合同")
        indexes = [models.Index(Upper("number"), name="contract_number_in_any_case")]

    def __str__(self):
        return self.number


class PossibleDuplicateQuerySet(models.QuerySet):
    def open(self):
        """Unsettled pairs of which neither record is voided."""
        return self.filter(settled_at=None, first__voided_at=None, second__voided_at=None)

    def visible_to(self, user):
        """Pairs of which `user` may see both employers."""
        visible = Employer.objects.visible_to(user).values("pk")
        return self.filter(first__in=visible, second__in=visible)


class PossibleDuplicate(models.Model):
    """Two employers that may be the same: found by employers.duplicates, settled by a user who may see both."""

    class What(models.TextChoices):
        NAME = "name", _("名称相同")
        CONTRACT = "contract", _("合同编号相同")

    first = models.ForeignKey(Employer, on_delete=models.CASCADE, related_name="+")
    second = models.ForeignKey(Employer, on_delete=models.CASCADE, related_name="+")
    what = models.CharField(max_length=8, choices=What.choices)
    found_on = models.DateField()
    settled_at = models.DateTimeField(null=True)
    settled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )

    objects = PossibleDuplicateQuerySet.as_manager()

    class Meta:
        verbose_name = _("可能重复的单位")
        verbose_name_plural = _("可能重复的单位")
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(fields=["first", "second", "what"], name="duplicate_once"),
            models.CheckConstraint(condition=Q(first__lt=F("second")), name="duplicate_in_order"),
            models.CheckConstraint(
                condition=Q(settled_at=None, settled_by=None)
                | Q(settled_at__isnull=False, settled_by__isnull=False),
                name="duplicate_settled_by_somebody",
            ),
        ]
