"""被拒绝的访问: refused requests of logged-in users."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class RefusedAttempt(models.Model):
    """被拒绝的访问: a request of `user` refused `times` within one minute; rows are only inserted and counted up.

    `route` is the name of the view and `key` the key in its URL; the URL itself is not stored, because it may contain
    a code. `status` is the HTTP status; a secret row always has 404 and no key.
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("同事")
    )
    method = models.CharField(max_length=8)
    route = models.CharField(max_length=100)
    key = models.CharField(max_length=40, blank=True)
    status = models.PositiveSmallIntegerField()
    is_secret = models.BooleanField(default=False)
    minute = models.DateTimeField()
    last_at = models.DateTimeField()
    times = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name = _("被拒绝的访问")
        verbose_name_plural = _("被拒绝的访问")
        ordering = ["-minute", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["user", "minute", "route", "method", "status"], name="refusedattempt_once_a_minute"
            )
        ]
        indexes = [models.Index(fields=["-minute", "-id"], name="refusedattempt_newest")]

    def __str__(self):
        return f"{self.user} {self.method} {self.route}"
