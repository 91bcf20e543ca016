"""确认单: what one person asks for and another has to confirm before it takes effect."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy


class SheetQuerySet(models.QuerySet):
    def open(self):
        return self.filter(state=Sheet.State.OPEN)

    def about_matter(self, matter, subject):
        return self.filter(matter=matter, subject=subject)

    def asking_for_roles(self):
        """Those about the roles or the department of an account (accounts.rights.Roles)."""
        return self.filter(matter=Sheet.ROLES)

    def naming(self, user):
        """Those that `user` asked for, answered, is concerned by or was told of."""
        told = Sheet.told.through.objects.filter(user=user.pk).values("sheet")
        own = Q(asked_by=user.pk) | Q(about=user.pk) | Q(decided_by=user.pk)
        return self.filter(own | Q(pk__in=told))


class Sheet(models.Model):
    """One request for a right, and its two names.

    `matter` says what kind it is (accounts.approvals.sheets.MATTERS), `subject` what it is about ("user:7"), `about`
    whoever gains by it and so may not confirm. `asked` holds what is asked for and how it was then, as the matter
    writes it. What one person may do alone, but never silently, is kept as a sheet too: AT_ONCE, or BARRED when it
    was refused.
    """

    class State(models.TextChoices):
        OPEN = "open", gettext_lazy("待确认")
        CONFIRMED = "confirmed", gettext_lazy("已确认")
        REFUSED = "refused", gettext_lazy("没有同意")
        WITHDRAWN = "withdrawn", gettext_lazy("已撤回")
        VOID = "void", gettext_lazy("已失效")
        AT_ONCE = "at_once", gettext_lazy("立即生效")
        BARRED = "barred", gettext_lazy("不允许")

    ROLES = "roles"  # the matter that the printing of slips asks for as well

    matter = models.CharField(max_length=20)
    subject = models.CharField(max_length=60)
    about = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    asked = models.JSONField(default=dict)
    reason = models.CharField(gettext_lazy("原因"), max_length=200, blank=True)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    asked_at = models.DateTimeField(auto_now_add=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    decided_at = models.DateTimeField(null=True)
    opinion = models.CharField(gettext_lazy("意见"), max_length=200, blank=True)
    exception = models.CharField(max_length=200, blank=True)
    told = models.ManyToManyField(settings.AUTH_USER_MODEL, related_name="+")

    objects = SheetQuerySet.as_manager()

    class Meta:
        verbose_name = gettext_lazy("确认单")
        verbose_name_plural = gettext_lazy("确认单")
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["matter", "subject"], condition=Q(state="open"), name="sheet_one_open"
            ),
            models.CheckConstraint(
                condition=Q(state="open", decided_at=None) | (~Q(state="open") & Q(decided_at__isnull=False)),
                name="sheet_open_until_decided",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["confirmed", "refused"], decided_by__isnull=False)
                | (~Q(state__in=["confirmed", "refused"]) & Q(decided_by=None)),
                name="sheet_answered_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(decided_by=None) | Q(asked_by=None) | ~Q(decided_by=F("asked_by")),
                name="sheet_two_names",
            ),
            models.CheckConstraint(
                condition=Q(decided_by=None) | Q(about=None) | ~Q(decided_by=F("about")),
                name="sheet_not_by_who_gains",
            ),
        ]
        indexes = [models.Index(fields=["matter", "subject"], name="sheet_of_subject")]

    def __str__(self):
        return _("第%s号确认单") % self.pk

    def get_absolute_url(self):
        return reverse("sheet", args=[self.pk])

    @property
    def is_open(self):
        return self.state == self.State.OPEN
