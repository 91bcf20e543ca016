"""The table of holidays in the admin site, for audited corrections."""

from django.contrib import admin

from accounts.admin_base import CorrectionAdmin, ReferenceAdmin
from reminders.calendar.models import HolidayNotice, HolidayOverride


@admin.register(HolidayOverride)
class HolidayOverrideAdmin(ReferenceAdmin):
    list_display = ["date", "is_working", "name", "notice", "note"]
    list_filter = ["is_working", "name"]
    search_fields = ["name", "notice", "note"]
    date_hierarchy = "date"
    readonly_fields = ["created_by", "created_at", "updated_at"]

    def get_readonly_fields(self, request, obj=None):
        """The date of an existing row cannot be changed: another day is another row."""
        return [*self.readonly_fields, "date"] if obj else self.readonly_fields

    def save_model(self, request, obj, form, change):
        if not change:
            obj.created_by = request.user
        super().save_model(request, obj, form, change)


@admin.register(HolidayNotice)
class HolidayNoticeAdmin(CorrectionAdmin):
    list_display = ["number", "year", "covers_year", "saved_by", "saved_at"]
    list_filter = ["covers_year"]
    search_fields = ["number", "text"]
    readonly_fields = ["saved_by", "saved_at"]

    def save_model(self, request, obj, form, change):
        obj.saved_by = request.user
        super().save_model(request, obj, form, change)
