"""Stored numbers of duties owed and met, so that dashboards and indicators need not count duties (design §3)."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.access import kinds_condition, kinds_visible_by_columns
from relations.models.cadence import CadenceRule, copied_key
from relations.models.stakeholder import kind_choices


class VisibilityColumns:
    """Names of the columns of a sum that decide who may see it."""

    kind, responsible, department, is_confidential = (
        "kind",
        "responsible",
        "record_department",
        "is_confidential",
    )


class DutySumQuerySet(models.QuerySet):
    def visible_to(self, user):
        """Sums visible to `user`, of the kinds whose visibility depends on columns of the stakeholder only.

        Of other kinds users may also see single records (by a share or a supervision), which sums cannot tell apart.
        `Duty.objects.not_in_sums` returns their duties.
        """
        return self.filter(kinds_condition(user, kinds_visible_by_columns(user), VisibilityColumns))

    def due_by(self, day):
        return self.filter(due_on__lte=day)

    def counting_since(self, day):
        """Sums due on `day` or later, and earlier ones with open duties."""
        return self.filter(Q(due_on__gte=day) | ~Q(owed=F("met")))


class DutySum(models.Model):
    """One change of a sum of duties: a sum is the total of `owed` and `met` over all rows with the same key.

    `department` and `owner` are those of the duties; `kind`, `responsible`, `record_department` and `is_confidential`
    are those of the stakeholders, and decide who may see the sum. Written by relations.duties.sums only. There are no
    constraints to other tables: each key was checked when the duty was written.
    """

    due_on = models.DateField()
    rule = models.ForeignKey(
        CadenceRule, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+"
    )
    kind = models.CharField(max_length=12, choices=kind_choices)
    department = copied_key("accounts.Department")
    owner = copied_key(settings.AUTH_USER_MODEL)
    responsible = copied_key(settings.AUTH_USER_MODEL)
    record_department = copied_key("accounts.Department")
    is_confidential = models.BooleanField()
    owed = models.IntegerField()
    met = models.IntegerField()

    objects = DutySumQuerySet.as_manager()

    class Meta:
        verbose_name = _("应尽事项合计")
        verbose_name_plural = _("应尽事项合计")
        ordering = ["due_on", "pk"]
        indexes = [
            models.Index(fields=["record_department", "due_on"], name="dutysum_department"),
            models.Index(fields=["responsible", "due_on"], name="dutysum_responsible"),
        ]

    def __str__(self):
        return f"{self.rule_id} {self.due_on} {self.owed:+} {self.met:+}"
