"""Models: numbers with a history, reminders, their deliveries, and marks of the sweep."""

from dataclasses import dataclass

from django.conf import settings
from django.db import models
from django.db.models import Q, Subquery
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from accounts import roles
from accounts.models import StandIn
from reminders import kinds
from reminders.calendar.models import HolidayNotice, HolidayOverride  # noqa: F401
from reminders.parameters import PARAMETERS


class ParameterQuerySet(models.QuerySet):
    def value_on(self, key, day):
        """The value (int) of the declared number `key` on `day`. Raises KeyError for an undeclared key."""
        declared = PARAMETERS[key]
        row = self.filter(key=key, effective_from__lte=day).order_by("-effective_from").first()
        return row.value if row else declared.default

    def value_expression(self, key, day):
        """The same value as an expression, for a query that reads it along with its rows."""
        newest = self.filter(key=key, effective_from__lte=day).order_by("-effective_from")
        return Coalesce(Subquery(newest.values("value")[:1]), PARAMETERS[key].default)

    def values_on(self, day):
        """All declared numbers on `day`, {key: int}, in one query."""
        values = {key: declared.default for key, declared in PARAMETERS.items()}
        rows = self.filter(effective_from__lte=day).order_by("effective_from")
        values.update({row.key: row.value for row in rows if row.key in values})
        return values

    def history(self):
        """All values ever set, in one query, for use on many days: `history().on(day)` equals `values_on(day)`."""
        return ParameterHistory(tuple(self.order_by("effective_from")))


@dataclass(frozen=True)
class ParameterHistory:
    """The rows of Parameter, earliest first."""

    rows: tuple

    def on(self, day):
        """All declared numbers on `day`, {key: int}."""
        values = {key: declared.default for key, declared in PARAMETERS.items()}
        values.update(
            {row.key: row.value for row in self.rows if row.effective_from <= day and row.key in values}
        )
        return values


class Parameter(models.Model):
    """A changed number and the day from which it is valid; without a row the declared default is valid."""

    key = models.CharField(_("项目"), max_length=40)
    value = models.IntegerField(_("数值"))
    effective_from = models.DateField(_("从哪天起"))
    reason = models.CharField(_("修改原因"), max_length=200)
    set_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("修改人")
    )
    set_at = models.DateTimeField(_("修改时间"), auto_now_add=True)

    objects = ParameterQuerySet.as_manager()

    class Meta:
        verbose_name = _("规则数值")
        verbose_name_plural = _("规则数值")
        ordering = ["key", "-effective_from"]
        constraints = [models.UniqueConstraint(fields=["key", "effective_from"], name="parameter_once_a_day")]

    def __str__(self):
        return f"{self.key} = {self.value}"


class ReminderQuerySet(models.QuerySet):
    def visible_to(self, user):
        """The user's own reminders, and those of absent colleagues for whom the user stands in today (R271).

        Personal reminders, about need-to-know matters (R153), are visible to their recipient only, and only while open.
        """
        absent = StandIn.objects.absent_for(user)
        own = Q(recipient=user) & (Q(is_personal=False) | Q(closed_at=None))
        return self.filter(own | Q(recipient__in=absent, is_personal=False))

    def open(self):
        return self.filter(closed_at=None)

    def not_retired(self):
        """Open reminders, and closed ones that may be reopened."""
        return self.filter(retired_at=None)


class Reminder(models.Model):
    """A notice to one user about one subject. The unique key (subject, date or period, step) prevents a second one.

    A closed reminder is reopened when its subject is due again. A retired one never is, because its date was moved or
    its reader removed; its key is free for another. `is_for_information`: requires no action and is closed once its
    recipient has read it.
    """

    class Kind(models.TextChoices):
        """The kinds of this app; other apps register theirs in reminders.kinds.KINDS."""

        CALENDAR = "calendar", _("放假通知")
        APPROVAL = "approval", _("待审批")
        NUDGE = "nudge", _("同事提醒")
        ACCOUNT = "account", _("账号和密码")

    key = models.CharField(max_length=160, unique=True)
    subject = models.CharField(max_length=120, db_index=True)
    kind = models.CharField(_("种类"), max_length=10, choices=kinds.kind_choices)
    recipient = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="reminders", verbose_name=_("收件人")
    )
    title = models.CharField(_("内容"), max_length=300)
    link = models.CharField(_("链接"), max_length=200, blank=True)
    due_on = models.DateField(_("期限"), null=True)
    step = models.PositiveSmallIntegerField(default=0, db_default=0)
    # The kind of the record named in the title, as in accounts.roles; empty when it names none.
    record_kind = models.CharField(max_length=12, default="", db_default="", blank=True, editable=False)
    is_personal = models.BooleanField(default=False, db_default=False)
    is_for_information = models.BooleanField(default=False, db_default=False)
    raised_on = models.DateField(_("提醒日期"))
    raised_at = models.DateTimeField(auto_now_add=True)
    closed_at = models.DateTimeField(_("关闭时间"), null=True)
    retired_at = models.DateTimeField(null=True)

    objects = ReminderQuerySet.as_manager()

    class Meta:
        verbose_name = _("提醒")
        verbose_name_plural = _("提醒")
        ordering = ["-raised_on", "-pk"]
        indexes = [
            models.Index(
                fields=["recipient", "-raised_on", "-id"], condition=Q(closed_at=None), name="reminder_open"
            ),
            models.Index(
                fields=["recipient"],
                condition=Q(is_for_information=True, closed_at=None),
                name="reminder_information",
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(retired_at=None) | Q(closed_at__isnull=False), name="reminder_retired_is_closed"
            )
        ]

    def __str__(self):
        return self.title


class DeliveryQuerySet(models.QuerySet):
    def visible_to(self, user):
        """The user's own, and those of others that are neither personal nor about a record of a close kind.

        A close kind (accounts.roles) counts as others only for a user who may not view every record of it.
        """
        closed = [
            kind
            for kind in roles.kinds()
            if roles.is_close(kind) and user.scope_over(kind) != roles.Scope.ALL
        ]
        of_others = Q(reminder__is_personal=False) & ~Q(reminder__record_kind__in=closed)
        return self.filter(Q(recipient=user) | of_others)

    def unread_by(self, user):
        return self.filter(
            recipient=user, channel=Delivery.Channel.IN_APP, read_at=None, reminder__closed_at=None
        )


class Delivery(models.Model):
    """A reminder on one channel to one reader. E-mail rows are claimed by a conditional UPDATE and retried."""

    class Channel(models.TextChoices):
        IN_APP = "in_app", _("站内")
        EMAIL = "email", _("邮件")

    class State(models.TextChoices):
        PENDING = "pending", _("待发送")
        CLAIMED = "claimed", _("发送中")
        SENT = "sent", _("已送达")
        FAILED = "failed", _("没送到")
        DROPPED = "dropped", _("不必再送")

    reminder = models.ForeignKey(Reminder, on_delete=models.CASCADE, related_name="deliveries")
    recipient = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="deliveries"
    )
    channel = models.CharField(_("途径"), max_length=8, choices=Channel.choices)
    state = models.CharField(_("状态"), max_length=8, choices=State.choices, default=State.PENDING)
    attempts = models.PositiveSmallIntegerField(_("已试次数"), default=0)
    not_before = models.DateTimeField(_("不早于"), null=True)
    claimed_by = models.CharField(max_length=36, blank=True)
    claimed_at = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(_("送达时间"), null=True)
    read_at = models.DateTimeField(_("已读"), null=True)
    error = models.CharField(_("没送到的原因"), max_length=300, blank=True)

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        verbose_name = _("送达")
        verbose_name_plural = _("送达")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["reminder", "recipient", "channel"], name="delivery_once")
        ]
        indexes = [
            models.Index(
                fields=["state", "not_before"],
                condition=Q(state__in=["pending", "claimed"]),
                name="delivery_waiting",
            ),
            models.Index(
                fields=["recipient"], condition=Q(channel="in_app", read_at=None), name="delivery_unread"
            ),
        ]


class SweepMark(models.Model):
    """The last day for which a step of the sweep was done, so that missed days are caught up."""

    step = models.CharField(max_length=40, unique=True)
    done_for = models.DateField()
    done_at = models.DateTimeField(auto_now=True)
