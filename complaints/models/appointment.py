"""中心负责人: the user who receives every complaint, and the user who receives those about that person (R145, R450)."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _


class Appointment(models.Model):
    """An appointment of head and alternate, in force until the next one; rows are added, and no appointment is changed.

    `sheet` is the approval request with its two names. The open complaints of `former` stay there until
    `hand_over_agreed_by` agrees to hand them over.
    """

    head = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("中心负责人")
    )
    alternate = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("投诉负责人时由谁处理"),
    )
    reason = models.CharField(_("原因"), max_length=200)
    set_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    set_at = models.DateTimeField(auto_now_add=True)
    sheet = models.OneToOneField("accounts.Sheet", on_delete=models.PROTECT, null=True, related_name="+")
    former = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    hand_over_agreed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    hand_over_agreed_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("意见与投诉负责人")
        verbose_name_plural = _("意见与投诉负责人")
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(condition=~Q(head=F("alternate")), name="in_charge_two_people"),
            models.CheckConstraint(
                condition=Q(hand_over_agreed_by=None, hand_over_agreed_at=None)
                | (
                    Q(hand_over_agreed_by__isnull=False, hand_over_agreed_at__isnull=False)
                    & ~Q(hand_over_agreed_by=F("head"))
                ),
                name="appointment_agreed_by_another",
            ),
        ]
