"""How many duties are owed and met, kept so that dashboards and indicators need not count them (design §3)."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.access import kinds_condition, kinds_visible_by_columns
from relations.models.cadence import CadenceRule, copied_key
from relations.models.stakeholder import kind_choices


class VisibilityColumns:
    """Where a sum has the columns that decide who sees its records."""

    kind, responsible, department, is_confidential = (
        "kind",
        "responsible",
        "record_department",
        "is_confidential",
    )


class DutySumQuerySet(models.QuerySet):
    def visible_to(self, user):
        """The sums that `user` sees, of the kinds of which a record's own columns say who sees it.

        Of the other kinds single records are seen besides (a share, a supervision); `Duty.objects.in_other_kinds` has
        their duties.
        """
        return self.filter(kinds_condition(user, kinds_visible_by_columns(user), VisibilityColumns))

    def due_by(self, day):
        return self.filter(due_on__lte=day)

    def counting_since(self, day):
        """Of what was due before `day` only the sums with something open count."""
        return self.filter(Q(due_on__gte=day) | ~Q(owed=F("met")))


class DutySum(models.Model):
    """A change of a sum of duties: `owed` and `met` are added to what the other rows with the same key say.

    `department` and `owner` say whose the duties are; `kind`, `responsible`, `record_department` and `is_confidential`
    are those of the records, and decide who sees the sum. Written by relations.duties.sums only. There are no
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
