"""督导关系: rows with dates, so that the supervisor of a worker can be queried for any day."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from accounts.days import period_state


class SupervisionQuerySet(models.QuerySet):
    def started_by(self, day):
        return self.filter(starts_on__lte=day)

    def running_on(self, day):
        """In force on `day`, the first and the last day included."""
        return self.started_by(day).filter(Q(ends_on=None) | Q(ends_on__gte=day))

    def ended_before(self, day):
        """Those that ended before `day`."""
        return self.filter(ends_on__lt=day)

    def not_over_on(self, day):
        """Running on `day` or beginning later."""
        return self.filter(Q(ends_on=None) | Q(ends_on__gte=day))

    def open(self):
        """Without an end date; at most one for each worker."""
        return self.filter(ends_on=None)


class Supervision(models.Model):
    """A worker, their supervisor, and the period; written by accounts.supervision.actions only."""

    worker = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="supervisions",
        verbose_name=_("社工"),
    )
    supervisor = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="supervising", verbose_name=_("督导")
    )
    starts_on = models.DateField(_("从哪天起"))
    ends_on = models.DateField(_("到哪天为止"), null=True, blank=True)
    set_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("登记人")
    )
    set_at = models.DateTimeField(_("登记时间"), auto_now_add=True)

    objects = SupervisionQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        verbose_name = _("督导关系")
        verbose_name_plural = _("督导关系")
        ordering = ["-starts_on", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["worker"], condition=Q(ends_on=None), name="supervision_one_open"
            ),
            models.UniqueConstraint(fields=["worker", "starts_on"], name="supervision_one_start"),
            models.CheckConstraint(
                condition=Q(ends_on=None) | Q(ends_on__gte=F("starts_on")),
                name="supervision_ends_after_start",
            ),
            models.CheckConstraint(condition=~Q(worker=F("supervisor")), name="supervision_not_of_oneself"),
        ]
        indexes = [models.Index(fields=["supervisor", "starts_on", "ends_on"], name="supervision_by_person")]

    def __str__(self):
        return f"{self.supervisor} → {self.worker}"

    def state_on(self, day):
        """Returns `ahead`, `running` or `over`."""
        return period_state(self.starts_on, self.ends_on, day)
