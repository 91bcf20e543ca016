"""Stakeholders and what every kind has with them: contact persons, terms, and spans of days in which one is in force.

Also handovers, the saved views of lists of stakeholders, and the names and tokens by which the search finds them.
"""

from datetime import date

from django.conf import settings
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from simple_history.models import HistoricalRecords

from accounts.access import countable_condition, records_without_caution, within_scope
from accounts.fields import LongTextField
from accounts.roles import Permission, kind_label
from relations.models.figures import CountOnly
from relations.models.labels import CachedDisplayModel
from relations.parties.kinds import KINDS, may_for_kind, own_levels_of_every_kind


class Kind(models.TextChoices):
    """The four classes of object (R5); a record has exactly one."""

    EMPLOYER = "employer", kind_label("employer")
    CLIENT = "client", kind_label("client")
    PARTNER = "partner", kind_label("partner")
    STAFF = "staff", kind_label("staff")


def kind_choices():
    """Returns the choices of `kind`, as pairs of value and label: the four classes, and kinds that apps register."""
    further = [kind for kind in KINDS if kind not in Kind.values]
    return [*Kind.choices, *((kind, KINDS[kind].label) for kind in further)]


class Source(models.TextChoices):
    """How a relationship started (R12, R34)."""

    THEY_CAME = "they_came", _("对方主动联系")
    WE_CAME = "we_came", _("中心主动联系")
    REFERRAL = "referral", _("转介")
    OTHER = "other", _("其他")


class Level(models.TextChoices):
    """The level of a contact person of the other side (R86), highest first; a kind may have levels of its own.

    Their department head is DEPARTMENT_HEAD; ours is a role (accounts.roles).
    """

    PARTY_COMMITTEE = "party_committee", _("镇街党委")
    BUREAU_DIRECTOR = "bureau_director", _("局长")
    LEADER = "leader", _("领导")
    DEPARTMENT_HEAD = "department_head", _("部门负责人")
    CLERK = "clerk", _("对接办事员")
    COMMUNITY_CADRE = "community_cadre", _("社区干部")
    OTHER = "other", _("其他")


def levels_of(kind):
    """Returns the levels that contact persons of a kind may have, as pairs of value and label."""
    spec = KINDS.get(kind)
    own = [(level.value, level.label) for level in spec.own_levels] if spec else []
    return [
        choice for choice in [*Level.choices, *own] if not (spec and spec.levels) or choice[0] in spec.levels
    ]


def level_choices():
    """Returns the levels of every kind, as pairs of value and label: all choices of the column."""
    return [*Level.choices, *((level.value, level.label) for level in own_levels_of_every_kind())]


def level_bits():
    """Returns {level: its bit in the masks of contacts and rules}."""
    general = {level: 1 << place for place, level in enumerate(Level.values)}
    return general | {level.value: 1 << level.bit for level in own_levels_of_every_kind()}


class StakeholderQuerySet(models.QuerySet):
    def visible_to(self, user):
        """Stakeholders visible to `user`. Lists, pages, counts, search, exports, charts and reminders start from it."""
        return self.filter(within_scope(user), voided_at=None)

    def countable_by(self, user):
        """Returns a CountOnly of the stakeholders that `user` may count, including those they may not view."""
        return CountOnly(self.filter(countable_condition(user), voided_at=None))

    def with_standing(self, day):
        """Adds `is_active_standing`: whether the relationship is in force on `day` (R29-R32)."""
        in_force = StandingSpan.objects.running_on(day).filter(stakeholder=OuterRef("pk"))
        return self.annotate(is_active_standing=Exists(in_force))

    def active_on(self, day):
        """显在: an agreement is in force on `day` (R31)."""
        return self.with_standing(day).filter(is_active_standing=True)

    def of_kind(self, kind):
        return self.filter(kind=kind)


class Stakeholder(CachedDisplayModel):
    """One party with which the centre has a relationship; each kind extends this table."""

    kind = models.CharField(_("类别"), max_length=12, choices=kind_choices, editable=False)
    number = models.CharField(_("编号"), max_length=24, unique=True, null=True, editable=False)
    name = models.CharField(_("名称"), max_length=120)
    pinyin = models.CharField(max_length=400, blank=True, editable=False)
    initials = models.CharField(max_length=120, blank=True, editable=False)
    source = models.CharField(_("来源"), max_length=12, choices=Source.choices, default=Source.WE_CAME)
    source_detail = models.CharField(_("来源说明"), max_length=200, blank=True)
    responsible = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="stakeholders",
        verbose_name=_("负责社工"),
    )
    department = models.ForeignKey(
        "accounts.Department",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="stakeholders",
        verbose_name=_("部门"),
    )
    # The account of the colleague whom a record of kind "staff" is about.
    account = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="own_record",
        verbose_name=_("本人账号"),
    )
    caution = LongTextField(_("特殊事项"), blank=True)
    caution_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, editable=False, related_name="+"
    )
    caution_on = models.DateField(null=True, editable=False)
    is_confidential = models.BooleanField(_("保密"), default=False)
    last_contact_on = models.DateField(_("上次联系"), null=True, editable=False)
    last_contact_channel = models.CharField(max_length=12, blank=True, editable=False)
    watched_from = models.DateField(_("开始提醒的日期"))
    closed_on = models.DateField(_("关闭日期"), null=True, editable=False)
    voided_at = models.DateTimeField(_("作废时间"), null=True, editable=False)
    voided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, editable=False, related_name="+"
    )
    void_reason = models.CharField(_("作废原因"), max_length=200, blank=True, editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)
    created_at = models.DateTimeField(_("登记时间"), auto_now_add=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, editable=False, related_name="+"
    )
    updated_at = models.DateTimeField(_("更新时间"), auto_now=True)

    objects = StakeholderQuerySet.as_manager()

    class Meta:
        verbose_name = _("关系对象")
        verbose_name_plural = _("关系对象")
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(voided_at=None) | ~Q(void_reason=""), name="stakeholder_void_has_reason"
            ),
            models.CheckConstraint(
                condition=Q(voided_at=None, voided_by=None)
                | Q(voided_at__isnull=False, voided_by__isnull=False),
                name="stakeholder_void_has_person",
            ),
            models.CheckConstraint(
                condition=Q(account=None) | Q(kind="staff"), name="stakeholder_account_is_of_staff"
            ),
            models.CheckConstraint(
                condition=~Q(source="other") | ~Q(source_detail=""), name="stakeholder_other_source_is_told"
            ),
        ]
        indexes = [
            models.Index(fields=["kind", "name"], name="stakeholder_kind_name"),
            models.Index(fields=["kind", "last_contact_on", "id"], name="stakeholder_kind_contact"),
            models.Index(fields=["responsible", "kind"], name="stakeholder_worker"),
            models.Index(fields=["department", "kind"], name="stakeholder_department"),
        ]

    def __str__(self):
        return self.name

    def may(self, user, permission):
        """Whether `user`, to whom this record is visible, has the general `permission` for records of its kind.

        What they may do with this very record is narrower: relations.parties.own_right.may_act.
        """
        return may_for_kind(user, permission, self.kind)

    def may_see_caution(self, user):
        """Whether `user`, who sees this record, may read and write its notes of caution and those of its people (R38).

        They are for the responsible worker and for roles with Permission.CAUTION, unless only a share opens the record,
        and never for the colleague whom the record is about.
        Shown on the record, as a triangle in lists, and in meetings with their printed preparation; never in an
        export, another printed form, a search or the admin site.
        """
        if self.account_id == user.pk:
            return False
        if self.responsible_id == user.pk:
            return True
        return self.may(user, Permission.CAUTION) and self.pk not in records_without_caution(user)

    def get_absolute_url(self):
        return reverse("relations:record", args=[self.pk])


def visible_with_stakeholder(user, path="stakeholder"):
    """Returns the condition (Q) on rows that belong to the stakeholder at lookup `path` and are visible with it.

    Excludes voided stakeholders.
    """
    return within_scope(user, path) & Q(**{f"{path}__voided_at": None})


def countable_with_stakeholder(user, path="stakeholder"):
    """The same for rows that `user` may count; use it only for a CountOnly."""
    return countable_condition(user, path) & Q(**{f"{path}__voided_at": None})


class ContactPersonQuerySet(models.QuerySet):
    def visible_to(self, user):
        return self.filter(visible_with_stakeholder(user))

    def current(self):
        return self.filter(left_on=None)


class ContactPerson(models.Model):
    """对接人: a person of the other side, with a level (R86); one of them is the main contact person (R41)."""

    stakeholder = models.ForeignKey(
        Stakeholder, on_delete=models.PROTECT, related_name="contacts", verbose_name=_("关系对象")
    )
    name = models.CharField(_("姓名"), max_length=40)
    title = models.CharField(_("职务"), max_length=60, blank=True)
    level = models.CharField(_("层级"), max_length=16, choices=level_choices, default=Level.CLERK)
    phone = models.CharField(_("联系电话"), max_length=60, blank=True)
    email = models.EmailField(_("电子邮箱"), blank=True)
    wechat = models.CharField(_("微信／QQ"), max_length=60, blank=True)
    is_main = models.BooleanField(_("主要对接人"), default=False)
    caution = LongTextField(_("特殊事项"), blank=True)
    note = models.CharField(_("备注"), max_length=200, blank=True)
    position = models.PositiveSmallIntegerField(default=0, editable=False)
    left_on = models.DateField(_("离任日期"), null=True, blank=True)
    version = models.PositiveIntegerField(default=1, editable=False)

    objects = ContactPersonQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        verbose_name = _("对接人")
        verbose_name_plural = _("对接人")
        ordering = ["-is_main", "position", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["stakeholder"], condition=Q(is_main=True, left_on=None), name="contact_one_main"
            ),
            models.UniqueConstraint(
                fields=["stakeholder", "name", "title"], condition=Q(left_on=None), name="contact_once"
            ),
        ]

    def __str__(self):
        return f"{self.name} {self.title}".strip()


def ends_from(day, field="last_day"):
    """Returns the condition (Q) that a term ends on `day` or later, or has no end."""
    return Q(**{f"{field}__gte": day}) | Q(**{field: None})


class TermQuerySet(models.QuerySet):
    def valid(self):
        return self.filter(voided_at=None)

    def in_force_on(self, day):
        return self.valid().filter(ends_from(day), starts_on__lte=day)


class Term(models.Model):
    """The time for which a relationship is agreed. Contracts and agreements extend this table (R31, R67).

    `ends_on` is the agreed end, None if none was agreed (an oral agreement, an employment); `ended_on` is an earlier
    end; `last_day` is the effective last day, None while there is no end.
    """

    stakeholder = models.ForeignKey(
        Stakeholder, on_delete=models.PROTECT, related_name="terms", verbose_name=_("关系对象")
    )
    starts_on = models.DateField(_("开始"))
    ends_on = models.DateField(_("结束"), null=True, blank=True)
    ended_on = models.DateField(_("提前终止日期"), null=True, blank=True)
    last_day = models.DateField(null=True, editable=False)
    voided_at = models.DateTimeField(_("作废时间"), null=True, editable=False)

    objects = TermQuerySet.as_manager()

    class Meta:
        verbose_name = pgettext_lazy("contract", "期限")
        verbose_name_plural = pgettext_lazy("contract", "期限")
        ordering = ["-starts_on", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on=None) | Q(ends_on__gte=F("starts_on")), name="term_ends_after_start"
            ),
            models.CheckConstraint(
                condition=Q(ended_on=None)
                | Q(ended_on__gte=F("starts_on")) & (Q(ends_on=None) | Q(ended_on__lte=F("ends_on"))),
                name="term_ended_within",
            ),
            models.CheckConstraint(
                condition=Q(last_day__isnull=False) | Q(ends_on=None, ended_on=None),
                name="term_last_day_is_open",
            ),
        ]
        indexes = [
            models.Index(fields=["stakeholder", "last_day"], name="term_stakeholder"),
            models.Index(fields=["last_day"], name="term_last_day"),
        ]

    def save(self, *args, **kwargs):
        self.last_day = self.ended_on or self.ends_on
        super().save(*args, **kwargs)

    def __str__(self):
        return f"{self.starts_on}—{self.last_day or ''}"


NO_END = date(9999, 1, 1)


class StandingSpanQuerySet(models.QuerySet):
    def running_on(self, day):
        return self.filter(starts_on__lte=day, ends_on__gte=day)


class StandingSpan(models.Model):
    """A span of days in which a relationship is 显在: the terms of a stakeholder, merged where they adjoin (R32).

    Derived by relations.parties.standing from the terms; never entered or shown. The spans of one stakeholder do not
    overlap. A span without end ends on NO_END, so that SQL can compare it like any other.
    """

    stakeholder = models.ForeignKey(Stakeholder, on_delete=models.CASCADE, related_name="standing_spans")
    starts_on = models.DateField()
    ends_on = models.DateField()

    objects = StandingSpanQuerySet.as_manager()

    class Meta:
        verbose_name = _("显在期间")
        verbose_name_plural = _("显在期间")
        ordering = ["stakeholder", "starts_on"]
        constraints = [
            models.CheckConstraint(condition=Q(ends_on__gte=F("starts_on")), name="span_ends_after_start"),
            models.UniqueConstraint(fields=["stakeholder", "starts_on"], name="span_once"),
        ]
        indexes = [models.Index(fields=["stakeholder", "ends_on", "starts_on"], name="span_by_end")]


class HandOver(models.Model):
    """One change of the responsible worker. Written by relations.parties.actions only and never edited."""

    stakeholder = models.ForeignKey(Stakeholder, on_delete=models.CASCADE, related_name="hand_overs")
    giver = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    taker = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    on = models.DateField(_("日期"))
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("转交")
        verbose_name_plural = _("转交")
        ordering = ["pk"]


class SavedView(models.Model):
    """存为视图: the filters of a list that a user stores under a name."""

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="saved_views")
    page = models.CharField(max_length=40)
    name = models.CharField(_("名称"), max_length=30)
    query = models.CharField(max_length=500, blank=True)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        verbose_name = _("视图")
        verbose_name_plural = _("视图")
        ordering = ["position", "pk"]
        constraints = [models.UniqueConstraint(fields=["owner", "page", "name"], name="savedview_once")]

    def __str__(self):
        return self.name


class SearchToken(models.Model):
    """A search token from the names of a stakeholder; written and read by relations.search.index.

    There is no database constraint on `stakeholder`: checking over a hundred tokens per stakeholder took a third of
    the time of a large import. It is safe because tokens are written in the transaction that writes the stakeholder,
    and stakeholders are never deleted.
    """

    stakeholder = models.ForeignKey(
        Stakeholder, on_delete=models.CASCADE, related_name="tokens", db_constraint=False
    )
    token = models.CharField(max_length=24)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["token", "stakeholder"], name="token_once")]


class SearchName(models.Model):
    """A name in the forms of relations.search.pinyin; searches of more than a few characters are checked against it.

    Without a `person` it is the stakeholder's own name. `pinyin` has a space before each syllable, `pairs` joins each
    character and its initial, `numbers` contains the person's telephone numbers, each followed by a space.
    """

    stakeholder = models.ForeignKey(Stakeholder, on_delete=models.CASCADE, related_name="search_names")
    person = models.ForeignKey(ContactPerson, on_delete=models.CASCADE, null=True, related_name="+")
    plain = models.CharField(max_length=120)
    pinyin = models.CharField(max_length=840)
    initials = models.CharField(max_length=120)
    pairs = models.CharField(max_length=360)
    numbers = models.CharField(max_length=120, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["stakeholder"], condition=Q(person=None), name="search_name_once"
            ),
            models.UniqueConstraint(fields=["person"], name="search_name_person_once"),
        ]
