"""Users (people with an account), their departments, and stand-ins."""

from functools import cached_property

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.validators import UnicodeUsernameValidator
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Upper
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from simple_history.models import HistoricalRecords

from accounts.approvals.models import Chain, Sheet, Step  # noqa: F401
from accounts.days import day_range, period_state
from accounts.fields import RolesField, any_role_condition
from accounts.passwords.models import (  # noqa: F401  the tables of passwords are defined in that module
    AccountEvent,
    ForgottenRequest,
    Lockout,
    PasswordReset,
    SecurityLetter,
)
from accounts.refusals.models import RefusedAttempt  # noqa: F401
from accounts.roles import (
    GRANTS,
    RECORD_SCOPES,
    Permission,
    Role,
    Scope,
    admin_apps,
    kinds,
    may_in_admin,
    permissions_of,
    roles_with,
    scope_of,
    scope_over,
    tier_mask_of,
    tiers_in,
    widest,
)
from accounts.supervision.models import Supervision


class Department(models.Model):
    """服务部、项目部、办公室 and the like (R413). Its head has the duties of the department tier."""

    name = models.CharField(_("名称"), max_length=60, unique=True)
    head = models.ForeignKey(
        "accounts.User",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="headed_departments",
        verbose_name=_("部门负责人"),
    )
    version = models.PositiveIntegerField(default=1, db_default=1, editable=False)
    history = HistoricalRecords()

    class Meta:
        verbose_name = _("部门")
        verbose_name_plural = _("部门")
        ordering = ["name"]

    def __str__(self):
        return self.name


class UserQuerySet(models.QuerySet):
    def active(self):
        return self.filter(is_active=True)

    def with_login_name(self, username):
        """Filters by login name, ignoring case."""
        return self.filter(username__iexact=username)

    def with_role(self, role):
        """Users who hold `role` (one of accounts.roles.Role)."""
        return self.filter(any_role_condition([role]))

    def with_any_role(self, roles):
        """Users who hold at least one of `roles`."""
        return self.filter(any_role_condition(roles))

    def with_permission(self, permission):
        """Users with a role that grants `permission`."""
        return self.with_any_role(roles_with(permission))

    def may_be_responsible(self):
        """Active users who may log contacts, and so may keep the relationship with a record."""
        return self.active().with_permission(Permission.LOG)

    def supervisor_on(self, worker, day):
        """The supervisor of `worker` (a User or a pk) on `day`: one user or none (R299)."""
        running = Supervision.objects.running_on(day).filter(worker=worker)
        return self.filter(pk__in=running.values("supervisor"))

    def visible_to(self, user):
        """All users, for every user who works here; none for users who may not view records."""
        return self if user.may(Permission.VIEW) or user.may(Permission.MANAGE_ACCOUNTS) else self.none()

    def stand_ins_arrangeable_by(self, user):
        """The users for whom `user` may arrange a stand-in: themselves, and the people they lead (R271)."""
        if user.may(Permission.MANAGE_ACCOUNTS):
            return self
        own = Q(pk=user.pk)
        if not user.may(Permission.HAND_OVER):
            return self.filter(own)
        if user.covers_centre:
            return self
        return self.filter(own | Q(department=user.department_id)) if user.department_id else self.filter(own)


class UserManager(BaseUserManager.from_queryset(UserQuerySet)):
    def create_user(self, username, password=None, **fields):
        user = self.model(username=self.model.normalize_username(username), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, username, password=None, **fields):
        """Creates an administrator (see accounts.roles): there is no superuser."""
        fields.setdefault("name", username)
        fields.setdefault("roles", [Role.ADMINISTRATOR])
        return self.create_user(username, password, **fields)

    def get_by_natural_key(self, username):
        return self.with_login_name(username).get()


UNTRACKED_FIELDS = ["password", "last_login"]


class User(AbstractBaseUser):
    """A member of staff, the council or the office who logs in."""

    username = models.CharField(
        _("登录名"), max_length=60, unique=True, validators=[UnicodeUsernameValidator()]
    )
    name = models.CharField(_("姓名"), max_length=40, db_index=True)
    email = models.EmailField(_("电子邮箱"), blank=True)
    # The address that the user confirmed with the password; a reset link is sent only while it equals `email`.
    confirmed_email = models.EmailField(
        _("本人确认过的邮箱"), blank=True, default="", db_default="", editable=False
    )
    phone = models.CharField(_("电话"), max_length=40, blank=True)
    department = models.ForeignKey(
        Department,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="members",
        verbose_name=_("部门"),
    )
    roles = RolesField(_("角色"), default=list)
    tier_mask = models.PositiveSmallIntegerField(_("层级"), default=0, editable=False)
    is_active = models.BooleanField(_("在职"), default=True)
    must_change_password = models.BooleanField(_("下次登录须改密码"), default=False)
    session_epoch = models.PositiveIntegerField(default=0, editable=False)
    language = models.CharField(
        _("界面语言"), max_length=10, default="zh-hans", choices=[("zh-hans", "中文"), ("en", "English")]
    )
    wants_email = models.BooleanField(_("用邮件提醒"), default=True)
    uses_keys = models.BooleanField(_("使用快捷键"), default=True)
    date_joined = models.DateTimeField(_("开通时间"), default=timezone.now, editable=False)
    version = models.PositiveIntegerField(default=1, db_default=1, editable=False)

    objects = UserManager()
    history = HistoricalRecords(excluded_fields=UNTRACKED_FIELDS)

    USERNAME_FIELD = "username"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["name"]

    class Meta:
        verbose_name = _("账号")
        verbose_name_plural = _("账号")
        ordering = ["name", "pk"]
        constraints = [
            models.UniqueConstraint(
                Upper("username"),
                name="user_one_spelling",
                violation_error_message=_("这个登录名已经有人用了，请换一个。"),
            )
        ]

    # The names in accounts.access.ACCESS_SOURCES that open anything to this user today; None: not queried.
    access_sources = None

    # The pks in accounts.access.records_without_caution; None: not queried in this request.
    records_without_caution = None

    def __str__(self):
        return self.name

    @classmethod
    def from_db(cls, db, field_names, values):
        """Remembers the e-mail address as it was read, so that every way of saving a change of it is noticed."""
        user = super().from_db(db, field_names, values)
        user.email_as_read = user.__dict__.get("email")
        return user

    def refresh_from_db(self, using=None, fields=None, **more):
        """Updates the remembered address: a change by another instance was announced there and is none of this one."""
        super().refresh_from_db(using, fields, **more)
        if "email" in self.__dict__ and (fields is None or "email" in fields):
            self.email_as_read = self.email

    @property
    def has_confirmed_email(self):
        """Whether a link for a new password may be sent to the address of the account."""
        return bool(self.email) and self.email == self.confirmed_email

    def save(self, *args, **kwargs):
        """Sets the tiers from the roles; a save of untracked fields only leaves no empty version in the history."""
        self.tier_mask = tier_mask_of(self.roles)
        only = kwargs.get("update_fields")
        if only is not None and "roles" in only:
            kwargs["update_fields"] = {*only, "tier_mask"}
        unkept = only and set(only) <= set(UNTRACKED_FIELDS)
        if unkept and not hasattr(self, "skip_history_when_saving"):
            self.save_without_historical_record(*args, **kwargs)
        else:
            super().save(*args, **kwargs)

    def get_full_name(self):
        return self.name

    def get_short_name(self):
        return self.name

    @cached_property
    def permissions(self):
        """The permissions of the user's roles; none for a closed account."""
        return permissions_of(self.roles) if self.is_active else frozenset()

    @cached_property
    def covers_centre(self):
        """Whether a role of the user is for the whole centre, not for a department or their own work.

        It decides whose colleagues the user leads, so it never depends on the kinds that apps add.
        """
        return any(GRANTS[Role(role)].scope == Scope.ALL for role in self.roles)

    @cached_property
    def widest_scope(self):
        """The widest scope of the user over the records of any kind: what lists of all kinds together offer."""
        return widest({self.scope_over(kind) for kind in kinds()})

    def scope_over(self, kind):
        """Returns whose records of `kind` (text) the user sees (accounts.roles.Scope)."""
        return scope_of(self.roles, kind)

    def sees_records_of(self, kind):
        """Whether the user may see records of `kind` at all, and not only their number."""
        return self.may(Permission.VIEW) and self.scope_over(kind) in RECORD_SCOPES

    def counts(self, kind):
        """Whether the user may know how many records of `kind` there are, without seeing them."""
        return any(scope_over(role, kind) == Scope.NUMBERS for role in self.roles)

    @property
    def sees_everything(self):
        """Whether all records of every kind are visible to the user."""
        scopes = {self.scope_over(kind) for kind in kinds()}
        return scopes == {Scope.ALL} and self.may(Permission.VIEW) and self.may(Permission.CONFIDENTIAL)

    def may_use_access_source(self, name):
        """Whether this source may open anything to the user in this request; True while unknown.

        `name` is a name in accounts.access.ACCESS_SOURCES.
        """
        return self.access_sources is None or name in self.access_sources

    @cached_property
    def request_day(self):
        """The day of the request, in Shanghai; one value for the whole request."""
        return timezone.localdate()

    @property
    def tiers(self):
        return tiers_in(self.tier_mask)

    @property
    def role_names(self):
        return [Role(role).label for role in self.roles]

    @property
    def is_staff(self):
        """Django's name for users who may enter the admin site."""
        return self.is_active and any(
            self.may(permission)
            for permission in (
                Permission.MANAGE_ACCOUNTS,
                Permission.MANAGE_CALENDAR,
                Permission.MANAGE_RULES,
                Permission.CORRECT,
            )
        )

    def may(self, permission):
        """Whether the user's roles grant this permission (on any record visible to the user)."""
        return permission in self.permissions

    def has_perm(self, perm, obj=None):
        """Permission check of the admin site, based on roles.ADMIN_MODELS."""
        return may_in_admin(self, perm)

    def has_perms(self, perms, obj=None):
        return all(self.has_perm(perm, obj) for perm in perms)

    def has_module_perms(self, app_label):
        return app_label in admin_apps(self)

    def get_session_auth_hash(self):
        """Returns a hash of the password and the epoch, so that changing either ends every session."""
        return f"{super().get_session_auth_hash()}{self.session_epoch}"


class StandInQuerySet(models.QuerySet):
    def active_on(self, day):
        return self.filter(starts_on__lte=day, ends_on__gte=day, cancelled_at=None, stand_in__is_active=True)

    def held_by(self, user):
        return self.filter(stand_in=user)

    def may_exist_for(self, user):
        """False for the user of a session who stands in for no one today, so that no query is needed."""
        return getattr(user, "stands_in", None) is not False

    def absent_for(self, user):
        """The pks of the users for whom `user` stands in on the day of the request."""
        if not self.may_exist_for(user):
            return self.none().values("absent")
        return self.held_by(user).active_on(user.request_day).values("absent")

    def uncancelled(self):
        return self.filter(cancelled_at=None)

    def overlapping(self, starts_on, ends_on):
        """Arrangements that share at least one day with this period, both ends included."""
        return self.filter(starts_on__lte=ends_on, ends_on__gte=starts_on)

    def visible_to(self, user):
        """Arrangements that `user` takes part in, and those of people for whom `user` may arrange a stand-in."""
        led = User.objects.stand_ins_arrangeable_by(user).values("pk")
        return self.filter(Q(absent__in=led) | Q(stand_in=user.pk) | Q(absent=user.pk))


class StandIn(models.Model):
    """代理同事: who receives the reminders and approvals of an absent colleague, and for which days (R271, R420)."""

    absent = models.ForeignKey(
        User, on_delete=models.PROTECT, related_name="stand_ins", verbose_name=_("外出同事")
    )
    stand_in = models.ForeignKey(
        User, on_delete=models.PROTECT, related_name="standing_in", verbose_name=_("代理同事")
    )
    starts_on = models.DateField(_("开始"))
    ends_on = models.DateField(_("结束"))
    reason = models.CharField(pgettext_lazy("absence", "事由"), max_length=200, blank=True)
    created_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", verbose_name=_("登记人"))
    created_at = models.DateTimeField(auto_now_add=True)
    cancelled_at = models.DateTimeField(_("取消时间"), null=True, blank=True)

    objects = StandInQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        verbose_name = _("代理安排")
        verbose_name_plural = _("代理安排")
        ordering = ["-starts_on", "pk"]
        constraints = [
            models.CheckConstraint(condition=Q(ends_on__gte=F("starts_on")), name="standin_ends_after_start"),
            models.CheckConstraint(condition=~Q(absent=F("stand_in")), name="standin_is_another_person"),
        ]
        indexes = [models.Index(fields=["stand_in", "starts_on", "ends_on"], name="standin_by_person")]

    def __str__(self):
        return f"{self.absent} → {self.stand_in}"

    @property
    def days(self):
        """The first and the last day, as text."""
        return day_range(self.starts_on, self.ends_on)

    def state_on(self, day):
        """Returns `cancelled`, `over`, `running` or `ahead`."""
        return "cancelled" if self.cancelled_at else period_state(self.starts_on, self.ends_on, day)

    def clean(self):
        """Requires one stand-in at a time for each absent user, who is present on all those days (R271).

        The second rule excludes circles: a stand-in is never absent, so nothing is passed round.
        """
        if not (self.absent_id and self.stand_in_id and self.starts_on and self.ends_on):
            return
        if self.ends_on < self.starts_on:
            raise ValidationError({"ends_on": _("结束比开始早，请检查日期。")})
        if self.absent_id == self.stand_in_id:
            raise ValidationError({"stand_in": _("代理同事要另选一位，不能是外出的人自己。")})
        others = StandIn.objects.uncancelled().overlapping(self.starts_on, self.ends_on).exclude(pk=self.pk)
        self._refuse_second(others.filter(absent=self.absent_id).select_related("absent", "stand_in").first())
        self._refuse_absent(others.filter(absent=self.stand_in_id).select_related("absent").first())

    def _refuse_second(self, taken):
        if taken:
            words = {"who": taken.absent, "days": taken.days, "other": taken.stand_in}
            sentence = _("%(who)s %(days)s已由%(other)s代理，请改日期，或先取消那一次。") % words
            raise ValidationError({"starts_on": sentence})

    def _refuse_absent(self, away):
        if away:
            words = {"who": away.absent, "days": away.days}
            raise ValidationError({"stand_in": _("%(who)s %(days)s自己也外出，请另选一位。") % words})
