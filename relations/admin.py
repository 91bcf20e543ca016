"""Admin: corrections of relationships, contacts and tasks; read-only lists of rules, duties and stage changes.

Notes of caution are never shown here: users who may read them have a separate page (R38). Confidential records are
listed only for users who may open them elsewhere.
"""

from django.contrib import admin
from django.forms import ValidationError
from django.utils.translation import gettext_lazy as _

from accounts.admin_base import ReadOnlyAdmin, ReasonForm, ReferenceAdmin
from relations.admin_base import NameSearchAdmin, RecordAdmin
from relations.duties import settlement as duties
from relations.log import actions as log
from relations.log import auto_complete
from relations.log.forms import day_problem
from relations.models import (
    CadenceRule,
    ContactPerson,
    Cycle,
    Duty,
    Import,
    Interaction,
    MeetingTemplateItem,
    Purpose,
    StageChange,
    Stakeholder,
    Task,
)
from relations.search import index as search
from relations.work.tasks_due import close_reminders, update_moved_reminders
from reminders import clock
from reminders.calendar.workdays import Calendar


@admin.register(Stakeholder)
class StakeholderAdmin(NameSearchAdmin, ReadOnlyAdmin):
    """Relationships of all kinds, read-only; corrections are made in the admin of the kind."""

    name_lookups = "pk"
    fields = [
        "kind",
        "number",
        "name",
        "source",
        "source_detail",
        "responsible",
        "department",
        "watched_from",
    ]
    exclude = ["caution"]
    list_display = ["name", "kind", "number", "responsible", "department", "closed_on"]
    list_filter = ["kind", "department"]


@admin.register(ContactPerson)
class ContactPersonAdmin(RecordAdmin):
    fields = [
        "stakeholder",
        "name",
        "title",
        "level",
        "phone",
        "email",
        "wechat",
        "note",
        "is_main",
        "left_on",
    ]
    exclude = ["caution"]
    readonly_fields = ["stakeholder", "is_main", "left_on"]
    list_display = ["name", "title", "stakeholder", "level", "is_main", "left_on"]
    list_filter = ["level", "is_main"]

    def after_correction(self, obj, form, changed):
        search.index([obj.stakeholder])


class InteractionForm(ReasonForm):
    """Applies the same date limits as the page that logs contacts; clears the guest role of all but invitations."""

    def clean_contact_on(self):
        day = self.cleaned_data["contact_on"]
        problem = day_problem(day, clock.today())
        if day != self.instance.contact_on and problem:
            raise ValidationError(problem)
        return day

    def clean(self):
        cleaned = super().clean()
        if cleaned.get("purpose") != Purpose.INVITATION:
            cleaned["guest_role"] = ""
        return cleaned


@admin.register(Interaction)
class InteractionAdmin(RecordAdmin):
    """Contacts; participants are corrected on the page of the contact. Recalculates the duties concerned."""

    form = InteractionForm
    fields = [
        "stakeholder",
        "contact_on",
        "channel",
        "purpose",
        "outcome",
        "started_by",
        "guest_role",
        "content",
        "follow_up",
        "entered_by",
        "entered_at",
    ]
    exclude = ["purpose_bit", "tier_mask", "with_mask", "level_mask", "token", "version"]
    readonly_fields = ["stakeholder", "entered_by", "entered_at"]
    list_display = ["contact_on", "stakeholder", "purpose", "channel", "outcome", "entered_by"]
    list_filter = ["purpose", "channel", "outcome"]

    def after_correction(self, obj, form, changed):
        log.recount_last_contact(obj.stakeholder)
        duties.settle(obj.stakeholder, [form.initial["contact_on"], obj.contact_on])
        auto_complete.recomplete_tasks(obj)


@admin.register(Cycle)
class CycleAdmin(RecordAdmin):
    """The fields of the first stage. The stage itself is read-only: only the declared moves change it."""

    fields = [
        "stakeholder",
        "number",
        "stage",
        "stage_since",
        "opened_on",
        "ended_on",
        "ending",
        "first_contact_on",
        "first_contact_time",
        "received_by",
        "class_confirmed",
        "preliminary_needs",
    ]
    exclude = ["version"]
    readonly_fields = ["stakeholder", "number", "stage", "stage_since", "opened_on", "ended_on", "ending"]
    list_display = ["stakeholder", "number", "stage", "stage_since", "ended_on"]
    list_filter = ["stage", "ending"]


@admin.register(StageChange)
class StageChangeAdmin(NameSearchAdmin, ReadOnlyAdmin):
    """The log of stage changes, read-only."""

    name_lookups = "cycle__stakeholder"
    fields = ["cycle", "move", "source", "target", "ending", "reason", "on", "by", "at"]
    list_display = ["cycle", "source", "target", "on", "by"]
    list_filter = ["target", "ending"]

    def get_queryset(self, request):
        return super().get_queryset(request).filter(cycle__in=Cycle.objects.visible_to(request.user))


@admin.register(Duty)
class DutyAdmin(NameSearchAdmin, ReadOnlyAdmin):
    """Duties, read-only: they are calculated from rules, contracts and contacts and never entered by hand."""

    fields = ["stakeholder", "rule", "period_start", "due_on", "owed", "met", "met_on", "owner", "department"]
    list_display = ["stakeholder", "rule", "period_start", "due_on", "owed", "met", "met_on", "owner"]
    list_filter = ["rule", "department"]


@admin.register(Task)
class TaskAdmin(RecordAdmin):
    """Title, due date and owner of a task. It is completed or dropped on its own page, not here."""

    fields = ["stakeholder", "origin", "title", "due_on", "owner", "done_on", "dropped_at", "drop_reason"]
    exclude = ["key", "notified"]
    readonly_fields = ["stakeholder", "origin", "done_on", "dropped_at", "drop_reason"]
    list_display = ["title", "stakeholder", "origin", "due_on", "owner", "done_on"]
    list_filter = ["origin"]

    def save_model(self, request, obj, form, change):
        if {"due_on", "owner"} & set(form.changed_data):
            obj.notified, obj.is_provisional = 0, Calendar.load().is_provisional(obj.due_on)
        super().save_model(request, obj, form, change)
        if "due_on" in form.changed_data:
            update_moved_reminders(obj, clock.today())
        if "owner" in form.changed_data:
            close_reminders(Task.objects.filter(pk=obj.pk))


@admin.register(CadenceRule)
class CadenceRuleAdmin(ReadOnlyAdmin):
    """All versions of all rules, read-only; new versions are made on the rules page, which previews their effect."""

    fields = [
        "code",
        "name",
        "kind",
        "standing",
        "tier",
        "period",
        "times",
        "counts_accompanying",
        "lead_days",
        "clause",
        "remark",
        "effective_from",
        "effective_to",
    ]
    list_display = ["name", "code", "standing", "tier", "period", "times", "effective_from", "effective_to"]
    list_filter = ["tier", "period", "standing"]
    search_fields = ["name", "code"]
    search_help_text = _("事项的名称或代号")


@admin.register(MeetingTemplateItem)
class MeetingTemplateItemAdmin(ReferenceAdmin):
    """The checklist items that a new meeting starts with; an item no longer used is switched off."""

    list_display = ["text", "kind", "clause", "position", "is_in_use"]
    list_filter = ["kind", "is_in_use"]
    search_fields = ["text"]


@admin.register(Import)
class ImportAdmin(ReadOnlyAdmin):
    """The imported registers: file, uploader and result; read-only."""

    fields = ["kind", "name", "state", "progress", "total", "by", "at", "committed_at"]
    list_display = ["name", "state", "total", "by", "at", "committed_at"]
    list_filter = ["kind", "state"]
    search_fields = ["kind", "name", "by__name"]

    def get_queryset(self, request):
        return super().get_queryset(request).defer("report")
