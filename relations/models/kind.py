"""Abstract base models of every kind of stakeholder and of its terms."""

from django.conf import settings
from django.db import models
from django.db.models import Value
from django.db.models.functions import Upper
from django.utils.translation import gettext_lazy as _

from accounts.access import within_scope
from accounts.roles import Scope
from relations.models.stakeholder import (
    Stakeholder,
    StakeholderQuerySet,
    Term,
    TermQuerySet,
    visible_with_stakeholder,
)
from relations.parties import record_urls


class RecordQuerySet(StakeholderQuerySet):
    def visible_to(self, user):
        """Also filters by kind, which changes no result, so that the indexes by worker and department are used."""
        kind = self.model.KIND
        rows = self.filter(within_scope(user, kind=kind), voided_at=None)
        return rows if user.scope_over(kind) == Scope.ALL else rows.filter(kind=kind)


class Record(Stakeholder):
    """A stakeholder of one kind. The model of a kind extends this class and sets KIND."""

    KIND = ""

    token = models.UUIDField(null=True, unique=True, editable=False)

    objects = RecordQuerySet.as_manager()

    class Meta:
        abstract = True

    def save(self, *args, **kwargs):
        self.kind = self.KIND
        super().save(*args, **kwargs)

    def get_absolute_url(self):
        return record_urls.kind_page_url(self)


class AgreementQuerySet(TermQuerySet):
    def visible_to(self, user):
        return self.filter(visible_with_stakeholder(user), voided_at=None)

    def with_number(self, *numbers):
        """Filters by number, ignoring case; for the terms of a kind that have one."""
        capitals = [Upper(Value(number)) for number in numbers]
        return self.alias(number_in_capitals=Upper("number")).filter(number_in_capitals__in=capitals)


class Agreement(Term):
    """A term agreed with a stakeholder. The contracts or agreements of a kind extend this class.

    relations.parties.terms writes the reasons of an early end and of voiding.
    """

    end_reason = models.CharField(_("提前终止原因"), max_length=200, blank=True)
    void_reason = models.CharField(_("作废原因"), max_length=200, blank=True, editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, editable=False, related_name="+"
    )

    objects = AgreementQuerySet.as_manager()

    class Meta:
        abstract = True
