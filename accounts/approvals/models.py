"""Approval requests (Sheet), their steps, and the rules (Chain) from which the steps are made."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext, gettext_lazy

from accounts.approvals.registers import APPROVER_ROLES, MATTERS

MAX_LENGTH = 200
MAX_OPINION_LENGTH = 500


def user_key(**more):
    """Returns a nullable foreign key to an account."""
    return models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", **more
    )


def different_people(one, other):
    """The condition that two columns do not hold the same user; true when one of them is NULL."""
    return Q(**{one: None}) | Q(**{other: None}) | ~Q(**{one: F(other)})


class SheetQuerySet(models.QuerySet):
    def open(self):
        return self.filter(state=Sheet.State.OPEN)

    def about_matter(self, matter, subject):
        return self.filter(matter=matter, subject=subject)

    def about_roles(self):
        """Requests about the roles or the department of an account (accounts.rights.account_matters)."""
        return self.filter(matter=Sheet.ROLES)


class Sheet(models.Model):
    """审批单、确认单: an approval request; its steps are the approvals it needs.

    `matter` is its kind (accounts.approvals.registers.MATTERS), `subject` identifies what it is about ("user:7"),
    `about` is the user who benefits and so may not decide. `asked` is the requested change, in the form its matter
    defines, and `content_hash` a hash of the content when it was opened: changed content makes it void. `named` are
    users whom the request itself names as deciders, such as an absent colleague. The outcome is that of the last
    step. What one user may do alone, but must not do unnoticed, is stored as a request without steps: AT_ONCE, or
    BARRED when it was refused.
    """

    class State(models.TextChoices):
        OPEN = "open", gettext_lazy("待审批")
        APPROVED = "approved", gettext_lazy("已批准")
        RETURNED = "returned", gettext_lazy("已退回")
        WITHDRAWN = "withdrawn", gettext_lazy("已撤回")
        VOID = "void", gettext_lazy("已失效")
        AT_ONCE = "at_once", gettext_lazy("立即生效")
        BARRED = "barred", gettext_lazy("不允许")

    ROLES = "roles"  # also used by the rules for printing slips (accounts.passwords)

    matter = models.CharField(max_length=20)
    subject = models.CharField(max_length=60)
    about = user_key()
    asked = models.JSONField(default=dict)
    content_hash = models.CharField(max_length=64, blank=True, default="", db_default="")
    reason = models.CharField(gettext_lazy("原因"), max_length=MAX_LENGTH, blank=True)
    asked_by = user_key()
    asked_at = models.DateTimeField(auto_now_add=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN)
    decided_by = user_key()
    decided_at = models.DateTimeField(null=True)
    opinion = models.CharField(gettext_lazy("意见"), max_length=MAX_OPINION_LENGTH, blank=True)
    exception = models.CharField(max_length=MAX_LENGTH, blank=True)
    notified_users = models.ManyToManyField(settings.AUTH_USER_MODEL, related_name="+")
    named = models.ManyToManyField(settings.AUTH_USER_MODEL, related_name="+")

    objects = SheetQuerySet.as_manager()

    class Meta:
        verbose_name = gettext_lazy("审批单")
        verbose_name_plural = gettext_lazy("审批单")
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
                condition=Q(state__in=["approved", "returned"], decided_by__isnull=False)
                | (~Q(state__in=["approved", "returned"]) & Q(decided_by=None)),
                name="sheet_answered_by_somebody",
            ),
            models.CheckConstraint(
                condition=different_people("decided_by", "asked_by"), name="sheet_two_names"
            ),
            models.CheckConstraint(
                condition=different_people("decided_by", "about"), name="sheet_not_by_who_gains"
            ),
        ]
        indexes = [
            models.Index(fields=["matter", "subject"], name="sheet_of_subject"),
            models.Index(fields=["asked_by"], name="sheet_of_asker"),
        ]

    def __str__(self):
        return str(MATTERS[self.matter].sheet_name) % self.pk

    def get_absolute_url(self):
        return MATTERS[self.matter].page(self)

    def get_plain_url(self):
        """Returns the URL of the generic page, which shows any request."""
        return reverse("sheet", args=[self.pk])

    @property
    def is_open(self):
        return self.state == self.State.OPEN

    @property
    def state_words(self):
        """The label of the state, as its matter defines it."""
        return MATTERS[self.matter].state_words.get(self.state, self.get_state_display())


class StepQuerySet(models.QuerySet):
    def waiting(self):
        """Steps that wait for a decision; one of each open request."""
        return self.filter(state=Step.State.ASKED)


class Step(models.Model):
    """One approval within a request: `asks` names a role in relation to the record (APPROVER_ROLES), never a user.

    Its users are computed on demand (accounts.approvals.assignment). `goes_to` is the role that decides now: `asks`,
    or a fallback when that has no one left. `decided_for` is the absent colleague when a stand-in decided; `exception`
    explains why it was not the role of the rule; `repeats` means that the user decided an earlier step too, because
    no other user holds the role. `opened_by` and `about` repeat values of the request, so that database constraints
    can enforce who may not decide; `also_about` is a second user who gains by it (Matter.also_gains).
    """

    class State(models.TextChoices):
        AHEAD = "ahead", gettext_lazy("还没轮到")
        ASKED = "asked", gettext_lazy("等待中")
        APPROVED = "approved", gettext_lazy("同意")
        RETURNED = "returned", gettext_lazy("不同意")
        DROPPED = "dropped", gettext_lazy("不再需要")

    sheet = models.ForeignKey(Sheet, on_delete=models.PROTECT, related_name="steps")
    position = models.PositiveSmallIntegerField()
    asks = models.CharField(max_length=30)
    goes_to = models.CharField(max_length=30, blank=True, default="")
    days = models.PositiveSmallIntegerField(null=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.AHEAD)
    opened_by = user_key()
    about = user_key()
    also_about = user_key()
    asked_on = models.DateField(null=True)
    due_on = models.DateField(null=True)
    escalated_on = models.DateField(null=True)
    decided_by = user_key()
    decided_for = user_key()
    decided_at = models.DateTimeField(null=True)
    opinion = models.CharField(gettext_lazy("意见"), max_length=MAX_OPINION_LENGTH, blank=True)
    exception = models.CharField(max_length=MAX_LENGTH, blank=True)
    repeats = models.BooleanField(default=False)

    objects = StepQuerySet.as_manager()

    class Meta:
        verbose_name = gettext_lazy("审批步骤")
        verbose_name_plural = gettext_lazy("审批步骤")
        ordering = ["sheet", "position"]
        constraints = [
            models.UniqueConstraint(fields=["sheet", "position"], name="step_position_once"),
            models.UniqueConstraint(fields=["sheet"], condition=Q(state="asked"), name="step_one_asked"),
            models.UniqueConstraint(
                fields=["sheet", "decided_by"], condition=Q(repeats=False), name="step_one_of_each_person"
            ),
            models.CheckConstraint(
                condition=Q(
                    state__in=["approved", "returned"], decided_by__isnull=False, decided_at__isnull=False
                )
                | (
                    ~Q(state__in=["approved", "returned"])
                    & Q(decided_by=None, decided_for=None, decided_at=None)
                ),
                name="step_answered_by_somebody",
            ),
            models.CheckConstraint(
                condition=different_people("decided_by", "opened_by"), name="step_not_by_who_opened"
            ),
            models.CheckConstraint(
                condition=different_people("decided_for", "opened_by"), name="step_not_for_who_opened"
            ),
            models.CheckConstraint(
                condition=different_people("decided_by", "about"), name="step_not_by_who_gains"
            ),
            models.CheckConstraint(
                condition=different_people("decided_for", "about"), name="step_not_for_who_gains"
            ),
            models.CheckConstraint(
                condition=different_people("decided_by", "also_about"), name="step_not_by_who_also_gains"
            ),
            models.CheckConstraint(
                condition=different_people("decided_for", "also_about"), name="step_not_for_who_also_gains"
            ),
            models.CheckConstraint(
                condition=different_people("decided_by", "decided_for"), name="step_stand_in_is_another"
            ),
        ]
        indexes = [
            models.Index(fields=["goes_to", "sheet"], condition=Q(state="asked"), name="step_asked"),
            models.Index(fields=["decided_by", "-decided_at"], name="step_by_decider"),
        ]

    def __str__(self):
        return f"{self.sheet_id}.{self.position}"

    @property
    def role_label(self):
        return APPROVER_ROLES[self.asks].label


class ChainQuerySet(models.QuerySet):
    def in_force(self):
        return self.filter(replaced_at=None)


class Chain(models.Model):
    """审批规则: the steps of requests of a matter, in order. A change adds a row; earlier versions stay.

    It applies to requests of this `kind` and `funding` ("" for all) from `amount_from` yuan on (0 for any amount).
    The steps are copied into a request when it is opened, so a change does not affect open requests. `steps` is a
    list of {"asks": name of an ApproverRole, "days": working days or None}.
    """

    matter = models.CharField(max_length=20)
    kind = models.CharField(max_length=12, blank=True, default="")
    funding = models.CharField(max_length=12, blank=True, default="")
    amount_from = models.PositiveBigIntegerField(default=0)
    version = models.PositiveIntegerField(default=1)
    steps = models.JSONField()
    reason = models.CharField(gettext_lazy("修改原因"), max_length=MAX_LENGTH, blank=True)
    set_by = user_key()
    set_at = models.DateTimeField(auto_now_add=True)
    replaced_at = models.DateTimeField(null=True)

    objects = ChainQuerySet.as_manager()

    class Meta:
        verbose_name = gettext_lazy("审批规则")
        verbose_name_plural = gettext_lazy("审批规则")
        ordering = ["matter", "kind", "funding", "amount_from", "-version"]
        constraints = [
            models.UniqueConstraint(
                fields=["matter", "kind", "funding", "amount_from", "version"], name="chain_version_once"
            ),
            models.UniqueConstraint(
                fields=["matter", "kind", "funding", "amount_from"],
                condition=Q(replaced_at=None),
                name="chain_one_in_force",
            ),
        ]

    def __str__(self):
        return f"{self.matter} {self.kind} {self.funding} {self.amount_from} v{self.version}"

    @property
    def matter_label(self):
        return MATTERS[self.matter].label

    @property
    def condition_words(self):
        """To which requests of its matter it applies, as a list of texts; empty when it applies to all of them."""
        matter, words = MATTERS[self.matter], []
        for name in ("kind", "funding"):
            if value := getattr(self, name):
                words.append(str(dict(matter.condition_choices(name)).get(value, value)))
        if self.amount_from:
            words.append(gettext("%s元以上（含）") % self.amount_from)
        return words

    @property
    def title(self):
        """The label of its matter, with the condition in brackets."""
        words = gettext("、").join(self.condition_words)
        return gettext("%(matter)s（%(condition)s）") % {
            "matter": self.matter_label,
            "condition": words or gettext("一般情况"),
        }

    @property
    def steps_words(self):
        """The steps as a list of (label of the role, days or None)."""
        return [(APPROVER_ROLES[step["asks"]].label, step["days"]) for step in self.steps]
