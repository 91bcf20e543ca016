"""Admin pages for corrections of employers and contracts.

The person responsible is changed by a hand-over only; notes of caution have their own page (R38).
"""

from django import forms
from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from accounts.admin_base import ReasonForm
from employers.models import Contract, Employer
from relations.admin_base import RecordAdmin
from relations.duties import settlement as duties
from relations.log.forms import EARLIEST
from relations.parties import standing
from relations.search import index as search
from reminders import clock


class EmployerForm(ReasonForm):
    """The correction form of an employer; duties are calculated from `watched_from` on, so it must not be too early."""

    def clean_watched_from(self):
        day = self.cleaned_data["watched_from"]
        if day < EARLIEST:
            raise forms.ValidationError(_("早于2000年，请检查年份。"))
        return day


@admin.register(Employer)
class EmployerAdmin(RecordAdmin):
    """Corrections of an employer; updates the search index and the duties."""

    form = EmployerForm
    name_lookups = "pk"
    fields = [
        "number",
        "name",
        "body_type",
        "relation",
        "supervision",
        "parent_unit",
        "town",
        "address",
        "service_area",
        "source",
        "source_detail",
        "past_cooperation",
        "prospects",
        "note",
        "watched_from",
        "responsible",
        "department",
        "is_confidential",
        "closed_on",
    ]
    exclude = ["caution", "caution_by", "caution_on", "pinyin", "initials", "token", "version"]
    readonly_fields = ["number", "responsible", "department", "is_confidential", "closed_on"]
    list_display = ["name", "number", "town", "body_type", "responsible", "department", "closed_on"]
    list_filter = ["body_type", "department"]

    def after_correction(self, obj, form, changed):
        if "name" in changed:
            search.index([obj])
        if "watched_from" in changed:
            first = min(obj.watched_from, form.initial["watched_from"])
            duties.derive(first=first, last=max(first, clock.today()), stakeholders=[obj.pk])


class ContractForm(ReasonForm):
    """The correction form of a contract: checks the dates as the database constraints do, with readable errors."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["ends_on"].required = True

    def clean(self):
        cleaned = super().clean()
        first, last, ended = (cleaned.get(name) for name in ("starts_on", "ends_on", "ended_on"))
        if first and last and last < first:
            self.add_error("ends_on", forms.ValidationError(_("比合同开始（%s）早，请检查年份。") % first))
        if first and last and ended and not first <= ended <= last:
            self.add_error("ended_on", forms.ValidationError(_("提前终止的日期要在合同期内。")))
        return cleaned


@admin.register(Contract)
class ContractAdmin(RecordAdmin):
    """Corrections of a contract; updates standing and duties when its dates change (R32)."""

    form = ContractForm
    fields = [
        "stakeholder",
        "number",
        "parties",
        "signed_on",
        "starts_on",
        "ends_on",
        "ended_on",
        "end_reason",
        "amount",
        "content",
        "goals",
        "constraints",
    ]
    exclude = ["version", "last_day"]
    readonly_fields = ["stakeholder"]
    list_display = ["number", "stakeholder", "starts_on", "last_day"]
    list_select_related = ["stakeholder"]

    def after_correction(self, obj, form, changed):
        if {"starts_on", "ends_on", "ended_on"} & changed:
            standing.update_standing([obj.stakeholder_id], clock.today())
