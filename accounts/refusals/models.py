"""被拒绝的访问: what somebody who is logged in was refused."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class RefusedAttempt(models.Model):
    """被拒绝的访问: something that `user` asked for and was refused, `times` within one minute; insert and count only.

    `route` is the name of the view and `key` the number in its address: never the address itself, which may hold a
    code. `status` is what was answered; of a secret one it says 404 in any case, and there is no key.
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
