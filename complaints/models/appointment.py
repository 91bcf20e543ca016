"""中心负责人: who receives every complaint, and who receives those about that person (R145, R450)."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _


class InCharge(models.Model):
    """From when on who is in charge, and who is the alternate; rows are added, never changed.

    `sheet` bears the two names; `former` had what was open, which stays there until `word_by` says that it goes over.
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
    word_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    word_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("意见与投诉负责人")
        verbose_name_plural = _("意见与投诉负责人")
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(condition=~Q(head=F("alternate")), name="in_charge_two_people"),
            models.CheckConstraint(
                condition=Q(word_by=None, word_at=None)
                | (Q(word_by__isnull=False, word_at__isnull=False) & ~Q(word_by=F("head"))),
                name="in_charge_word_of_another",
            ),
        ]
