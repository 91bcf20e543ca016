"""Contact rules (which of our tiers contacts which level of theirs, how often; R72-R88), and the duties from them."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from accounts.access import kinds_visible_by_columns, within_scope
from accounts.roles import Tier, tiers_in
from relations.models.figures import CountOnly
from relations.models.interaction import PURPOSE_BITS, Purpose
from relations.models.stakeholder import (
    Kind,
    Stakeholder,
    countable_with_stakeholder,
    kind_choices,
    level_bits,
    levels_of,
)


def copied_key(to):
    """Returns a foreign key field for a copy of a key. The row it is copied from has the constraint and the index."""
    return models.ForeignKey(
        to,
        on_delete=models.DO_NOTHING,
        null=True,
        db_constraint=False,
        db_index=False,
        related_name="+",
    )


class Period(models.TextChoices):
    """Calendar periods (R442); AS_NEEDED has no frequency and is never overdue (R84)."""

    MONTH = "month", _("每月")
    QUARTER = "quarter", _("每季度")
    HALF = "half", _("每半年")
    YEAR = "year", _("每年")
    AS_NEEDED = "as_needed", _("按实际需要")


class RuleStanding(models.TextChoices):
    ACTIVE = "active", _("显在")
    PROSPECTIVE = "prospective", _("潜在")
    ANY = "any", _("不限")


class CadenceRuleQuerySet(models.QuerySet):
    def in_force_on(self, day):
        return self.filter(effective_from__lte=day).filter(Q(effective_to=None) | Q(effective_to__gte=day))


class CadenceRule(models.Model):
    """One version of a contact rule: a line of the tier table (R80-R88) or communication mechanism (R69-R77).

    Changing a rule ends this version and creates the next. A period is governed by the version in force on its
    first day. A mask of 0 means "any".
    """

    code = models.SlugField(_("代号"), max_length=40)
    name = models.CharField(_("事项"), max_length=40)
    kind = models.CharField(_("对象"), max_length=12, choices=kind_choices, default=Kind.EMPLOYER)
    standing = models.CharField(
        _("关系"), max_length=12, choices=RuleStanding.choices, default=RuleStanding.ACTIVE
    )
    tier = models.CharField(_("对接人员"), max_length=12, choices=Tier.choices)
    period = models.CharField(_("周期"), max_length=10, choices=Period.choices)
    times = models.PositiveSmallIntegerField(_("次数"), default=1)
    purpose_mask = models.PositiveIntegerField(_("事由"), default=0)
    tier_mask = models.PositiveSmallIntegerField(_("计入的我方层级"), default=0)
    level_mask = models.PositiveSmallIntegerField(_("计入的对方层级"), default=0)
    counts_accompanying = models.BooleanField(_("陪同也计入"), default=False)
    lead_days = models.PositiveSmallIntegerField(_("提前几个工作日提醒"), default=5)
    clause = models.CharField(_("依据"), max_length=120, blank=True)
    remark = models.CharField(_("备注"), max_length=200, blank=True)
    position = models.PositiveSmallIntegerField(default=0)
    effective_from = models.DateField(_("生效日期"))
    effective_to = models.DateField(_("失效日期"), null=True, blank=True)

    objects = CadenceRuleQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        verbose_name = _("沟通规则")
        verbose_name_plural = _("沟通规则")
        ordering = ["position", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["code", "effective_from"], name="rule_version_once"),
            models.UniqueConstraint(
                fields=["code"], condition=Q(effective_to=None), name="rule_one_open_version"
            ),
            models.CheckConstraint(
                condition=Q(effective_to=None) | Q(effective_to__gte=F("effective_from")),
                name="rule_ends_later",
            ),
            models.CheckConstraint(condition=Q(times__gte=1), name="rule_at_least_once"),
        ]

    def __str__(self):
        return self.name

    @property
    def purposes(self):
        return [purpose for purpose in Purpose if self.purpose_mask & PURPOSE_BITS[purpose]]

    @property
    def tiers(self):
        return tiers_in(self.tier_mask)

    @property
    def levels(self):
        """The values of the levels that count."""
        bits = level_bits()
        return [level for level, _label in levels_of(self.kind) if self.level_mask & bits[level]]


def mask(values, bits):
    """Returns `values` (members of a TextChoices) as a bit mask; `bits` is {value: its bit}."""
    return sum(bits[value] for value in set(values))


def purpose_mask(purposes):
    return mask(purposes, PURPOSE_BITS)


def level_mask(levels):
    return mask(levels, level_bits())


class DutyQuerySet(models.QuerySet):
    def visible_to(self, user):
        """Duties of the stakeholders visible to `user`.

        Voided stakeholders need no condition: relations.parties.actions.void_record removes their duties.
        """
        return self.filter(within_scope(user, "stakeholder"))

    def not_in_sums(self, user):
        """Visible duties that no stored sum (DutySum) counts for `user`.

        They are those of kinds of which users may also see single records.
        """
        return self.visible_to(user).exclude(rule__kind__in=kinds_visible_by_columns(user))

    def countable_by(self, user):
        """Returns a CountOnly of the duties that `user` may count; it returns no rows."""
        return CountOnly(self.filter(countable_with_stakeholder(user)))

    def open(self):
        return self.filter(met_on=None)

    def met(self):
        return self.filter(met_on__isnull=False)

    def overdue_on(self, day):
        """Open duties due before `day`. The query computes this, so it does not depend on a job having run."""
        return self.open().filter(due_on__lt=day)

    def due_between(self, first, last):
        return self.filter(due_on__gte=first, due_on__lte=last)

    def in_periods_overlapping(self, first, last):
        return self.filter(period_start__lte=last, due_on__gte=first)

    def owned_by(self, user):
        return self.filter(owner=user)


class Duty(models.Model):
    """应尽事项: the contacts that one rule requires with one stakeholder in one period.

    `owed` is the required number, `met` the number made, `owner` the user who has to make them. `due_on` is the last
    day of the period; `met_on` the day of the contact that completed the duty. Written by relations.duties.settlement,
    except `notified`, the number of reminder steps taken (relations.reminding.raising), and the copied columns
    (relations.duties.sums). `frozen_at`: the duty stays as it was. The evaluation, which is to come, will set it;
    nothing does yet.
    """

    key = models.CharField(max_length=60, unique=True)
    rule = models.ForeignKey(CadenceRule, on_delete=models.PROTECT, related_name="duties")
    stakeholder = models.ForeignKey(Stakeholder, on_delete=models.CASCADE, related_name="duties")
    period_start = models.DateField(_("周期开始"))
    due_on = models.DateField(_("期限"))
    owed = models.PositiveSmallIntegerField(_("应尽"))
    met = models.PositiveIntegerField(_("完成"), default=0)
    met_on = models.DateField(_("完成日期"), null=True)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        related_name="duties",
        verbose_name=_("负责人"),
    )
    department = models.ForeignKey(
        "accounts.Department",
        on_delete=models.PROTECT,
        null=True,
        related_name="duties",
        verbose_name=_("部门"),
    )
    notified = models.PositiveSmallIntegerField(default=0)
    frozen_at = models.DateTimeField(null=True)
    # Copies of the columns that decide who may see the stakeholder, for the sums. Visibility of the duty itself is
    # decided by the stakeholder.
    responsible = copied_key(settings.AUTH_USER_MODEL)
    record_department = copied_key("accounts.Department")
    is_confidential = models.BooleanField(default=False)

    objects = DutyQuerySet.as_manager()

    class Meta:
        verbose_name = _("应尽事项")
        verbose_name_plural = _("应尽事项")
        ordering = ["due_on", "rule__position", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["stakeholder", "rule", "period_start"], name="duty_once"),
            models.CheckConstraint(
                condition=Q(met_on=None, met__lt=F("owed")) | Q(met_on__isnull=False, met__gte=F("owed")),
                name="duty_met_when_enough",
            ),
        ]
        indexes = [
            models.Index(fields=["owner", "due_on"], condition=Q(met_on=None), name="duty_open_owner"),
            models.Index(fields=["department", "due_on"], name="duty_department"),
            models.Index(fields=["notified", "due_on"], condition=Q(met_on=None), name="duty_to_notify"),
            models.Index(fields=["due_on", "rule"], name="duty_due"),
            models.Index(fields=["due_on", "stakeholder"], condition=Q(met_on=None), name="duty_open_due"),
        ]

    def __str__(self):
        return f"{self.rule_id} {self.stakeholder_id} {self.period_start}"
