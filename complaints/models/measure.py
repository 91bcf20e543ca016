"""改善措施: what the centre changes because of a complaint (R151)."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _


class ImprovementQuerySet(models.QuerySet):
    def visible_to(self, user):
        """Measures of complaints visible to `user`, and the user's own: an owner knows the measure, not its complaint.

        The user's own measures are left out where the complaint is about the user, or must not be made known to them.
        """
        from complaints.models.access import Accused, ExcludedPerson
        from complaints.models.case import Complaint

        if not user.is_active:
            return self.none()
        own = Q(owner=user)
        for model in (Accused, ExcludedPerson):
            own &= ~Q(complaint__in=model.objects.filter(user=user.pk).values("complaint"))
        return self.filter(own | Q(complaint__in=Complaint.objects.visible_to(user).values("pk")))

    def of_valid_complaints(self):
        """Measures of complaints that were not entered in error."""
        return self.exclude(complaint__state="void")

    def unfinished(self):
        return self.filter(done_on=None)

    def to_check_on(self, day):
        """Completed measures that are to be checked on `day` or earlier: has the same happened again?"""
        return self.filter(done_on__isnull=False, checked_on=None, check_on__lte=day)


class Improvement(models.Model):
    """A measure with its owner and dates, and whether the same happened again afterwards."""

    complaint = models.ForeignKey(
        "complaints.Complaint", on_delete=models.PROTECT, related_name="improvements"
    )
    measure = models.CharField(_("改善措施"), max_length=300)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("负责人")
    )
    due_on = models.DateField(_("完成期限"))
    done_on = models.DateField(_("完成日期"), null=True, blank=True)
    check_on = models.DateField(_("检查日期"))
    checked_on = models.DateField(_("检查于"), null=True, blank=True)
    has_recurred = models.BooleanField(_("又发生了"), null=True, blank=True)
    check_note = models.CharField(_("检查结果"), max_length=200, blank=True)
    version = models.PositiveIntegerField(default=1, editable=False)

    objects = ImprovementQuerySet.as_manager()

    class Meta:
        verbose_name = _("改善措施")
        verbose_name_plural = _("改善措施")
        ordering = ["due_on", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(checked_on=None, has_recurred=None)
                | Q(checked_on__isnull=False, has_recurred__isnull=False),
                name="improvement_check_has_result",
            ),
            models.CheckConstraint(condition=Q(check_on__gte=F("due_on")), name="improvement_checked_after"),
        ]

    def __str__(self):
        return self.measure

    def get_absolute_url(self):
        return reverse("complaints:measure", args=[self.pk])
