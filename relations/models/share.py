"""Shares: single users who may see a record beyond the scope of their role, with a reason and an end (R381)."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.timezone import localdate
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from accounts.days import period_state
from relations.models.stakeholder import Stakeholder, visible_with_stakeholder


class ShareQuerySet(models.QuerySet):
    def visible_to(self, user):
        """Shares of the records visible to `user`."""
        return self.filter(visible_with_stakeholder(user))

    def running_on(self, day):
        """Shares in force on `day` (first and last day included) that have not been taken back."""
        return self.filter(starts_on__lte=day, ends_on__gte=day, taken_back_at=None)

    def to_review(self):
        """Emergencies that have not been reviewed, including ended ones."""
        return self.filter(kind=Share.Kind.EMERGENCY, reviewed_at=None)


class Share(models.Model):
    """One user may see one record from one day to another.

    Written by relations.shares.actions and relations.shares.emergencies only. A `GRANT` was given by another user. In
    an `EMERGENCY` the user opened the record alone, which is reviewed afterwards.
    """

    class Kind(models.TextChoices):
        GRANT = "grant", _("授权")
        EMERGENCY = "emergency", _("紧急查看")

    stakeholder = models.ForeignKey(
        Stakeholder, on_delete=models.PROTECT, related_name="shares", verbose_name=_("关系对象")
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="shares", verbose_name=_("给谁看")
    )
    kind = models.CharField(_("种类"), max_length=10, choices=Kind.choices, default=Kind.GRANT)
    reason = models.CharField(_("原因"), max_length=200)
    starts_on = models.DateField(_("从哪天起"))
    ends_on = models.DateField(_("到哪天为止"))
    given_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("谁给的")
    )
    given_at = models.DateTimeField(auto_now_add=True)
    taken_back_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, editable=False, related_name="+"
    )
    taken_back_at = models.DateTimeField(_("收回时间"), null=True, editable=False)
    reviewed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, editable=False, related_name="+"
    )
    reviewed_at = models.DateTimeField(_("复核时间"), null=True, editable=False)
    opinion = models.CharField(_("复核意见"), max_length=200, blank=True)

    objects = ShareQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        verbose_name = _("查看授权")
        verbose_name_plural = _("查看授权")
        ordering = ["-starts_on", "-pk"]
        constraints = [
            models.CheckConstraint(condition=Q(ends_on__gte=F("starts_on")), name="share_ends_after_start"),
            models.CheckConstraint(condition=~Q(reason=""), name="share_has_reason"),
            models.CheckConstraint(
                condition=Q(taken_back_at=None, taken_back_by=None)
                | Q(taken_back_at__isnull=False, taken_back_by__isnull=False),
                name="share_taken_back_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(reviewed_at=None, reviewed_by=None, opinion="")
                | (Q(reviewed_at__isnull=False, reviewed_by__isnull=False) & ~Q(reviewed_by=F("user"))),
                name="share_reviewed_by_another",
            ),
            models.CheckConstraint(
                condition=Q(kind="emergency", given_by=F("user"))
                | (~Q(kind="emergency") & ~Q(given_by=F("user"))),
                name="share_given_by_another",
            ),
        ]
        indexes = [
            models.Index(fields=["user", "ends_on"], condition=Q(taken_back_at=None), name="share_of_user"),
            models.Index(fields=["stakeholder", "-starts_on"], name="share_of_stakeholder"),
            models.Index(
                fields=["given_at"], condition=Q(kind="emergency", reviewed_at=None), name="share_to_review"
            ),
        ]

    def __str__(self):
        return f"{self.user} → {self.stakeholder_id}"

    def days_in_force(self):
        """Returns (first day, last day) of the access that it gave: until it was revoked, if that came earlier."""
        if self.taken_back_at is None:
            return self.starts_on, self.ends_on
        return self.starts_on, min(self.ends_on, localdate(self.taken_back_at))

    def state_on(self, day):
        """Returns "taken_back", "over", "running" or "ahead"."""
        return "taken_back" if self.taken_back_at else period_state(self.starts_on, self.ends_on, day)
