"""Models of passwords: resets, the event log, e-mails, lockouts, requests for a forgotten password."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.approvals.models import Sheet
from accounts.fields import any_role_condition
from accounts.roles import GRANTS, Permission, Role, Scope, roles_with, sensitive_roles

SENSITIVE_ROLES = sensitive_roles(Role)
LEADING_ALL = [role for role in roles_with(Permission.HAND_OVER) if GRANTS[role].scope == Scope.ALL]


class PasswordResetQuerySet(models.QuerySet):
    def open(self):
        """Neither used nor cancelled; it may have expired."""
        return self.filter(used_at=None, cancelled_at=None)

    def live(self):
        """Resets whose code still opens the page for a new password."""
        return self.open().filter(expires_at__gt=timezone.now(), user__is_active=True)

    def half_printed(self):
        return self.filter(way=PasswordReset.Way.SLIP, second_hash="")

    def printable_by(self, person):
        """Slips whose second half `person` may print now; `resets.second_half_printers` is the reverse."""
        return self.live().half_printed().offered_to(person)

    def offered_to(self, person):
        """Slips, open or over, whose second half `person` may print: never their own, nor those they started.

        Users who confirm rights print any; users who lead the owner, as head of the department or by a role, print
        those of colleagues without sensitive roles, held or requested.
        """
        slips = self.filter(way=PasswordReset.Way.SLIP).exclude(user=person).exclude(started_by=person)
        if person.may(Permission.CONFIRM_RIGHTS):
            return slips
        led = Q(user__department__head=person)
        if person.may(Permission.HAND_OVER):
            if person.covers_centre:
                led = Q()
            elif person.department_id:
                led |= Q(user__department=person.department_id)
        asked_for = Sheet.objects.open().about_roles().values("about")
        return (
            slips.filter(led)
            .exclude(any_role_condition(SENSITIVE_ROLES, "user__"))
            .exclude(user__in=asked_for)
        )


class PasswordReset(models.Model):
    """重设密码: permission for one user to set a password, once, with a code of two halves."""

    class Cause(models.TextChoices):
        FORGOTTEN = "forgotten", _("重设密码")
        NEW = "new", _("开通账号")
        REOPENED = "reopened", _("重新启用")

    class Way(models.TextChoices):
        LETTER = "letter", _("发到本人确认过的邮箱")
        SLIP = "slip", _("纸条，两人各打印一半")
        SERVER = "server", _("服务器命令")

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="resets")
    cause = models.CharField(max_length=9, choices=Cause.choices)
    way = models.CharField(max_length=6, choices=Way.choices)
    started_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    started_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    first_hash = models.CharField(max_length=64, unique=True)
    second_hash = models.CharField(max_length=64, blank=True)
    printed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    printed_at = models.DateTimeField(null=True)
    used_at = models.DateTimeField(null=True)
    cancelled_at = models.DateTimeField(null=True)

    objects = PasswordResetQuerySet.as_manager()

    class Meta:
        verbose_name = _("重设密码")
        verbose_name_plural = _("重设密码")
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["user"], condition=Q(used_at=None, cancelled_at=None), name="reset_one_open"
            ),
            models.CheckConstraint(condition=~Q(started_by=F("printed_by")), name="reset_printed_by_another"),
        ]

    @property
    def is_over(self):
        return self.expires_at <= timezone.now()


class AppendOnlyError(Exception):
    """Raised on an attempt to change or delete an event of the log."""


class AccountEventQuerySet(models.QuerySet):
    def unacknowledged(self):
        """Events to be shown that the user has not yet acknowledged."""
        return self.filter(is_announced=True, acknowledged_at=None)

    def acknowledge(self):
        return super().update(acknowledged_at=timezone.now())

    def update(self, **changes):
        raise AppendOnlyError

    def delete(self):
        raise AppendOnlyError


class AccountEvent(models.Model):
    """An event of the log of an account's password: inserted, never changed.

    `is_announced`: the event is shown at the next login.
    """

    class Kind(models.TextChoices):
        OPENED = "opened", _("开通账号，发起登录纸条")
        REOPENED = "reopened", _("重新启用账号，发起登录纸条")
        STARTED = "started", _("发起了重设密码")
        SENT = "sent", _("重设链接发到本人确认过的邮箱")
        NOT_SENT = "not_sent", _("重设链接没有发出去")
        PRINTED = "printed", _("打印了纸条的另一半")
        USED = "used", _("用重设码设了新密码")
        CANCELLED = "cancelled", _("取消了重设")
        SESSIONS = "sessions", _("让全部设备退出登录")
        VOIDED = "voided", _("停用了密码，全部设备退出登录")
        COMMAND = "command", _("在服务器上改了密码")
        CONFIRMED = "confirmed", _("本人确认了邮箱")
        ADDRESS = "address", _("改了邮箱")
        OBJECTED = "objected", _("本人说不是自己要的")

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="account_events"
    )
    kind = models.CharField(max_length=9, choices=Kind.choices)
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    reset = models.ForeignKey(PasswordReset, on_delete=models.PROTECT, null=True, related_name="events")
    is_announced = models.BooleanField()
    acknowledged_at = models.DateTimeField(null=True)

    objects = AccountEventQuerySet.as_manager()

    class Meta:
        verbose_name = _("密码和登录的记录")
        verbose_name_plural = _("密码和登录的记录")
        ordering = ["-pk"]
        indexes = [
            models.Index(
                fields=["user"],
                condition=Q(is_announced=True, acknowledged_at=None),
                name="event_unacknowledged",
            )
        ]

    def save(self, *args, **kwargs):
        if not self._state.adding:
            raise AppendOnlyError
        super().save(*args, **kwargs)

    def delete(self, *args, **kwargs):
        raise AppendOnlyError


class Lockout(models.Model):
    """Failed logins that locked an account, stored under the typed name whether it exists or not.

    One row for each quarter of an hour: `tries` and `addresses` as counted at the last lockout in it.
    """

    username = models.CharField(max_length=255)
    slot = models.PositiveBigIntegerField()
    at = models.DateTimeField()
    tries = models.PositiveIntegerField()
    addresses = models.PositiveIntegerField()
    handled_at = models.DateTimeField(null=True)
    acknowledged_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-at"]
        constraints = [models.UniqueConstraint(fields=["username", "slot"], name="lockout_once_a_slot")]
        indexes = [models.Index(fields=["slot"], condition=Q(handled_at=None), name="lockout_unhandled")]


class ForgottenRequest(models.Model):
    """A link requested on the login page under this name; handled by the worker, in the same way for all names."""

    username = models.CharField(max_length=255)
    at = models.DateTimeField()


class SecurityLetter(models.Model):
    """An e-mail about a password, without any secret in it: sent at any hour, retried; failures stay stored."""

    class State(models.TextChoices):
        PENDING = "pending", _("待发送")
        CLAIMED = "claimed", _("发送中")
        SENT = "sent", _("已送达")
        FAILED = "failed", _("没送到")

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    about = models.CharField(max_length=9)
    address = models.EmailField()
    subject = models.CharField(max_length=200)
    text = models.TextField()
    written_at = models.DateTimeField()
    state = models.CharField(max_length=8, choices=State.choices, default=State.PENDING)
    attempts = models.PositiveSmallIntegerField(default=0)
    not_before = models.DateTimeField()
    error = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["pk"]
        indexes = [
            models.Index(
                fields=["not_before"],
                condition=Q(state__in=["pending", "claimed"]),
                name="security_letter_waiting",
            )
        ]
